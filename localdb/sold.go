package localdb

import (
	"context"
	"time"
)

// soldSQL counts on how many lines of the last finished sales each product stands.
const soldSQL = `SELECT l.product_id, count(*)
	FROM (SELECT id FROM sales WHERE opened_ms >= ? AND kind = 'sale' AND state = 'COMPLETE' ORDER BY opened_ms DESC LIMIT ?) s
	JOIN sale_lines l ON l.sale_id = s.id GROUP BY l.product_id`

// Sold is how often each product was bought, by product id, in the last so many
// finished sales since then.
func (l *Ledger) Sold(ctx context.Context, since time.Time, sales int) (map[int64]int, error) {
	rows, err := l.read.QueryContext(ctx, soldSQL, ms(since), sales)
	if err != nil {
		return nil, l.say(err)
	}
	defer rows.Close()
	sold := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, l.say(err)
		}
		sold[id] = n
	}
	return sold, l.say(rows.Err())
}
