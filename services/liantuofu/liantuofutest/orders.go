package liantuofutest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// The order states of vendor page 8127290827364715, and one more that a public
// client knows.
const (
	stPaid    = "SUCCESS"
	stNotPay  = "NOTPAY"
	stRefund  = "REFUND"
	stClosed  = "CLOSED"
	stRevoked = "REVOKED"
)

// forever is the number of queries after which a customer who never confirms
// confirms.
const forever = -1

// order is one outTradeNo, also when its number was only closed and never paid.
type order struct {
	OutTradeNo string    `json:"outTradeNo"`
	Seq        int64     `json:"seq"`
	Amount     money.Fen `json:"amount"`
	Discount   money.Fen `json:"discount"`
	PayType    string    `json:"payType,omitempty"`
	Wallet     string    `json:"wallet,omitempty"`
	Last4      string    `json:"last4,omitempty"`
	CodeHash   string    `json:"codeHash,omitempty"` // of a code that reached a wallet
	Status     string    `json:"status"`
	QR         bool      `json:"qr,omitempty"`     // the customer scans the shop's code
	Paying     bool      `json:"paying,omitempty"` // the customer still has to confirm
	Queries    int       `json:"queries,omitempty"`
	Created    time.Time `json:"created"`
	PaidAt     time.Time `json:"paidAt,omitzero"`
	Refunded   money.Fen `json:"refunded,omitempty"`
	ChargeAt   time.Time `json:"chargeAt,omitzero"` // late money not yet there
	Hidden     bool      `json:"hidden,omitempty"`  // a query does not find it yet
}

func (o *order) receipt() money.Fen { return o.Amount - o.Discount }

func (o *order) transactionID() string {
	return fmt.Sprintf("LTF%s%010d", o.Created.In(shopdata.China).Format("20060102"), o.Seq)
}

func (o *order) outTransactionID() string { return "42000" + o.transactionID()[3:] }

// open says that a customer may still pay the order by scanning its code.
func (o *order) open() bool { return o.QR && o.Status == stNotPay }

// fields are what pay and query say about an order.
func (s *Server) fields(o *order, f standin.Fault) []string {
	key, amount, receipt := o.OutTradeNo, o.Amount, o.receipt()
	switch f.Kind {
	case standin.WrongKey:
		key = otherKey(key)
	case standin.WrongAmount:
		amount, receipt = amount+1, receipt+1
	}
	kv := []string{
		"appId", s.p.AppID, "merchantCode", s.p.MerchantCode, "outTradeNo", key,
		"totalAmount", amount.Yuan(), "discountAmount", o.Discount.Yuan(), "receiptAmount", receipt.Yuan(),
		"orderStatus", o.Status,
	}
	if !o.PaidAt.IsZero() {
		kv = append(kv, "transactionId", o.transactionID(), "outTransactionId", o.outTransactionID(),
			"payType", o.PayType, "payTime", stamp(o.PaidAt), "buyerId", "buyer"+o.Wallet)
	}
	return kv
}

// otherKey is a valid number that differs from key.
func otherKey(key string) string {
	last := "0"
	if key[len(key)-1] == '0' {
		last = "1"
	}
	return key[:len(key)-1] + last
}

// stampForm is how the vendor writes a time, in China's.
const stampForm = "20060102150405"

func stamp(t time.Time) string { return t.In(shopdata.China).Format(stampForm) }

// newOrder checks what pay and precreate share and reserves the number.
func (s *Server) newOrder(form map[string]string) (*order, *result) {
	refuse := func(why string) (*order, *result) {
		r := failed(subParameter, why)
		return nil, &r
	}
	key := form["outTradeNo"]
	if !validKey(key) {
		return refuse("outTradeNo格式错误")
	}
	amount, err := money.ParseFen(form["totalAmount"])
	if err != nil || amount <= 0 {
		return refuse("totalAmount格式错误")
	}
	var discount money.Fen
	if d := form["discountAmount"]; d != "" {
		if discount, err = money.ParseFen(d); err != nil || discount < 0 || discount >= amount {
			return refuse("discountAmount格式错误")
		}
	}
	if _, taken := s.orders[key]; taken {
		return refuse(duplicateOrder)
	}
	s.seq++
	o := &order{OutTradeNo: key, Seq: s.seq, Amount: amount, Discount: discount, Status: stNotPay, Created: s.p.Now()}
	s.orders[key] = o
	return o, nil
}

const duplicateOrder = "订单已存在，请重新下单"

const digits = "0123456789"

// validKey is the vendor's rule: 8 to 64 of digits, letters, - and _.
func validKey(key string) bool {
	const allowed = digits + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	return len(key) >= 8 && len(key) <= 64 && strings.Trim(key, allowed) == ""
}

// channelOf tells from its digits whose payment code it is; "" for none.
func channelOf(code string) string {
	if strings.Trim(code, digits) != "" || len(code) < 16 || len(code) > 24 {
		return ""
	}
	p := code[:2]
	switch {
	case p >= "10" && p <= "15" && len(code) == 18:
		return "WXPAY"
	case p >= "25" && p <= "30":
		return "ALIPAY"
	case p == "62" && len(code) == 19:
		return "UNIONPAY"
	case p == "81" && len(code) == 18:
		return "MPAY"
	}
	return ""
}

func hash(code string) string {
	h := sha256.Sum256([]byte(code))
	return hex.EncodeToString(h[:])
}

func (s *Server) balance(wallet string) money.Fen {
	if b, ok := s.wallets[wallet]; ok {
		return b
	}
	return s.p.DefaultBalance
}

// charge takes the money out of the order's wallet; false when there is too
// little.
func (s *Server) charge(o *order) bool {
	b := s.balance(o.Wallet)
	if b < o.receipt() {
		return false
	}
	s.wallets[o.Wallet] = b - o.receipt()
	o.Status, o.Paying, o.Hidden, o.PaidAt = stPaid, false, false, s.p.Now()
	s.charges = append(s.charges, standin.Charge{
		Gateway: "liantuofu", Kind: "pay", Key: o.OutTradeNo, Account: o.Wallet, Amount: o.receipt().Yuan(),
		State: standin.Charged, At: o.PaidAt, Last4: o.Last4,
	})
	return true
}

// giveBack returns part of a paid order and notes it under its own key.
func (s *Server) giveBack(o *order, kind, key string, amount money.Fen) {
	s.wallets[o.Wallet] = s.balance(o.Wallet) + amount
	o.Refunded += amount
	state := standin.PartlyRefunded
	if o.Refunded == o.receipt() {
		o.Status = stRefund
		state = standin.Refunded
		if kind == "cancel" {
			state = standin.Reversed
			if s.p.CancelRevokes {
				o.Status = stRevoked
			}
		}
	}
	for i := range s.charges {
		if s.charges[i].Kind == "pay" && s.charges[i].Key == o.OutTradeNo {
			s.charges[i].State = state
		}
	}
	s.charges = append(s.charges, standin.Charge{
		Gateway: "liantuofu", Kind: kind, Key: key, Of: o.OutTradeNo, Account: o.Wallet, Amount: amount.Yuan(),
		State: standin.Done, At: s.p.Now(), Last4: o.Last4,
	})
}

// settleLate charges what was delayed and is due, whatever has been cancelled
// in the meantime: that is what late money is.
func (s *Server) settleLate() (moved bool) {
	now := s.p.Now()
	rest := s.late[:0]
	for _, o := range s.late {
		if now.Before(o.ChargeAt) {
			rest = append(rest, o)
			continue
		}
		o.ChargeAt = time.Time{}
		moved = s.charge(o) || moved
	}
	s.late = rest
	return moved
}
