package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/money"
)

// priceRow is one price at one shop, before and after.
type priceRow struct {
	ProductID   int64  `json:"productId"`
	Code        string `json:"productCode"`
	Name        string `json:"productName"`
	ShopID      int64  `json:"shopId"`
	Was         string `json:"was"`
	WasMember   string `json:"wasMember"`
	Price       string `json:"price"`
	MemberPrice string `json:"memberPrice"`
	Result      string `json:"result"` // one of those below
	Reason      string `json:"reason,omitempty"`
}

// What becomes of a change.
const (
	changed     = "changed"
	same        = "same"      // HQ had these prices before
	unchanged   = "unchanged" // HQ still has the old ones
	unknown     = "unknown"   // HQ could not be asked afterwards
	wouldChange = "would change"
)

// wanted is a price to be.
type wanted struct {
	price     money.Fen
	member    money.Fen
	hasMember bool
}

func parseWanted(price, member string) (w wanted, err error) {
	if w.price, err = money.ParseFen(price); err != nil || w.price <= 0 {
		return w, fmt.Errorf("%q is no price: yuan with at most two decimals, more than 0", price)
	}
	if member != "" {
		if w.member, err = money.ParseFen(member); err != nil || w.member < 0 {
			return w, fmt.Errorf("%q is no member price: yuan with at most two decimals", member)
		}
		w.hasMember = true
	}
	return w, nil
}

// over is the row with the new prices in it.
func (w wanted) over(p hq.Product) hq.Product {
	p.Price = app.Yuan(w.price)
	if w.hasMember {
		p.MemberPrice = app.Yuan(w.member)
	}
	return p
}

func (w wanted) is(p hq.Product) bool {
	want := w.over(p)
	return p.Price.Present && p.Price.Equal(want.Price.Decimal) && p.MemberPrice.Equal(want.MemberPrice.Decimal)
}

func newRow(before hq.Product, w wanted) priceRow {
	after := w.over(before)
	return priceRow{
		ProductID: int64(before.ProductID), Code: string(before.ProductCode), Name: string(before.ProductName), ShopID: int64(before.ShopID),
		Was: before.Price.StringFixed(2), WasMember: before.MemberPrice.StringFixed(2),
		Price: after.Price.StringFixed(2), MemberPrice: after.MemberPrice.StringFixed(2),
	}
}

// judged says what became of a change: what HQ has now counts, not its answer.
func (r priceRow) judged(now hq.Product, readErr, sendErr error, w wanted) priceRow {
	switch {
	case readErr != nil:
		r.Result, r.Reason = unknown, readErr.Error()
	case w.is(now):
		r.Result = changed
	case sendErr != nil:
		r.Result, r.Reason = unchanged, sendErr.Error()
	default:
		r.Result, r.Reason = unchanged, "HQ said yes, and still has "+now.Price.StringFixed(2)+"."
	}
	return r
}

func (c *call) priceRows(rows []priceRow) (int, error) {
	code := Done
	for _, r := range rows {
		switch r.Result {
		case unknown:
			code = Unresolved
		case unchanged:
			code = max(code, RefusedExit)
		}
	}
	return c.report(code, rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%s  %s  shop %d  %s → %s  member %s → %s  %s %s\n", r.Code, r.Name, r.ShopID, r.Was, r.Price, r.WasMember, r.MemberPrice, r.Result, r.Reason)
		}
	})
}

