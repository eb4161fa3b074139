package app

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/pricing"
	"cashier/services/pricing/sheet"
)

// ReadPriceList reads a workbook or CSV as a price list; a 货号 is looked up in
// this till's own copy. given says what columns are; what it does not say, an
// earlier list with the same column names does. What is given is remembered.
func (t *Till) ReadPriceList(ctx context.Context, raw []byte, given pricing.Columns) (pricing.List, error) {
	if err := t.Actor().Demand(access.Prices); err != nil {
		return pricing.List{}, err
	}
	table, err := sheet.Read(raw)
	if err != nil {
		return pricing.List{}, err
	}
	columns, err := t.columns(ctx, table, given)
	if err != nil {
		return pricing.List{}, err
	}
	list, err := pricing.ReadList(table, columns, t.productOf)
	if err != nil || len(given) == 0 {
		return list, err
	}
	doc, err := json.Marshal(columns)
	if err != nil {
		return list, err
	}
	return list, t.Ledger.KeepPriceColumns(ctx, pricing.HeaderKey(list.Head), doc)
}

// columns are those remembered of the first row whose names are known, with what
// is given over them.
func (t *Till) columns(ctx context.Context, table sheet.Table, given pricing.Columns) (pricing.Columns, error) {
	all := pricing.Columns{}
	for _, row := range table.Rows[:min(len(table.Rows), pricing.HeaderRows)] {
		doc, err := t.Ledger.PriceColumns(ctx, pricing.HeaderKey(row.Cells))
		if err != nil {
			return nil, err
		}
		if doc != nil && json.Unmarshal(doc, &all) == nil {
			break
		}
	}
	for f, name := range given {
		all[f] = name
	}
	return all, nil
}

func (t *Till) productOf(code string) (int64, error) {
	switch found := t.Catalog.Index().ByCode(code); len(found) {
	case 1:
		return found[0].ProductID, nil
	case 0:
		return 0, fault.New(fault.Invalid, "product.unknown", "No product has the code {code}. Look it up with `cashierctl product find`, or sync the prices.", "code", code)
	default:
		return 0, fault.New(fault.Invalid, "product.ambiguous", "{n} products have the code {code}; have it corrected at HQ.", "n", strconv.Itoa(len(found)), "code", code)
	}
}

// DraftHere is a draft of the wanted prices beside this till's own copy of HQ's,
// at once and without a question to HQ: what HQ has changed since is a conflict
// when it is sent. Products of other shops, and unknown ones, are Gone in it; the
// costs are FillLines'.
func (t *Till) DraftHere(list []pricing.Wanted) pricing.Draft {
	ix, own := t.Catalog.Index(), t.Settings.Int("hq.shop_id")
	d := pricing.Draft{Lines: make([]pricing.Line, len(list))}
	for i, w := range list {
		p, ok := ix.ByProductID(w.ProductID)
		if !ok || w.ShopID != 0 && w.ShopID != own {
			d.Lines[i] = pricing.Line{ProductID: w.ProductID, ShopID: cmp.Or(w.ShopID, own), Code: w.Code, Gone: true, FileRow: w.FileRow}
			continue
		}
		l := pricing.LineOf(pricing.Row{ShopID: own, ProductID: p.ProductID, Code: p.Code, Name: p.Name, Price: optional(yuan(p.Price)), Member: optional(yuan(p.MemberPrice))})
		l.Class, l.FileRow = p.Class, w.FileRow
		if w.Price.Valid {
			l.Price = w.Price
		}
		if w.Member.Valid {
			l.Member = w.Member
		}
		d.Lines[i] = l
	}
	return d
}

// PriceList is this till's own copy as a list to export; class "" is all.
func (t *Till) PriceList(class string) []pricing.ListRow {
	ix := t.Catalog.Index()
	products := ix.All()
	if class != "" {
		products = ix.Class(class)
	}
	rows := make([]pricing.ListRow, len(products))
	for i, p := range products {
		rows[i] = pricing.ListRow{ProductID: p.ProductID, Code: p.Code, Name: p.Name, Class: p.Class, Unit: p.Unit, Price: p.Price, Member: p.MemberPrice}
	}
	return rows
}

// Assortment puts products on sale and takes them off, or why it cannot.
func (t *Till) Assortment() (pricing.Assortment, error) {
	c, err := t.HQ()
	if err != nil {
		return pricing.Assortment{}, err
	}
	return pricing.Assortment{HQ: shelves{c, t.Settings.Int("hq.shop_id")}, Note: func(ctx context.Context, by access.Actor, what, subject, detail string) error {
		return t.noteAs(ctx, by, what, subject, detail)
	}}, nil
}

// shelves puts HQ's rows into the words of package pricing.
type shelves struct {
	c    *hq.Client
	shop int64
}

func (s shelves) AddProducts(ctx context.Context, shops, products []int64) error {
	return s.c.AddProducts(ctx, hq.Assignment{ShopIDs: shops, ProductIDs: products})
}

func (s shelves) AddClass(ctx context.Context, shops []int64, class int64) error {
	return s.c.AddProductsByClass(ctx, hq.Assignment{ShopIDs: shops, ClassID: class})
}

// ShelfRows asks HQ, which removes rows by their own id and alone knows it.
func (s shelves) ShelfRows(ctx context.Context, products []int64) ([]pricing.ShelfRow, error) {
	found, err := s.c.ListByProductIDs(ctx, products)
	var rows []pricing.ShelfRow
	for _, p := range found {
		if int64(p.ShopID) == s.shop {
			rows = append(rows, pricing.ShelfRow{RowID: int64(p.ID), ProductID: int64(p.ProductID), Code: string(p.ProductCode), Name: string(p.ProductName)})
		}
	}
	return rows, err
}

func (s shelves) RemoveRows(ctx context.Context, rows []int64) error { return s.c.Delete(ctx, rows) }
