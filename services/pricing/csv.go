package pricing

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/services/fault"
)

// ReadCSV reads changes from a table of UTF-8 or GB18030 whose first line names
// its columns: productId (商品id) or productCode (货号), price (价格),
// memberPrice (会员价). byCode finds the product of a 货号. The error is Invalid
// with code "import.bad_row" and names the first line that cannot be used: one
// wrong line, and there are no changes.
func ReadCSV(raw []byte, byCode func(code string) (productID int64, err error)) ([]Change, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, badRow(1, "the file is neither UTF-8 nor GB18030")
		}
		raw = text
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, badRow(1, "the file has no first line with the columns' names")
	}
	t, err := columns(head)
	if err != nil {
		return nil, badRow(1, err.Error())
	}
	var changes []Change
	seen := map[int64]bool{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badRow(lineOf(err), "it is not CSV")
		}
		line, _ := in.FieldPos(0)
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		c, err := t.change(record, byCode)
		if err == nil && seen[c.ProductID] {
			err = errors.New("this product stands in the file twice")
		}
		if err != nil {
			return nil, badRow(line, err.Error())
		}
		seen[c.ProductID] = true
		changes = append(changes, c)
	}
	if len(changes) == 0 {
		return nil, badRow(2, "the file names no product")
	}
	return changes, nil
}

func badRow(line int, why string) error {
	return fault.New(fault.Invalid, "import.bad_row", "Line {line}: {why}. Nothing was sent; mend the file and import it again.", "line", strconv.Itoa(line), "why", why)
}

func lineOf(err error) int {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.Line
	}
	return 1
}

// table is where each column stands.
type table map[string]int

func columns(head []string) (table, error) {
	t := table{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := t[name]; twice && name != "" {
			return nil, fmt.Errorf("the column %q is there twice", name)
		}
		t[name] = i
	}
	return t, nil
}

// cell is the first of the named columns that holds something.
func (t table) cell(record []string, names ...string) string {
	for _, n := range names {
		if i, ok := t[n]; ok && i < len(record) && strings.TrimSpace(record[i]) != "" {
			return strings.TrimSpace(record[i])
		}
	}
	return ""
}

func (t table) change(record []string, byCode func(string) (int64, error)) (c Change, err error) {
	id, code := t.cell(record, "productid", "商品id"), t.cell(record, "productcode", "货号")
	switch {
	case id != "":
		if c.ProductID, err = strconv.ParseInt(id, 10, 64); err != nil || c.ProductID <= 0 {
			return c, fmt.Errorf("%q is no product id", id)
		}
	case code == "":
		return c, errors.New("neither productId nor productCode is given")
	default:
		if c.ProductID, err = byCode(code); err != nil {
			return c, err
		}
	}
	c.Want, err = ParseWant(t.cell(record, "price", "价格"), t.cell(record, "memberprice", "会员价"))
	return c, err
}
