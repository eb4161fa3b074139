package app

import (
	"strings"

	"cashier/services/fault"
)

// CardPays is the 货号 of the product that a times card of that name pays for in
// a sale.
func (t *Till) CardPays(name string) (string, error) {
	for pair := range strings.SplitSeq(t.Settings.Get("timescard.pays"), ",") {
		if card, code, ok := strings.Cut(pair, "="); ok && strings.TrimSpace(card) == name && name != "" {
			return strings.TrimSpace(code), nil
		}
	}
	return "", fault.New(fault.Invalid, "timescard.no_product", "Nobody has said which product the card “{card}” pays for; nothing was taken off it. Set timescard.pays, or redeem the card by itself.", "card", name)
}
