package pricing

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/pricing/sheet"
)

// Field is what a column of a price list holds.
type Field string

// The fields. A product is found by its id or else its 货号; the name, class and
// unit are for people.
const (
	FieldID     Field = "productId"
	FieldCode   Field = "productCode"
	FieldName   Field = "productName"
	FieldClass  Field = "productClass"
	FieldUnit   Field = "productUnit"
	FieldPrice  Field = "price"
	FieldMember Field = "memberPrice"
)

// Fields are those that a list is read by.
func Fields() []Field { return []Field{FieldID, FieldCode, FieldName, FieldPrice, FieldMember} }

// names are how people head these columns, in lower case; the first of each is
// what an export writes.
var names = map[Field][]string{
	FieldID:     {"商品id", "productid", "商品编号", "product id", "id"},
	FieldCode:   {"货号", "productcode", "商品编码", "商品货号", "编码", "code", "sku"},
	FieldName:   {"名称", "productname", "商品名称", "品名", "name"},
	FieldClass:  {"分类", "productclass"},
	FieldUnit:   {"单位", "productunit"},
	FieldPrice:  {"售价", "price", "价格", "零售价", "新价", "新售价", "单价", "现价"},
	FieldMember: {"会员价", "memberprice", "会员价格", "新会员价", "member price"},
}

// Columns says which column a field is in, by the column's name.
type Columns map[Field]string

// ParseColumns reads "price=零售价" and the like, as given by a person.
func ParseColumns(pairs []string) (Columns, error) {
	c := Columns{}
	for _, p := range pairs {
		field, name, ok := strings.Cut(p, "=")
		if !ok || strings.TrimSpace(name) == "" || !slices.Contains(Fields(), Field(field)) {
			return nil, fault.New(fault.Invalid, "import.bad_map", "“{text}” does not say which column is what. Write FIELD=COLUMN, with one of {fields}.", "text", p, "fields", fieldNames())
		}
		c[Field(field)] = strings.TrimSpace(name)
	}
	return c, nil
}

func fieldNames() string {
	var all []string
	for _, f := range Fields() {
		all = append(all, string(f))
	}
	return strings.Join(all, ", ")
}

