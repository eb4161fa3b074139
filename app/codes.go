package app

import (
	"strings"

	"cashier/services/catalog"
	"cashier/services/scancode"
)

// goods answers from the catalogue's memory.
type goods struct{ c *catalog.Catalog }

func (g goods) ByCode(code string) int { return len(g.c.Index().ByCode(code)) }

// patterns is the default table with the shop's own times-card prefixes.
func patterns(prefixes string) []scancode.Pattern {
	table := scancode.DefaultPatterns()
	var own []string
	for p := range strings.SplitSeq(prefixes, ",") {
		if p = strings.TrimSpace(p); p != "" {
			own = append(own, p)
		}
	}
	for i := range table {
		if table[i].Kind == scancode.TimesCard && len(own) > 0 {
			table[i].Prefixes = own
		}
	}
	return table
}
