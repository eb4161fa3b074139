package localdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"cashier/services/catalog"
	"cashier/services/money"
)

var _ catalog.History = (*Ledger)(nil)

const (
	insertPriceSQL = `INSERT INTO price_history (product_id, sync_no, at_ms, code, name, was_price, was_member, now_price, now_member) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	beginPricesSQL = `INSERT INTO price_syncs (no, at_ms, by_whom, why) VALUES (?, ?, ?, ?)`
	endPricesSQL   = `UPDATE price_syncs SET changes = ?, digest = ? WHERE no = ?`
	lastPriceSQL   = `SELECT now_price, now_member FROM price_history WHERE product_id = ? ORDER BY sync_no DESC LIMIT 1`
	syncDigestSQL  = `SELECT s.no, s.at_ms, s.by_whom, s.why, h.product_id, h.at_ms, h.code, h.name, h.was_price, h.was_member, h.now_price, h.now_member
		FROM price_syncs s JOIN price_history h ON h.sync_no = s.no AND h.at_ms = s.at_ms WHERE s.no = ? ORDER BY h.product_id`
	lastPriceSyncSQL = `SELECT coalesce(max(no) FILTER (WHERE changes IS NOT NULL), 0), coalesce(max(no), 0) FROM price_syncs`

	selectPrices  = `SELECT h.product_id, h.code, h.name, h.was_price, h.was_member, h.now_price, h.now_member, h.sync_no, h.at_ms, s.by_whom, s.why FROM price_history h JOIN price_syncs s ON s.no = h.sync_no`
	lastPricesSQL = selectPrices + ` WHERE h.sync_no = (SELECT max(sync_no) FROM price_history WHERE product_id = h.product_id)`
	pricesOfSQL   = selectPrices + ` WHERE h.product_id = ? ORDER BY h.sync_no DESC LIMIT ?`
	pricesFromSQL = selectPrices + ` WHERE h.at_ms >= ? ORDER BY h.at_ms DESC, h.sync_no DESC, h.product_id LIMIT ?`

	pricesOtherSQL = selectPrices + ` WHERE h.at_ms >= ? AND h.was_price IS NOT NULL AND h.now_price IS NOT NULL ORDER BY h.at_ms DESC, h.sync_no DESC, h.product_id LIMIT ?`
)

// pricesAtOnce bounds how long a sale waits for the history of a large sync: some
// milliseconds.
const pricesAtOnce = 1000

// LastSync implements catalog.History.
func (l *Ledger) LastSync(ctx context.Context) (whole, begun int64, err error) {
	err = l.read.QueryRowContext(ctx, lastPriceSyncSQL).Scan(&whole, &begun)
	return whole, begun, l.say(err)
}

// LastPrices implements catalog.History.
func (l *Ledger) LastPrices(ctx context.Context) (map[int64]catalog.PriceChange, error) {
	last := map[int64]catalog.PriceChange{}
	err := l.view(ctx, func(t *tx) error {
		return t.prices(func(e catalog.PriceEntry) { last[e.ProductID] = e.PriceChange }, lastPricesSQL)
	})
	return last, err
}

// Record implements catalog.History, in several transactions: what one of them
// has written is no difference any more when a crash keeps the rest from it.
func (l *Ledger) Record(ctx context.Context, r catalog.Record) error {
	if l.write == nil {
		return errReadOnly
	}
	whole, begun, err := l.LastSync(ctx)
	if err != nil || whole >= r.No {
		return err
	}
	if begun < r.No {
		err := l.commit(ctx, pointPrices, func(t *tx) error { return t.exec(beginPricesSQL, r.No, ms(r.At), r.By, r.Why) })
		if err != nil {
			return err
		}
	}
	for changes := r.Changes; len(changes) > 0; {
		n := min(len(changes), pricesAtOnce)
		err := l.commit(ctx, pointPrices, func(t *tx) error { return t.insertPrices(r, changes[:n]) })
		if err != nil {
			return err
		}
		changes = changes[n:]
	}
	var changes int
	var digest string
	err = l.view(ctx, func(t *tx) (err error) { // outside the commit: entries only come, and only here
		changes, digest, err = t.priceDigest(r.No)
		return err
	})
	if err != nil {
		return err
	}
	return l.commit(ctx, pointPrices, func(t *tx) error { return t.exec(endPricesSQL, changes, digest, r.No) })
}

// priceDigest is how many entries a sync has, and the digest of it and them.
func (t *tx) priceDigest(no int64) (entries int, digest string, err error) {
	hash := sha256.New()
	err = t.each(func(rows *sql.Rows) error {
		var of, at, product, entryAt int64
		var by, why, code, name string
		var was, wasMember, now, nowMember sql.NullInt64
		if err := rows.Scan(&of, &at, &by, &why, &product, &entryAt, &code, &name, &was, &wasMember, &now, &nowMember); err != nil {
			return err
		}
		entries++
		_, err := fmt.Fprintf(hash, "%d %d %q %q %d %d %q %q %v %v %v %v\n", of, at, by, why, product, entryAt, code, name, was, wasMember, now, nowMember)
		return err
	}, syncDigestSQL, no)
	return entries, hex.EncodeToString(hash.Sum(nil)), err
}

func (t *tx) insertPrices(r catalog.Record, changes []catalog.PriceChange) error {
	insert, err := t.inner.PrepareContext(t.ctx, insertPriceSQL)
	if err != nil {
		return err
	}
	defer insert.Close()
	last, err := t.inner.PrepareContext(t.ctx, lastPriceSQL)
	if err != nil {
		return err
	}
	defer last.Close()
	for _, c := range changes {
		nowPrice, nowMember := nullPrices(c.Now)
		var wasPrice, wasMember sql.NullInt64
		// What the history said last is what it goes on from, whatever a damaged
		// cache says that the price was.
		err := last.QueryRowContext(t.ctx, c.ProductID).Scan(&wasPrice, &wasMember)
		if errors.Is(err, sql.ErrNoRows) {
			wasPrice, wasMember, err = sql.NullInt64{}, sql.NullInt64{}, nil
		}
		if err != nil {
			return err
		}
		if wasPrice == nowPrice && wasMember == nowMember {
			continue
		}
		if _, err := insert.ExecContext(t.ctx, c.ProductID, r.No, ms(r.At), c.Code, c.Name, wasPrice, wasMember, nowPrice, nowMember); err != nil {
			return err
		}
	}
	return nil
}

func nullPrices(p catalog.Prices) (price, member sql.NullInt64) {
	return sql.NullInt64{Int64: int64(p.Price), Valid: p.Listed}, sql.NullInt64{Int64: int64(p.Member), Valid: p.Listed}
}

func somePrices(price, member sql.NullInt64) catalog.Prices {
	return catalog.Prices{Listed: price.Valid, Price: money.Fen(price.Int64), Member: money.Fen(member.Int64)}
}

// PricesOf is the price history of a product, newest first. A limit of 0 or less
// is none.
func (l *Ledger) PricesOf(ctx context.Context, productID int64, limit int) ([]catalog.PriceEntry, error) {
	return l.priceEntries(ctx, pricesOfSQL, productID, noLimit(limit))
}

// PricesSince is what has changed since a moment, newest first. A limit of 0 or
// less is none.
func (l *Ledger) PricesSince(ctx context.Context, since time.Time, limit int) ([]catalog.PriceEntry, error) {
	return l.priceEntries(ctx, pricesFromSQL, ms(since), noLimit(limit))
}

// PricesChanged is PricesSince without the products that came or went.
func (l *Ledger) PricesChanged(ctx context.Context, since time.Time, limit int) ([]catalog.PriceEntry, error) {
	return l.priceEntries(ctx, pricesOtherSQL, ms(since), noLimit(limit))
}

func noLimit(limit int) int {
	if limit <= 0 {
		return -1
	}
	return limit
}

func (l *Ledger) priceEntries(ctx context.Context, query string, args ...any) (list []catalog.PriceEntry, err error) {
	err = l.view(ctx, func(t *tx) error {
		return t.prices(func(e catalog.PriceEntry) { list = append(list, e) }, query, args...)
	})
	return list, err
}

func (t *tx) prices(take func(catalog.PriceEntry), query string, args ...any) error {
	return t.each(func(rows *sql.Rows) error {
		var e catalog.PriceEntry
		var at int64
		var was, wasMember, now, nowMember sql.NullInt64
		err := rows.Scan(&e.ProductID, &e.Code, &e.Name, &was, &wasMember, &now, &nowMember, &e.SyncNo, &at, &e.By, &e.Why)
		e.Was, e.Now, e.At = somePrices(was, wasMember), somePrices(now, nowMember), fromMS(at)
		take(e)
		return err
	}, query, args...)
}

// priceHistory checks that each entry goes on from the one before it.
func (f *findings) priceHistory(t *tx) error {
	if err := f.priceDigests(t); err != nil {
		return err
	}
	return t.each(func(rows *sql.Rows) error {
		var id, no int64
		err := rows.Scan(&id, &no)
		if err == nil {
			f.add("price", fmt.Sprintf("product %d, sync %d", id, no), "does not go on from the entry before it")
		}
		return err
	}, `SELECT product_id, sync_no FROM (
			SELECT product_id, sync_no, was_price, was_member, lag(now_price) OVER w AS last_price, lag(now_member) OVER w AS last_member
			FROM price_history WINDOW w AS (PARTITION BY product_id ORDER BY sync_no))
		WHERE was_price IS NOT last_price OR was_member IS NOT last_member ORDER BY 1, 2`)
}

// priceDigests holds every sync and its entries against what was noted of them.
func (f *findings) priceDigests(t *tx) error {
	type noted struct {
		no      int64
		changes int
		digest  string
	}
	var syncs []noted
	err := t.each(func(rows *sql.Rows) error {
		var n noted
		err := rows.Scan(&n.no, &n.changes, &n.digest)
		syncs = append(syncs, n)
		return err
	}, `SELECT no, changes, digest FROM price_syncs WHERE digest IS NOT NULL AND changes IS NOT NULL ORDER BY no`)
	if err != nil {
		return err
	}
	for _, n := range syncs {
		changes, digest, err := t.priceDigest(n.no)
		if err != nil {
			return err
		}
		if changes != n.changes || digest != n.digest {
			f.add("price", fmt.Sprintf("sync %d", n.no), "its entries in the price history are not those that were recorded")
		}
	}
	return nil
}
