package cli

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"cashier/app"
	"cashier/services/fault"
)

// Exit codes. They are part of the program's contract.
const (
	Done        = 0
	RefusedExit = 1 // refused, with the reason
	Usage       = 2 // the words are wrong
	Unresolved  = 3 // money whose outcome is not known: it is in the tray
	NotReached  = 4 // not reachable, nothing happened
)

// IO is where a command reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// Options are what a test or a crash build may change.
type Options struct {
	TimerDiv int // divides every wait of the payment path; 0: as they are
	Hook     func(point string)

	VaultCost int // of a vault file written anew; 0: vault.DefaultCost
}

type call struct {
	IO
	options Options
	dir     string
	json    bool
	staff   string // who acts, as --staff says
	words   string // the command
	args    []string
	in      *bufio.Reader
	trouble sync.Once // a disk that does not write is spoken of once
	qr      sync.Once // a QR code is shown once

	mu   sync.Mutex
	left map[string]bool // sales an earlier process left open, whose end is yet to be said
}

type command struct {
	words string // as typed: "sale ring"
	args  string // as shown in the help
	does  string
	run   func(context.Context, *call) (int, error)
}

func commands() []command {
	return []command{
		{"config get", "[KEY]", "show the settings", configGet},
		{"config set", "KEY VALUE", "change a setting; an empty VALUE brings the default back", configSet},
		{"secret set", "KEY", "keep a secret: one line from standard input", secretSet},
		{"secret adopt", "--reason TEXT", "sell on with another vault, when the one of these books is lost for good", secretAdopt},
		{"sync reset-download", "", "have every till of the tenant read everything again; asks first", syncReset},
		{"sync held", "", "what the last sync set aside or held, and why", syncHeld},
		{"sync accept", "--product ID …|--all --reason TEXT", "accept changes of price that are held, and sync", syncAccept},
		{"sync stock", "", "bring the stock in step with HQ", syncStock},
		{"sync", "[--full]", "bring the prices in step with HQ; --full accepts whatever is held", syncPrices},
		{"product find", "QUERY [--limit N]", "search by name, pinyin, initials or 货号", productFind},
		{"product show", "ID|CODE", "one product", productShow},
		{"product add", "--product ID …|--class ID [--shop ID …]", "let shops sell products of HQ's", productAdd},
		{"product remove", "--product ID …", "take products out of this shop; asks first", productRemove},
		{"price set", "--product ID --price P [--member M] [--shop ID …]", "change a price at HQ", priceSet},
		{"price import", "FILE [--dry-run] [--name TEXT] [--at TIME] [--map FIELD=COLUMN …] [--allow GUARD …]", "change prices from an Excel or CSV file: productId or productCode, price, memberPrice", priceImport},
		{"price export", "FILE [--class NAME]", "this till's prices as an Excel (.xlsx) or CSV file, as price import takes it", priceExport},
		{"price adjust", "--product ID …|--class NAME … --percent P|--add Y|--price P [--member M|same] [--round .0|.5|.9] [--direction nearest|up|down] [--dry-run] [--name TEXT] [--at TIME] [--allow GUARD …]", "change many prices by one rule", priceAdjust},
		{"price batch list", "[--limit N]", "the batches of prices, newest first", batchList},
		{"price batch show", "ID", "one batch, row by row", batchShow},
		{"price batch send", "ID", "send a batch now, or go on with it", batchSend},
		{"price batch cancel", "ID", "take back what has not been sent", batchCancel},
		{"price batch undo", "ID [--name TEXT]", "bring back the prices that a batch has changed", batchUndo},
		{"price batch resolve", "ID --row N …|--all --keep|--apply", "decide rows in conflict, unknown or unchanged: HQ's price, or ours", batchResolve},
		{"price log", "--product ID", "HQ's record of a product's prices", priceLog},
		{"price history", "[--product ID|CODE] [--since DATE] [--limit N]", "what products cost at this till, and since when", priceHistory},
		{"stock list", "[--class ID|NAME] [--keyword TEXT] [--limit N]", "stock and cost, from HQ", stockList},
		{"shop list", "--product ID", "the shops that have a product, from HQ", shopList},
		{"weixin app get", "", "the app id at HQ", weixinAppGet},
		{"weixin app set", "--id ID", "change it; its secret is one line from standard input", weixinAppSet},
		{"weixin card get", "", "the member-card page at HQ", weixinCardGet},
		{"weixin card set", "[--logo URL] [--background URL] [--phone P] [--prerogative T] [--description T]", "change it", weixinCardSet},
		{"hq classes", "[--from 1] [--to 100] [--save]", "find HQ's class ids by asking for each", hqClasses},
		{"hq call", "ACTION [NAME=VALUE …]", "one action of HQ's, for diagnosis", hqCall},
		{"liantuofu call", "ACTION [NAME=VALUE …] [--qr FILE]", "one action of the payment gateway's", liantuofuCall},
		{"zvcms call", "ACTION [NAME=VALUE …]", "one action of the member gateway's", zvcmsCall},
		{"contracts", "", "every action of every contract, with its parameters", contracts},
		{"sale ring", "--line CODE[*QTY|@KG] … --tender cash=AMOUNT|other=AMOUNT:REASON|code=AUTHCODE|qr|card=CODE[*COUNT]|member=ID:AMOUNT|coupon=CODE …", "a whole sale", saleRing},
		{"sale tender", "SALEID --tender …", "go on with a sale that is not paid in full", saleTender},
		{"sale void", "SALEID --reason TEXT", "give such a sale up: what was paid is given back first", saleVoid},
		{"sale refund", "SALEID|RECEIPTNO --line N[*QTY|@KG] …|--all [--cash] --reason TEXT", "give goods back to the tenders that paid; of a refund that was begun, --all gives the rest", saleRefund},
		{"consume", "--customer ID [--amount A] [--points N] [--coupon ID …] | --code SCANNED …", "take from a member's account", consume},
		{"redeem times-card", "CODE [--count N]", "take times off a card", redeemTimesCard},
		{"pay status", "KEY", "one payment, as the till knows it", payStatus},
		{"pay query", "KEY", "ask the provider about one payment now", payQuery},
		{"pay cancel", "KEY", "give up a payment that is still open", payCancel},
		{"pay refund", "KEY [--amount A] [--reason TEXT]", "give money of one payment back", payRefund},
		{"pay resolve", "KEY --as PAID|REVERSED|REJECTED|--cash --reason TEXT", "settle by hand a payment in state MANUAL, or late money: REVERSED went back, PAID stays, --cash was squared in cash", payResolve},
		{"settle", "[--wait 90s]", "work on every open payment until nothing automatic is left", settle},
		{"reconcile", "[--from DATE] [--to DATE]", "hold Liantuofu's bill against the books; changes nothing", reconcileBill},
		{"upload list", "[--state waiting|parked|done|all] [--limit N]", "what HQ has not been told of the sales, and what it refused", uploadList},
		{"upload send", "[--dry-run]", "report the sales to HQ now; --dry-run shows what would be sent", uploadSend},
		{"upload retry", "SALEID|all", "send again what HQ refused", uploadRetry},
		{"upload accept", "SALEID --reason TEXT", "HQ has it, though it refused it: a person has looked", uploadAccept},
		{"journal list", "[--since DATE] [--limit N]", "what happened", journalList},
		{"journal show", "SALEID|KEY", "one sale", journalShow},
		{"verify", "", "check the books and the second journal: invariants, audit chain, integrity", verify},
		{"backup list", "[--check]", "the backups of this till, newest first", backupList},
		{"backup", "[--to DIR]", "copy the books now, and check the copy", backupNow},
		{"restore", "FILE [--journal DIR|--no-journal] | --confirm-reconciled --reason TEXT", "bring the books back from a backup and the second journal", restore},
		{"staff list", "[--all]", "who works here; --all also who no longer does", staffList},
		{"staff add", "--name NAME --role staff|cashier|manager|owner", "a new person; the new PIN is one line from standard input", staffAdd},
		{"staff set", "ID [--name NAME] [--role ROLE]", "change a person", staffSet},
		{"staff pin", "ID", "give a person, or oneself, another PIN: one line from standard input", staffPIN},
		{"staff badge", "ID [--none]", "tie a badge to a person: its code is one line from standard input; --none takes it away", staffBadge},
		{"staff remove", "ID", "end a person's time here", staffRemove},
		{"staff unlock", "ID", "forget the wrong PINs of a person", staffUnlock},
		{"device list", "", "the devices that are set up, the ports, and what scales can speak", deviceList},
		{"device watch", "scale|scanner [--for 30s] [--port P] [--protocol NAME] [--baud N] [--unit U]", "what a device sends, as bytes and as it is understood", deviceWatch},
		{"device test", "printer|drawer|scale|display [--for 30s] [--target T] [--width 58|80] [--via V] [--port P] [--protocol NAME] [--unit U]", "print a test page, open the drawer, weigh, show an amount", deviceTest},
		{"doctor", "", "check everything around the till", doctor},
		{"diagnose", "--out FILE", "a zip for support: logs, settings, the doctor's report and versions, without secrets", diagnose},
		{"simulate", "[--tier core|services] [--store sqlite] [--seeds N] [--first S] [--seed S] [--mutants|--mutant NAME] [--coverage]", "try the payment path out on random faults", runSimulation},
		{"bench", "[--products 1000,10000,100000] [--only P1,P2,…] [--seed S] [--out DIR] [--cashier PROGRAM] [--profile DIR]", "measure the till over growing shops; --out writes the table and the chart into documents", runBench},
		{"demo-shop", "--products N [--pictures M] --seed S --out DIR", "make a shop for hqsim; its pictures are a few hundred, or M different ones", demoShop},
	}
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, args []string, std IO, o Options) int {
	// A reader that goes away must not end the process in the middle of a
	// payment; the write then fails like any other.
	signal.Ignore(syscall.SIGPIPE)
	log.SetOutput(app.StandardLog(std.Err))
	std.Err = &oneAtATime{w: std.Err}
	c := &call{IO: std, options: o}
	rest, err := c.globals(args)
	if err != nil {
		return c.fail(err)
	}
	if len(rest) == 0 || rest[0] == "help" || slices.ContainsFunc(rest, func(a string) bool { return a == "-h" || a == "--help" }) {
		c.help()
		if len(rest) == 0 {
			return Usage
		}
		return Done
	}
	for _, cmd := range commands() {
		words := strings.Fields(cmd.words)
		if len(rest) >= len(words) && slices.Equal(rest[:len(words)], words) {
			c.words, c.args = cmd.words, rest[len(words):]
			code, err := cmd.run(ctx, c)
			if err != nil {
				return c.fail(err)
			}
			return code
		}
	}
	return c.fail(usage("there is no command %q; `cashierctl help` lists them", strings.Join(rest[:min(2, len(rest))], " ")))
}