// HeaderKey names a set of column names, by which what they mean is remembered.
func HeaderKey(head []string) string {
	var all []string
	for _, h := range head {
		if h = norm(h); h != "" {
			all = append(all, h)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\x1f")
}

func norm(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Problem is a row that cannot be used, with the fault "import.bad_row", which
// names line and column.
type Problem struct {
	Line   int
	Column string // such as "C 售价"; "" for the whole row
	Why    *fault.Error
}

// List is a table that was read as a price list: the good rows, and what is wrong
// with the others.
type List struct {
	Head     []string
	Columns  Columns // as they were found, or given
	Wanted   []Wanted
	Problems []Problem
}

// Find is the product id of a 货号.
type Find func(code string) (productID int64, err error)

// HeaderRows is how far down a list may name its columns: above are titles.
const HeaderRows = 10

// Header looks for the row that names the columns: the first with a price and a
// product in it, by the names given or by those that are usual.
func Header(t sheet.Table, given Columns) (head sheet.Row, at int, err error) {
	for i, row := range t.Rows[:min(len(t.Rows), HeaderRows)] {
		found := locate(row.Cells, given)
		_, id := found[FieldID]
		_, code := found[FieldCode]
		_, price := found[FieldPrice]
		_, member := found[FieldMember]
		if (id || code) && (price || member) {
			return row, i, nil
		}
	}
	line := 1
	if len(t.Rows) > 0 {
		line = t.Rows[0].Line
	}
	return head, 0, badRow(line, "no row names the columns: one for the product (商品id or 货号) and one for the price (售价) are needed")
}

func locate(cells []string, given Columns) map[Field]int {
	found := map[Field]int{}
	for _, f := range Fields() {
		wanted := names[f]
		if name, ok := given[f]; ok {
			wanted = []string{norm(name)}
		}
		for _, name := range wanted {
			if at := slices.IndexFunc(cells, func(c string) bool { return norm(c) == name }); at >= 0 {
				found[f] = at
				break
			}
		}
	}
	return found
}

// ReadList reads a table as a price list. given may name columns; the others are
// found by their usual names. The error, "import.bad_row", is for a list of which
// nothing can be read; rows that cannot be used are Problems beside the others.
func ReadList(t sheet.Table, given Columns, find Find) (List, error) {
	head, at, err := Header(t, given)
	if err != nil {
		return List{}, err
	}
	r := listReader{head: head, at: locate(head.Cells, given), find: find}
	l := List{Head: head.Cells, Columns: Columns{}}
	for f, column := range r.at {
		name := head.Cell(column)
		if n := countName(head.Cells, name); n > 1 {
			return List{}, badRow(head.Line, fmt.Sprintf("the column “%s” is there %d times", name, n))
		}
		l.Columns[f] = name
	}
	seen := map[int64]int{}
	for _, row := range t.Rows[at+1:] {
		w, column, err := r.wanted(row)
		if err == nil && seen[w.ProductID] > 0 {
			column, err = -1, fmt.Errorf("this product stands in line %d already", seen[w.ProductID])
		}
		if err != nil {
			l.Problems = append(l.Problems, r.problem(row, column, err))
			continue
		}
		seen[w.ProductID] = row.Line
		l.Wanted = append(l.Wanted, w)
	}
	if len(l.Wanted)+len(l.Problems) == 0 {
		return List{}, badRow(head.Line+1, "the list names no product")
	}
	return l, nil
}

func countName(cells []string, name string) (n int) {
	for _, c := range cells {
		if norm(c) == norm(name) {
			n++
		}
	}
	return n
}

func badRow(line int, why string) *fault.Error {
	return fault.New(fault.Invalid, "import.bad_row", "Line {line}: {why}. Nothing was sent; mend the file and import it again.", "line", strconv.Itoa(line), "why", strings.TrimSuffix(why, "."))
}

type listReader struct {
	head sheet.Row
	at   map[Field]int
	find Find
}

func (r listReader) problem(row sheet.Row, column int, err error) Problem {
	p := Problem{Line: row.Line}
	why := err.Error()
	if column >= 0 {
		p.Column = sheet.ColumnName(column) + " " + r.head.Cell(column)
		why = "column " + p.Column + ": " + why
	}
	p.Why = badRow(row.Line, why)
	return p
}

// wanted is a row's price, or in which column it is wrong; -1: in none of them.
func (r listReader) wanted(row sheet.Row) (w Wanted, column int, err error) {
	cell := func(f Field) (string, int) {
		at, ok := r.at[f]
		if !ok {
			return "", -1
		}
		return row.Cell(at), at
	}
	w.FileRow = row.Line
	id, column := cell(FieldID)
	code, codeAt := cell(FieldCode)
	switch w.Code = code; {
	case id != "":
		if w.ProductID, err = wholeNumber(id); err != nil {
			return w, column, err
		}
	case code == "":
		return w, -1, errors.New("neither a product id nor a 货号 is given")
	default:
		if w.ProductID, err = r.byCode(code); err != nil {
			return w, codeAt, err
		}
	}
	price, priceAt := cell(FieldPrice)
	member, memberAt := cell(FieldMember)
	if price == "" && member == "" {
		return w, priceAt, errors.New("there is no price")
	}
	if w.Price, err = amountIn(price); err != nil || w.Price.Valid && !w.Price.Decimal.IsPositive() {
		return w, priceAt, fmt.Errorf("“%s” is no price: yuan with at most two decimals, more than 0", price)
	}
	if w.Member, err = amountIn(member); err != nil || w.Member.Decimal.IsNegative() {
		return w, memberAt, fmt.Errorf("“%s” is no member price: yuan with at most two decimals", member)
	}
	return w, -1, nil
}

// byCode also takes a 货号 that a spreadsheet has made a number of.
func (r listReader) byCode(code string) (int64, error) {
	id, err := r.find(code)
	if err == nil {
		return id, nil
	}
	if n, bad := wholeNumber(code); bad == nil && strconv.FormatInt(n, 10) != code {
		if id, again := r.find(strconv.FormatInt(n, 10)); again == nil {
			return id, nil
		}
	}
	return 0, err
}

func wholeNumber(cell string) (int64, error) {
	d, err := sheet.Number(cell)
	if err != nil || !d.IsInteger() || !d.IsPositive() || !d.BigInt().IsInt64() {
		return 0, fmt.Errorf("“%s” is no product id", cell)
	}
	return d.IntPart(), nil
}

// amountIn is a cell in yuan; "" is none. ¥, 元 and separators of thousands are
// how people write amounts.
func amountIn(cell string) (decimal.NullDecimal, error) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimLeft(cell, "¥￥ "), "元"))
	if s == "" && cell == "" {
		return decimal.NullDecimal{}, nil
	}
	s, err := withoutThousands(s)
	if err != nil {
		return decimal.NullDecimal{}, err
	}
	d, err := sheet.Number(s)
	if err != nil {
		return decimal.NullDecimal{}, err
	}
	_, err = money.FenFromDecimal(d)
	return decimal.NewNullDecimal(d), err
}

func withoutThousands(s string) (string, error) {
	if !strings.Contains(s, ",") {
		return s, nil
	}
	whole, frac, dotted := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if strings.Trim(g, "0123456789") != "" || i == 0 && (g == "" || len(g) > 3) || i > 0 && len(g) != 3 {
			return "", errors.New("a comma in the wrong place")
		}
	}
	s = strings.Join(groups, "")
	if dotted {
		s += "." + frac
	}
	return s, nil
}

// ListRow is a product as an exported list has it.
type ListRow struct {
	ProductID     int64
	Code, Name    string
	Class, Unit   string
	Price, Member money.Fen
}

// exported are the columns of an export, in order.
var exported = []Field{FieldID, FieldCode, FieldName, FieldClass, FieldUnit, FieldPrice, FieldMember}

// Cells are rows as WriteCSV and WriteWorkbook take them, with their header; read
// again they change nothing.
func Cells(rows []ListRow) [][]string {
	head := make([]string, len(exported))
	for i, f := range exported {
		head[i] = names[f][0]
	}
	cells := [][]string{head}
	for _, r := range rows {
		cells = append(cells, []string{strconv.FormatInt(r.ProductID, 10), r.Code, r.Name, r.Class, r.Unit, r.Price.Yuan(), r.Member.Yuan()})
	}
	return cells
}

// WriteList writes rows as a workbook, or as CSV.
func WriteList(w io.Writer, rows []ListRow, workbook bool) error {
	if !workbook {
		return sheet.WriteCSV(w, Cells(rows))
	}
	numbers := map[int]bool{}
	for i, f := range exported {
		numbers[i] = f == FieldPrice || f == FieldMember
	}
	return sheet.WriteWorkbook(w, "价格", Cells(rows), numbers)
}