func priceSet(ctx context.Context, c *call) (int, error) {
	set := newFlags("price set")
	product := set.Int64("product", 0, "")
	price, member := set.String("price", "", ""), set.String("member", "", "")
	var shops ids
	set.Var(&shops, "shop", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *product <= 0 || *price == "" {
		return 0, usage("price set takes --product ID and --price P")
	}
	w, err := parseWanted(*price, *member)
	if err != nil {
		return 0, usage("%v", err)
	}
	if len(shops) > 0 && !w.hasMember {
		return 0, usage("one price for several shops needs --member as well: HQ would take a missing one for 0")
	}
	t, client, err := c.asHQ(ctx, access.Prices)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if len(shops) > 0 {
		return c.unify(ctx, t, client, *product, w, shops)
	}
	before, err := client.GetByProductID(ctx, *product)
	if err != nil {
		return 0, err
	}
	row := newRow(before, w)
	if w.is(before) {
		row.Result = same
		return c.priceRows([]priceRow{row})
	}
	if err := note(ctx, t, row); err != nil {
		return 0, err
	}
	sendErr := client.ChangePrice(ctx, w.over(before))
	if notSent(sendErr) {
		return 0, sendErr
	}
	now, readErr := client.GetByProductID(ctx, *product)
	return c.priceRows([]priceRow{row.judged(now, readErr, sendErr, w)})
}

// notSent reports that HQ has not heard of a change.
func notSent(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Invalid || k == fault.Unreachable || k == fault.Credentials)
}

func note(ctx context.Context, t *app.Till, r priceRow) error {
	return t.Note(ctx, "hq.price", fmt.Sprintf("%s %s shop %d", r.Code, r.Name, r.ShopID),
		fmt.Sprintf("%s → %s, member %s → %s", r.Was, r.Price, r.WasMember, r.MemberPrice))
}

// unify sets one price in several shops at once.
func (c *call) unify(ctx context.Context, t *app.Till, client *hq.Client, product int64, w wanted, shops ids) (int, error) {
	before, err := shopPrices(ctx, client, product)
	if err != nil {
		return 0, err
	}
	var rows []priceRow
	for _, id := range shops {
		p, ok := before[id]
		if !ok {
			return 0, fault.New(fault.Invalid, "price.no_shop", "Shop {shop} does not have product {product}; nothing was changed. `cashierctl shop list --product {product}` shows which do.", "shop", strconv.FormatInt(id, 10), "product", strconv.FormatInt(product, 10))
		}
		row := newRow(p, w)
		row.ShopID = id
		rows = append(rows, row)
		if err := note(ctx, t, row); err != nil {
			return 0, err
		}
	}
	sendErr := client.UnifyChangePrice(ctx, hq.UnifiedPrice{ShopIDs: shops, ProductID: product, Price: app.Yuan(w.price), MemberPrice: app.Yuan(w.member)})
	if notSent(sendErr) {
		return 0, sendErr
	}
	now, readErr := shopPrices(ctx, client, product)
	for i, id := range shops {
		rows[i] = rows[i].judged(now[id], readErr, sendErr, w)
	}
	return c.priceRows(rows)
}

// shopPrices is a product's row in each shop that has it.
func shopPrices(ctx context.Context, client *hq.Client, product int64) (map[int64]hq.Product, error) {
	shops, err := client.ShopList(ctx, product)
	if err != nil {
		return nil, err
	}
	prices := map[int64]hq.Product{}
	for _, s := range shops {
		for _, p := range s.Products {
			if int64(p.ProductID) == product {
				prices[int64(s.ID)] = p
			}
		}
	}
	return prices, nil
}

// importChunk is how many prices go to HQ in one call: it answers once for all.
const importChunk = 100

// maxImport bounds a file that is read whole.
const maxImport = 32 << 20

func priceImport(ctx context.Context, c *call) (int, error) {
	set := newFlags("price import")
	dry := set.Bool("dry-run", false, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	file, err := os.Open(words[0])
	if err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "import.unreadable", "{file} cannot be read: {why}.", "file", words[0], "why", err.Error())
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, maxImport+1))
	if err != nil || len(raw) > maxImport {
		return 0, fault.Wrap(err, fault.Invalid, "import.unreadable", "{file} cannot be read: {why}.", "file", words[0], "why", "it is too large, or the disk failed")
	}
	t, client, err := c.asHQ(ctx, access.Prices)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	wants, order, err := readPrices(raw, t)
	if err != nil {
		return 0, err
	}
	var rows []priceRow
	for len(order) > 0 {
		n := min(importChunk, len(order))
		done, err := c.importSome(ctx, t, client, order[:n], wants, *dry)
		rows, order = append(rows, done...), order[n:]
		if err != nil {
			fmt.Fprintf(c.Err, "cashierctl: %d products were not reached: %s\n", len(order)+n-len(done), err)
			if len(rows) == 0 {
				return 0, err
			}
			code, perr := c.priceRows(rows)
			return max(code, RefusedExit), perr
		}
	}
	return c.priceRows(rows)
}