// globals takes --data, --staff and --json out of the line, wherever they stand.
func (c *call) globals(args []string) (rest []string, err error) {
	for i := 0; i < len(args); i++ {
		switch name, value, given := strings.Cut(args[i], "="); {
		case args[i] == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case name == "--json" || name == "-json":
			c.json = !given || value == "true"
		case name == "--staff" || name == "-staff":
			if !given {
				if i++; i < len(args) {
					value = args[i]
				}
			}
			if value == "" {
				return nil, usage("--staff needs the number of who acts")
			}
			c.staff = value
		case name == "--data" || name == "-data":
			if !given {
				if i++; i >= len(args) {
					return nil, usage("--data needs a folder")
				}
				value = args[i]
			}
			if value == "" {
				return nil, usage("--data needs a folder, not an empty name")
			}
			c.dir = value
		default:
			rest = append(rest, args[i])
		}
	}
	if c.dir == "" {
		c.dir, err = app.DefaultDir()
	}
	return rest, err
}

func (c *call) help() {
	fmt.Fprintln(c.Err, "cashierctl [--data DIR] [--staff ID] [--json] COMMAND")
	fmt.Fprintln(c.Err)
	for _, cmd := range commands() {
		fmt.Fprintf(c.Err, "  %s %s\n        %s\n", cmd.words, cmd.args, cmd.does)
	}
	fmt.Fprintln(c.Err, "\nOnce staff are set up, whoever acts names himself with --staff ID and gives the PIN as the first line of standard input or in "+PINEnv+".")
	fmt.Fprintln(c.Err, "\nExit: 0 done, 1 refused, 2 wrong usage, 3 money unresolved, 4 not reachable and nothing happened.")
}

