package localdb

import (
	"context"
	"database/sql"
	"errors"

	"cashier/services/checkout"
)

const (
	clearCartsSQL = `DELETE FROM carts`
	insertCartSQL = `INSERT INTO carts (id, member, saved_ms) VALUES (?, ?, ?)`
	// A cart that is being paid for, or was, must not come back to be sold again.
	openCartSQL = `SELECT id, member FROM carts c
		WHERE NOT EXISTS (SELECT 1 FROM sales s WHERE s.cart_id = c.id AND s.cart_id <> '' AND s.state <> 'VOIDED')`
	cartLinesSQL = `SELECT cart_id, product_id, code, name, class, unit, pricing, list_price, member_price, price, qty, grams, unit_grams, amount, times, 0
		FROM cart_lines WHERE cart_id = ? ORDER BY no`
)

// SaveCart implements checkout.Store. There is one open cart.
func (l *Ledger) SaveCart(ctx context.Context, c checkout.Cart) error {
	return l.commit(ctx, pointCart, func(t *tx) error {
		if err := t.exec(clearCartsSQL); err != nil || len(c.Lines) == 0 {
			return err
		}
		if err := t.exec(insertCartSQL, c.ID, c.Member, ms(l.now())); err != nil {
			return err
		}
		for i, line := range c.Lines {
			if err := t.exec(insertCartLineSQL, lineValues(c.ID, i, line)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// LoadCart implements checkout.Store. A cart whose sale is complete is not
// open either.
func (l *Ledger) LoadCart(ctx context.Context) (checkout.Cart, error) {
	var c checkout.Cart
	err := l.view(ctx, func(t *tx) error {
		err := t.row(openCartSQL).Scan(&c.ID, &c.Member)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return t.each(func(rows *sql.Rows) error {
			var owner string
			line, err := scanLine(rows, &owner)
			c.Lines = append(c.Lines, line)
			return err
		}, cartLinesSQL, c.ID)
	})
	if err != nil {
		return checkout.Cart{}, err
	}
	return c, nil
}
