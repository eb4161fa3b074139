package zvcmstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"cashier/services/shopdata/standin"
)

// state is what a restart must not forget. Nonces are in it: a request caught
// before the restart must not pass after it.
type state struct {
	Seq      int64                `json:"seq"`
	Members  []*member            `json:"members"`
	Coupons  map[string]int       `json:"coupons"` // useStatus by cardId
	Consumed []*consumed          `json:"consumed"`
	Nonces   map[string]time.Time `json:"nonces"`
	Charges  []standin.Charge     `json:"charges"`
}

// State is everything that happened, as JSON for Restore.
func (s *Server) State() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := state{Seq: s.seq, Coupons: make(map[string]int, len(s.coupons)), Consumed: s.log, Nonces: s.nonces, Charges: s.charges}
	for _, id := range s.order {
		st.Members = append(st.Members, s.members[id])
	}
	for id, c := range s.coupons {
		st.Coupons[id] = c.UseStatus
	}
	return json.Marshal(st)
}

// Restore replaces what happened by an earlier State. Members and coupons the
// shop has gained since keep the shop's figures. On an error nothing changes.
func (s *Server) Restore(b []byte) error {
	var st state
	if err := json.Unmarshal(b, &st); err != nil {
		return fmt.Errorf("zvcms: %w", err)
	}
	consume, byBiz := make(map[string]*consumed), make(map[string]*consumed)
	for _, d := range st.Consumed {
		if d == nil || d.BizID == "" {
			return errors.New("zvcms: a consume without a bizId")
		}
		consume[d.BizID] = d
		if byBiz[d.Asked] == nil {
			byBiz[d.Asked] = d
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, was := range st.Members {
		if was == nil {
			continue
		}
		if m := s.members[was.CustomerID]; m != nil {
			m.Recharge, m.Gift, m.Points = was.Recharge, was.Gift, was.Points
		}
	}
	for id, status := range st.Coupons {
		if c := s.coupons[id]; c != nil {
			c.UseStatus = status
		}
	}
	s.seq, s.consume, s.byBiz, s.charges = st.Seq, consume, byBiz, st.Charges
	s.log = st.Consumed
	s.nonces = make(map[string]time.Time)
	maps.Copy(s.nonces, st.Nonces)
	return nil
}
