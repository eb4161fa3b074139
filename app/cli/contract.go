package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// contract is one remote contract as the `call` commands need it.
type contract struct {
	name    string
	actions func() []wire.Action
	client  func(t *app.Till) (remote, error)
}

// remote is a client that can be asked by the names of its actions.
type remote interface {
	Call(ctx context.Context, action string, args []wire.Arg) (wire.Said, error)
	Check(action string, args []wire.Arg) error
}

var remotes = []contract{
	{"hq", hq.Actions, func(t *app.Till) (remote, error) { return t.HQ() }},
	{"liantuofu", liantuofu.Actions, func(t *app.Till) (remote, error) { return t.Liantuofu() }},
	{"zvcms", zvcms.Actions, func(t *app.Till) (remote, error) { return t.Zvcms() }},
}

func hqCall(ctx context.Context, c *call) (int, error)        { return c.callAction(ctx, remotes[0]) }
func liantuofuCall(ctx context.Context, c *call) (int, error) { return c.callAction(ctx, remotes[1]) }
func zvcmsCall(ctx context.Context, c *call) (int, error)     { return c.callAction(ctx, remotes[2]) }

// callAction does one action as it is, for diagnosis. What a sale of this till
// would record is not recorded; the audit trail has that a person did it.
func (c *call) callAction(ctx context.Context, r contract) (int, error) {
	a, args, qr, err := c.chosen(r)
	if err != nil {
		return 0, err
	}
	t, err := c.openFor(ctx, a)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	client, err := r.client(t)
	if err != nil {
		return 0, err
	}
	if a.Guarded {
		// Whatever is wrong is said before a person is asked to confirm it.
		if err := client.Check(a.Name, args); err != nil {
			return 0, err
		}
		if err := ownPayment(ctx, t, args); err != nil {
			return 0, err
		}
	}
	if qr != "" {
		return c.precreate(ctx, t, r, a, args, qr)
	}
	if a.Guarded {
		if err := c.guard(ctx, t, r, a, args); err != nil {
			return 0, err
		}
	}
	said, err := client.Call(ctx, a.Name, args)
	if err != nil {
		return 0, err
	}
	return c.tell(a, said)
}

// chosen is the action of the command line, its arguments, and the file for a
// QR picture.
func (c *call) chosen(r contract) (a wire.Action, args []wire.Arg, qr string, err error) {
	set := newFlags(r.name + " call")
	set.StringVar(&qr, "qr", "", "")
	words, err := c.flags(set, -1)
	if err != nil {
		return a, nil, "", err
	}
	if len(words) == 0 {
		return a, nil, "", usage("%s call takes an ACTION: %s", r.name, strings.Join(names(r), ", "))
	}
	if args, err = arguments(words[1:]); err != nil {
		return a, nil, "", err
	}
	actions := r.actions()
	i := slices.IndexFunc(actions, func(a wire.Action) bool { return a.Name == words[0] })
	if i < 0 {
		return a, nil, "", usage("%s has no action %q; it has %s", r.name, words[0], strings.Join(names(r), ", "))
	}
	if a = actions[i]; qr != "" && a.Name != "precreate" {
		return a, nil, "", usage("--qr goes with `liantuofu call precreate`")
	}
	return a, args, qr, c.askSecrets(a, args)
}

// tell prints a reply; the exit code says what it proves.
func (c *call) tell(a wire.Action, said wire.Said) (int, error) {
	code := Done
	switch said.Outcome {
	case wire.Done:
	case wire.Refused:
		code = RefusedExit
	case wire.Open:
		code = Unresolved
		fmt.Fprintln(c.Err, "cashierctl: The answer does not tell whether it was done. Do not repeat it; look up the result first.")
	}
	return c.report(code, saidView(a, said), func(w io.Writer) {
		fmt.Fprintf(w, "HTTP %d, %s\n%s\n", said.HTTPStatus, said.Outcome, said.Body)
	})
}

