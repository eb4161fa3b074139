package liantuofutest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// state is what a restart must not forget.
type state struct {
	Seq     int64                `json:"seq"`
	Orders  []*order             `json:"orders"`
	Refunds []*refund            `json:"refunds"`
	Wallets map[string]money.Fen `json:"wallets"`
	Cards   map[string]int64     `json:"cards"` // remaining times
	Codes   []*cardCode          `json:"codes,omitempty"`
	Remarks []string             `json:"remarks"`
	Charges []standin.Charge     `json:"charges"`
}

// State is everything that happened, as JSON for Restore.
func (s *Server) State() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := state{
		Seq: s.seq, Wallets: s.wallets, Cards: make(map[string]int64, len(s.cards)), Charges: s.charges,
		Orders:  slices.SortedFunc(maps.Values(s.orders), func(a, b *order) int { return int(a.Seq - b.Seq) }),
		Refunds: slices.SortedFunc(maps.Values(s.refunds), func(a, b *refund) int { return strings.Compare(a.RefundNo, b.RefundNo) }),
		Codes:   slices.SortedFunc(maps.Values(s.codes), func(a, b *cardCode) int { return strings.Compare(a.Code, b.Code) }),
		Remarks: slices.Sorted(maps.Keys(s.remarks)),
	}
	for no, c := range s.cards {
		st.Cards[no] = c.Remaining
	}
	return json.Marshal(st)
}

// Restore replaces what happened by an earlier State. Cards and wallets the
// shop has gained since keep the shop's figures. On an error nothing changes.
func (s *Server) Restore(b []byte) error {
	var st state
	if err := json.Unmarshal(b, &st); err != nil {
		return fmt.Errorf("liantuofu: %w", err)
	}
	orders := make(map[string]*order, len(st.Orders))
	used := make(map[string]bool)
	var late []*order
	for _, o := range st.Orders {
		if o == nil || !validKey(o.OutTradeNo) || orders[o.OutTradeNo] != nil {
			return fmt.Errorf("liantuofu: an order without a number or twice in the list")
		}
		orders[o.OutTradeNo] = o
		if o.CodeHash != "" {
			used[o.CodeHash] = true
		}
		if !o.ChargeAt.IsZero() {
			late = append(late, o)
		}
	}
	refunds := make(map[string]*refund, len(st.Refunds))
	for _, r := range st.Refunds {
		if r == nil || orders[r.OutTradeNo] == nil {
			return fmt.Errorf("liantuofu: a refund without its order")
		}
		refunds[r.RefundNo] = r
	}
	codes := make(map[string]*cardCode, len(st.Codes))
	for _, c := range st.Codes {
		if c == nil || c.Code == "" {
			return fmt.Errorf("liantuofu: a card's code without its digits")
		}
		codes[c.Code] = c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes = codes
	s.seq, s.orders, s.refunds, s.used, s.late, s.charges = st.Seq, orders, refunds, used, late, st.Charges
	maps.Copy(s.wallets, st.Wallets)
	s.remarks = make(map[string]bool, len(st.Remarks))
	for _, r := range st.Remarks {
		s.remarks[r] = true
	}
	for no, left := range st.Cards {
		if c := s.cards[no]; c != nil {
			c.Remaining = left
		}
	}
	return nil
}