func usage(format string, args ...any) error {
	return fault.New(fault.Invalid, "usage", fmt.Sprintf(format, args...))
}

// fail says what is wrong on standard error, and as a document where one was
// asked for.
func (c *call) fail(err error) int {
	message, code := words(err)
	if c.json {
		_ = encode(c.Out, map[string]any{"error": map[string]string{"code": code, "message": message}})
	}
	return c.complain(err)
}

// complain says what is wrong on standard error alone, for a command that has a
// document of its own to print.
func (c *call) complain(err error) int {
	message, code := words(err)
	fmt.Fprintln(c.Err, "cashierctl: "+message)
	switch {
	case code == "usage":
		return Usage
	case fault.KindOf(err) == fault.Unreachable, fault.KindOf(err) == fault.Busy:
		return NotReached
	case fault.KindOf(err) == fault.Unknown:
		return Unresolved
	}
	return RefusedExit
}

func words(err error) (message, code string) {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message, f.Code
	}
	return err.Error(), "internal"
}

// flags parses the rest of the line; flags and words may be mixed. It returns
// the words, of which there must be want (or, below zero, any number).
func (c *call) flags(set *flag.FlagSet, want int) ([]string, error) {
	set.SetOutput(io.Discard)
	var words []string
	args := c.args
	for {
		if err := set.Parse(args); err != nil {
			return nil, usage("%v", err)
		}
		if args = set.Args(); len(args) == 0 {
			break
		}
		words, args = append(words, args[0]), args[1:]
	}
	switch {
	case want < 0 || len(words) == want:
		return words, nil
	case len(words) > want:
		return nil, usage("%q is one word too many; see `cashierctl help`", words[want])
	}
	return nil, usage("a word is missing after the command; see `cashierctl help`")
}

func newFlags(name string) *flag.FlagSet { return flag.NewFlagSet(name, flag.ContinueOnError) }
