package localdb

import (
	"context"
	"strings"

	"cashier/services/catalog"
)

const likeSQL = `SELECT product_id, name, code, price FROM products
	WHERE removed_ms IS NULL AND (name LIKE ? ESCAPE '\' OR code LIKE ? ESCAPE '\') ORDER BY sort, code, product_id LIMIT ?`

// literal makes LIKE take every character as it stands.
var literal = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Like finds what a till would that asked SQL for each keystroke: products whose
// name or 货号 has text in it, by HQ's order. Of each, only id, name, number and
// price are set. It is the peer that search is measured against, and nothing a
// till at work should use.
func (c *Catalog) Like(ctx context.Context, text string, limit int) ([]catalog.Product, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	pattern := "%" + literal.Replace(text) + "%"
	rows, err := c.read.QueryContext(ctx, likeSQL, pattern, pattern, limit)
	if err != nil {
		return nil, said(err, c.p.Path)
	}
	defer rows.Close()
	var out []catalog.Product
	for rows.Next() {
		var p catalog.Product
		if err := rows.Scan(&p.ProductID, &p.Name, &p.Code, &p.Price); err != nil {
			return nil, said(err, c.p.Path)
		}
		out = append(out, p)
	}
	return out, said(rows.Err(), c.p.Path)
}
