package hqtest

import (
	"encoding/json"
	"net/http"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// Bench is where the test bench of HQ alone is: quirks, stock and uploaded bills.
const Bench = "/_sim/hq/"

func (s *Server) mountBench() {
	s.mux.Handle("/_sim/", standin.Bench(s))
	s.mux.HandleFunc("POST /_sim/price", s.benchPrice)
	s.mux.HandleFunc("POST "+Bench+"stock", s.benchStock)
	s.mux.HandleFunc("GET "+Bench+"bills", s.benchBills)
	s.mux.HandleFunc("GET "+Bench+"quirks", func(w http.ResponseWriter, _ *http.Request) {
		standin.WriteJSON(w, http.StatusOK, s.Quirks())
	})
	s.mux.HandleFunc("POST "+Bench+"quirks", s.benchQuirks)
}

func wrong(w http.ResponseWriter, why string) {
	standin.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": why})
}

// benchQuirks replaces all quirks by the object in the body.
func (s *Server) benchQuirks(w http.ResponseWriter, r *http.Request) {
	q, err := readQuirks(http.MaxBytesReader(w, r.Body, 1<<16))
	if err == nil {
		err = s.SetQuirks(q)
	}
	if err != nil {
		wrong(w, err.Error())
		return
	}
	standin.WriteJSON(w, http.StatusOK, q)
}

// benchPrice is SetPrice over HTTP: {"shopId","productId","price","memberPrice"}
// with prices as yuan strings.
func (s *Server) benchPrice(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ShopID      int64     `json:"shopId"`
		ProductID   int64     `json:"productId"`
		Price       money.Fen `json:"price"`
		MemberPrice money.Fen `json:"memberPrice"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&q)
	if err != nil || q.Price < 0 || q.MemberPrice < 0 || !s.SetPrice(q.ShopID, q.ProductID, q.Price, q.MemberPrice) {
		wrong(w, "no such product in that shop, or not a price")
		return
	}
	standin.WriteJSON(w, http.StatusOK, q)
}

// benchStock is SetStock over HTTP: {"shopId","productId","qty"}.
func (s *Server) benchStock(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ShopID    int64           `json:"shopId"`
		ProductID int64           `json:"productId"`
		Qty       decimal.Decimal `json:"qty"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&q)
	if err != nil || !s.SetStock(q.ShopID, q.ProductID, q.Qty) {
		wrong(w, "no such product in that shop, or not a quantity with up to four decimals")
		return
	}
	standin.WriteJSON(w, http.StatusOK, q)
}