// askSecrets reads secrets from standard input, a line each where NAME=-: what
// stands in a command line is seen by other processes and kept by shells.
func (c *call) askSecrets(a wire.Action, args []wire.Arg) error {
	for i, arg := range args {
		at := slices.IndexFunc(a.Fields, func(f wire.Field) bool { return f.Name == arg.Name })
		if at < 0 || !a.Fields[at].Secret || a.Fields[at].Single {
			continue
		}
		if arg.Value != "-" {
			return usage("%s is a secret: write %s=- and give it as one line on standard input", arg.Name, arg.Name)
		}
		value, err := c.line()
		if err != nil {
			return err
		}
		args[i].Value = value
	}
	return nil
}

func saidView(a wire.Action, said wire.Said) any {
	body := any(said.Body)
	if json.Valid([]byte(said.Body)) {
		body = json.RawMessage(said.Body)
	}
	return map[string]any{"action": a.Name, "httpStatus": said.HTTPStatus, "outcome": said.Outcome.String(), "body": body}
}

// openFor takes the folder only for what is written into its audit trail.
func (c *call) openFor(ctx context.Context, a wire.Action) (*app.Till, error) {
	if a.Guarded {
		return c.write(ctx)
	}
	return c.read(ctx)
}

// ownDays is how far back a payment is looked for by its provider's number.
const ownDays = 30

// ownPayment refuses a deed about a payment that stands in this till's books:
// its money would move and the books would not know. Gateways may overlook case
// and blanks, and so does the search.
func ownPayment(ctx context.Context, t *app.Till, args []wire.Arg) error {
	var about []string
	for _, a := range args {
		switch a.Name {
		case "outTradeNo", "outTransactionId", "refundNo", "bizId":
			if no := strings.TrimSpace(a.Value); no != "" {
				about = append(about, no)
			}
		}
	}
	if len(about) == 0 {
		return nil
	}
	for _, no := range about {
		s, err := t.Ledger.SaleByKey(ctx, no)
		if err == nil {
			return isOwn(s, no, no)
		}
		if fault.CodeOf(err) != "leg.unknown" {
			return err
		}
	}
	sales, err := t.Ledger.Sales(ctx, time.Now().AddDate(0, 0, -ownDays), 0)
	if err != nil {
		return err
	}
	for _, s := range sales {
		for _, l := range s.Legs {
			for _, no := range about {
				if strings.EqualFold(no, l.Key) || l.ProviderNo != "" && strings.EqualFold(no, l.ProviderNo) {
					return isOwn(s, l.Key, no)
				}
			}
		}
	}
	return nil
}

func isOwn(s checkout.Sale, key, number string) error {
	return fault.New(fault.Refused, "call.own_payment",
		"{number} belongs to sale {sale} of this till; nothing was sent, since the books would not know of it. `cashierctl pay status {key}` shows the payment; `pay query`, `pay cancel`, `pay refund` and `pay resolve` work on it, `sale tender`, `sale refund` and `sale void` on its sale.",
		"number", number, "sale", s.ID, "key", key)
}

// guard lets a person with the right confirm an action that others will feel.
func (c *call) guard(ctx context.Context, t *app.Till, r contract, a wire.Action, args []wire.Arg) error {
	if err := t.Actor().Demand(access.Diagnostics); err != nil {
		return err
	}
	warning := "`" + a.Name + "` is not part of a sale of this till and will not be in its books."
	word := a.Name
	if a.Name == hq.ActionDeleteAll {
		name, err := shopName(ctx, t)
		if err != nil {
			return err
		}
		warning, word = "`deleteall` removes ALL products of ALL shops at HQ: it knows no shop.", name
	}
	if err := c.confirm(warning, word); err != nil {
		return err
	}
	if err := t.Note(ctx, r.name+".call", a.Name, a.Describe(args)); err != nil {
		return err
	}
	return onceOnly(ctx, t, a, args)
}

