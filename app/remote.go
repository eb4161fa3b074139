package app

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/checkout"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/money"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// HQ is the client of HQ, or why there is none.
func (t *Till) HQ() (*hq.Client, error) {
	if t.hq == nil {
		return nil, t.hqErr
	}
	return t.hq, nil
}

// Liantuofu is the client of the payment gateway, or why there is none.
func (t *Till) Liantuofu() (*liantuofu.Client, error) {
	if t.pay == nil {
		return nil, t.payErr
	}
	return t.pay, nil
}

// Zvcms is the client of the member gateway, or why there is none.
func (t *Till) Zvcms() (*zvcms.Client, error) {
	if t.member == nil {
		return nil, t.memberErr
	}
	return t.member, nil
}

// Note writes into the audit trail what a person did outside of a sale. The
// detail is one line without secrets.
func (t *Till) Note(ctx context.Context, what, subject, detail string) error {
	return t.Ledger.Note(ctx, checkout.Act{Actor: t.Actor(), What: what, Subject: subject, Detail: detail, At: time.Now()})
}

// Yuan is an amount as HQ's documents write it.
func Yuan(f money.Fen) wire.Decimal {
	return wire.NewDecimal(decimal.New(int64(f), -2))
}