func (c *call) importSome(ctx context.Context, t *app.Till, client *hq.Client, products []int64, wants map[int64]wanted, dry bool) ([]priceRow, error) {
	before, err := byProduct(ctx, client, products)
	if err != nil {
		return nil, err
	}
	var rows []priceRow
	var send []hq.Product
	var at []int
	for _, id := range products {
		p, ok := before[id]
		w := wants[id]
		if !ok {
			rows = append(rows, priceRow{ProductID: id, Result: unchanged, Reason: "HQ does not have it in this shop."})
			continue
		}
		row := newRow(p, w)
		switch {
		case w.is(p):
			row.Result = same
		case dry:
			row.Result = wouldChange
		default:
			if err := note(ctx, t, row); err != nil {
				return rows, err
			}
			send, at = append(send, w.over(p)), append(at, len(rows))
		}
		rows = append(rows, row)
	}
	if len(send) == 0 {
		return rows, nil
	}
	sendErr := client.ChangePrices(ctx, send)
	if notSent(sendErr) {
		return nil, sendErr
	}
	now, readErr := byProduct(ctx, client, products)
	for _, i := range at {
		id := rows[i].ProductID
		rows[i] = rows[i].judged(now[id], readErr, sendErr, wants[id])
	}
	return rows, nil
}

func byProduct(ctx context.Context, client *hq.Client, products []int64) (map[int64]hq.Product, error) {
	found, err := client.ListByProductIDs(ctx, products)
	if err != nil {
		return nil, err
	}
	by := map[int64]hq.Product{}
	for _, p := range found {
		by[int64(p.ProductID)] = p
	}
	return by, nil
}

// readPrices reads a CSV of UTF-8 or GB18030 whose first line names its
// columns: productId or productCode (货号), price, memberPrice.
func readPrices(raw []byte, t *app.Till) (map[int64]wanted, []int64, error) {
	bad := func(line int, why string) error {
		return fault.New(fault.Invalid, "import.bad_row", "Line {line}: {why}. Nothing was sent; mend the file and import it again.", "line", strconv.Itoa(line), "why", why)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			return nil, nil, bad(1, "the file is neither UTF-8 nor GB18030")
		}
		raw = text
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, nil, bad(1, "the file has no first line with the columns' names")
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	cell := func(record []string, names ...string) string {
		for _, n := range names {
			if i, ok := column[n]; ok && i < len(record) && strings.TrimSpace(record[i]) != "" {
				return strings.TrimSpace(record[i])
			}
		}
		return ""
	}
	wants, order := map[int64]wanted{}, []int64(nil)
	for line := 2; ; line++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, bad(line, "it is not CSV")
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		id, err := importID(t, cell(record, "productid", "商品id"), cell(record, "productcode", "货号"))
		if err != nil {
			return nil, nil, bad(line, err.Error())
		}
		w, err := parseWanted(cell(record, "price", "价格"), cell(record, "memberprice", "会员价"))
		if err != nil {
			return nil, nil, bad(line, err.Error())
		}
		if _, twice := wants[id]; twice {
			return nil, nil, bad(line, "this product stands in the file twice")
		}
		wants[id], order = w, append(order, id)
	}
	if len(order) == 0 {
		return nil, nil, bad(2, "the file names no product")
	}
	return wants, order, nil
}

func importID(t *app.Till, id, code string) (int64, error) {
	if id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n <= 0 {
			return 0, fmt.Errorf("%q is no product id", id)
		}
		return n, nil
	}
	if code == "" {
		return 0, fmt.Errorf("neither productId nor productCode is given")
	}
	p, err := oneProduct(t.Catalog.Index(), code)
	return p.ProductID, err
}