// onceOnly lets a number of a payment be used once: a second one with the same
// would be another payment, or none.
func onceOnly(ctx context.Context, t *app.Till, a wire.Action, args []wire.Arg) error {
	var key string
	switch a.Name {
	case "pay", "precreate":
		key = valueOf(args, "outTradeNo")
	case zvcms.ActionConsume:
		key = valueOf(args, "bizId")
	}
	if key == "" {
		return nil
	}
	used, err := t.Ledger.Noted(ctx, "call.key", key)
	switch {
	case err != nil:
		return err
	case used:
		return fault.New(fault.Refused, "call.key_used", "The number {key} was used for a payment from here before; nothing was sent. Ask what became of that one, or choose another number.", "key", key)
	}
	return t.Note(ctx, "call.key", key, a.Name)
}

func valueOf(args []wire.Arg, name string) string {
	for _, a := range args {
		if a.Name == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// shopName is this shop as HQ calls it.
func shopName(ctx context.Context, t *app.Till) (string, error) {
	c, err := t.HQ()
	if err != nil {
		return "", err
	}
	page, err := c.List(ctx, hq.ListQuery{PageSize: 1})
	if err != nil {
		return "", err
	}
	name := strings.TrimSpace(t.Settings.Get("shop.name"))
	if len(page.Data) > 0 && int64(page.Data[0].ShopID) == t.Settings.Int("hq.shop_id") {
		name = cmp.Or(strings.TrimSpace(string(page.Data[0].ShopName)), name)
	}
	if name == "" {
		return "", fault.New(fault.Invalid, "confirm.no_name", "HQ does not say what this shop is called, so nobody can confirm it; set shop.name.")
	}
	return name, nil
}

// confirm asks a person to type a word.
func (c *call) confirm(warning, word string) error {
	fmt.Fprintf(c.Err, "cashierctl: %s\nType %s to go on: ", warning, word)
	typed, err := c.line()
	if err != nil {
		return err
	}
	if typed != word {
		return fault.New(fault.Refused, "confirm.declined", "It was not confirmed; nothing was done. Type “{word}” on standard input to confirm.", "word", word)
	}
	return nil
}

// line is the next line of standard input, without its end.
func (c *call) line() (string, error) {
	if c.in == nil {
		c.in = bufio.NewReader(io.LimitReader(c.In, 1<<20))
	}
	text, err := c.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fault.Wrap(err, fault.Invalid, "input.failed", "Standard input could not be read: {why}.", "why", err.Error())
	}
	return strings.TrimRight(text, "\r\n"), nil
}

func arguments(words []string) ([]wire.Arg, error) {
	var args []wire.Arg
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, usage("%q is no NAME=VALUE", w)
		}
		args = append(args, wire.Arg{Name: name, Value: value})
	}
	return args, nil
}

func names(r contract) []string {
	var all []string
	for _, a := range r.actions() {
		all = append(all, a.Name)
	}
	return all
}

// contracts lists what there is to call.
func contracts(_ context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("contracts"), 0); err != nil {
		return 0, err
	}
	type field struct {
		Name     string `json:"name"`
		Required bool   `json:"required"`
	}
	type action struct {
		Contract string  `json:"contract"`
		Action   string  `json:"action"`
		Method   string  `json:"method"`
		Path     string  `json:"path"`
		Writes   bool    `json:"writes"`
		Guarded  bool    `json:"guarded"`
		Fields   []field `json:"fields"`
	}
	all := []action{}
	for _, r := range remotes {
		for _, a := range r.actions() {
			fields := []field{}
			for _, f := range a.Fields {
				fields = append(fields, field{f.Name, f.Required})
			}
			all = append(all, action{r.name, a.Name, a.Method, a.Path, bool(a.Effect), a.Guarded, fields})
		}
	}
	return Done, c.print(all, func(w io.Writer) {
		for _, a := range all {
			fmt.Fprintf(w, "%s call %s", a.Contract, a.Action)
			for _, f := range a.Fields {
				if f.Required {
					fmt.Fprintf(w, " %s=", f.Name)
				} else {
					fmt.Fprintf(w, " [%s=]", f.Name)
				}
			}
			if a.Guarded {
				fmt.Fprint(w, "  (asks first)")
			}
			fmt.Fprintln(w)
		}
	})
}
