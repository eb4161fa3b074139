package liantuofutest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// qrBase leads nowhere: what counts is the order number behind it.
const qrBase = "https://qr.example/pay/"

// precreate opens an order that a customer pays by scanning the shop's code
// with a phone; PayQR is the phone. Where a fault has the customer confirm
// after some queries, the shop's first wallet pays.
func (s *Server) precreate(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleLate()
	switch {
	case c.fault.Kind == standin.Refused:
		return failed(subBusiness, "下单失败")
	case c.form["tradeType"] != "NATIVE": // the other types are for a page on the customer's phone
		return failed(subParameter, "tradeType不支持")
	case !slices.Contains([]string{"WXPAY", "ALIPAY", "MPAY", "UNIONPAY", "BESTPAY"}, c.form["channel"]):
		return failed(subParameter, "channel不支持")
	case c.fault.Kind == standin.Lies:
		return s.precreated(c.form["outTradeNo"])
	}
	o, refusal := s.newOrder(c.form)
	if refusal != nil {
		return *refusal
	}
	o.PayType, o.QR = c.form["channel"], true
	key := o.OutTradeNo
	switch c.fault.Kind {
	case standin.PayingThenPaid, standin.PayingForever:
		o.Wallet = s.firstWallet()
		o.pays(c.fault)
	case standin.Duplicate:
		return change(failed(subParameter, duplicateOrder), false)
	case standin.WrongKey:
		key = otherKey(key)
	}
	return change(s.precreated(key), false)
}

func (s *Server) precreated(key string) result {
	return success("appId", s.p.AppID, "merchantCode", s.p.MerchantCode, "outTradeNo", key, "qrCode", qrBase+key)
}

func (s *Server) firstWallet() string {
	if list := s.p.Shop.Wallets; len(list) > 0 {
		return list[0].ID
	}
	return "0001"
}

// closeOrder closes an order nobody has paid; a paid one is refused. Whether
// that includes the order of a payment code is a switch.
func (s *Server) closeOrder(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.settleLate()
	o := s.orders[c.form["outTradeNo"]]
	switch {
	case c.fault.Kind == standin.Lies:
		return success()
	case c.fault.Kind == standin.Refused:
		return failed(subBusiness, "关单失败")
	case o == nil || o.Hidden:
		return change(notFound(), moved)
	case o.Status != stNotPay && o.Status != stClosed:
		return change(failed(subBusiness, "订单已支付，不能关单"), moved)
	case s.p.CloseIsForQR && !o.QR:
		return change(failed(subBusiness, "付款码订单不支持关单，请使用撤销"), moved)
	}
	o.Status, o.Paying = stClosed, false
	return change(success(), true)
}

// ErrNotPayable is an order that is unknown, closed, or paid.
var ErrNotPayable = errors.New("no open order of that number")

// ErrNoWallet is a wallet that is not four digits.
var ErrNoWallet = errors.New("a wallet is four digits")

// ErrTooLittle is a wallet without enough in it.
var ErrTooLittle = errors.New("too little in the wallet")

// PayQR is a customer who scans the code of a precreated order with the phone
// of the given wallet (four digits).
func (s *Server) PayQR(outTradeNo, wallet string) error {
	if len(wallet) != 4 || strings.Trim(wallet, digits) != "" {
		return ErrNoWallet
	}
	s.mu.Lock()
	o := s.orders[outTradeNo]
	if o == nil || !o.open() {
		s.mu.Unlock()
		return ErrNotPayable
	}
	o.Wallet = wallet
	paid := s.charge(o)
	s.mu.Unlock()
	if !paid {
		return ErrTooLittle
	}
	s.p.OnChange(true)
	return nil
}

// benchScan serves PayQR to whoever runs the stand-in: {"outTradeNo":…,
// "wallet":…} gives {"balance":…}, what is left in the wallet in yuan, or 400
// with {"error":…}.
func (s *Server) benchScan(w http.ResponseWriter, r *http.Request) {
	var q struct{ OutTradeNo, Wallet string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&q)
	if err == nil {
		err = s.PayQR(q.OutTradeNo, q.Wallet)
	}
	if err != nil {
		benchError(w, err)
		return
	}
	standin.WriteJSON(w, http.StatusOK, map[string]money.Fen{"balance": s.Balance(q.Wallet)})
}

func benchError(w http.ResponseWriter, err error) {
	standin.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}
