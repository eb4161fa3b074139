package localdb

import (
	"database/sql"
	"slices"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// checkRefund holds a refund against its sale and the other refunds of that, as
// they stand in this transaction. For every other sale it does nothing.
func (t *tx) checkRefund(s checkout.Sale) error {
	if s.Kind != checkout.Refund {
		return nil
	}
	of, refunds, err := t.refunds(s.Of)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(refunds, func(x checkout.Sale) bool { return x.ID == s.ID })
	return checkout.CheckRefund(of, others, s)
}

// refunds reads a sale with all refunds of it.
func (t *tx) refunds(saleID string) (checkout.Sale, []checkout.Sale, error) {
	found, err := t.sales(true, saleByIDSQL, saleID)
	switch {
	case err != nil:
		return checkout.Sale{}, nil, err
	case len(found) == 0:
		return checkout.Sale{}, nil, unknownSale(saleID)
	}
	refunds, err := t.sales(true, refundsSQL, saleID)
	return found[0], refunds, err
}

// fillLinesOf reads the lines of one sale.
func (t *tx) fillLinesOf(s *checkout.Sale) error {
	one := []checkout.Sale{*s}
	err := t.fillLines(one)
	s.Lines = one[0].Lines
	return err
}

// refunds holds every refund against its sale and its brothers.
func (f *findings) refunds(t *tx) error {
	var given []string
	err := t.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		given = append(given, id)
		return err
	}, `SELECT DISTINCT of_sale FROM sales WHERE of_sale IS NOT NULL ORDER BY of_sale`)
	if err != nil {
		return err
	}
	for _, id := range given {
		of, refunds, err := t.refunds(id)
		switch code := fault.CodeOf(err); {
		case code == "ledger.broken" || code == "sale.unknown": // said by the check of legs, or of references
			continue
		case err != nil:
			return err
		}
		for i, r := range refunds {
			others := slices.Delete(slices.Clone(refunds), i, i+1)
			if err := checkout.CheckRefund(of, others, r); err != nil && r.State != checkout.Voided {
				f.add("refund", r.ID, "gives back what sale %s does not have: %v", id, err)
			}
		}
	}
	return nil
}
