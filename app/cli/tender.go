package cli

import (
	"context"
	"strconv"
	"strings"

	"cashier/app"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/scancode"
)

// parseTenders reads the --tender texts, and says why one cannot be taken
// before a sale is begun. What is taken from a member's account goes in one
// call, however many texts name it.
func (c *call) parseTenders(ctx context.Context, t *app.Till, cart checkout.Cart, texts []string) ([]checkout.Tender, error) {
	var plan []checkout.Tender
	var account *checkout.ConsumeRequest
	for _, text := range texts {
		kind, value, _ := strings.Cut(text, "=")
		var tender checkout.Tender
		var err error
		switch kind {
		case "cash":
			tender, err = cashTender(value)
		case "other":
			tender, err = otherTender(value)
		case "code":
			tender, err = codeTender(t, value)
		case "qr":
			tender, err = checkout.Tender{QR: true}, t.PayError()
		case "card":
			tender, err = cardTender(ctx, t, cart, value)
		case "member", "coupon":
			if account == nil {
				account = &checkout.ConsumeRequest{}
			}
			if err := addToAccount(account, kind, value); err != nil {
				return nil, err
			}
			continue
		default:
			err = usage("--tender is cash=AMOUNT, other=AMOUNT:REASON, code=AUTHCODE, qr, card=CODE[*COUNT], member=ID:AMOUNT or coupon=CODE, not %q", kind)
		}
		if err != nil {
			return nil, err
		}
		plan = append(plan, tender)
	}
	if account == nil {
		return plan, nil
	}
	if err := t.MemberError(); err != nil {
		return nil, err
	}
	var err error
	account.Password, err = c.payPassword(ctx, t, *account)
	return append(plan, checkout.Tender{Member: account}), err
}

func cashTender(value string) (checkout.Tender, error) {
	f, err := money.ParseFen(value)
	if err != nil || f < 0 {
		return checkout.Tender{}, usage("--tender cash=AMOUNT: an amount in yuan with at most two decimals")
	}
	return checkout.Tender{Cash: f}, nil
}

func otherTender(value string) (checkout.Tender, error) {
	amount, reason, _ := strings.Cut(value, ":")
	f, err := money.ParseFen(amount)
	if err != nil || f <= 0 || strings.TrimSpace(reason) == "" {
		return checkout.Tender{}, usage("--tender other=AMOUNT:REASON: an amount in yuan with at most two decimals, and how it was paid")
	}
	return checkout.Tender{Other: &checkout.OtherTender{Amount: f, Reason: reason}}, nil
}

func codeTender(t *app.Till, value string) (checkout.Tender, error) {
	if err := t.PayError(); err != nil {
		return checkout.Tender{}, err
	}
	if r := t.Codes.Read(value); r.Kind != scancode.Payment {
		return checkout.Tender{}, fault.New(fault.Invalid, "sale.bad_code", "{code} is no payment code ({kind}); nothing was sent. Ask the customer to show the payment code again.", "code", scancode.Masked(value), "kind", r.Kind.String())
	}
	return checkout.Tender{Code: value}, nil
}

// cardTender reads the card, because its name says which product it pays for.
func cardTender(ctx context.Context, t *app.Till, cart checkout.Cart, value string) (checkout.Tender, error) {
	no, times, counted := strings.Cut(value, "*")
	count := int64(1)
	if counted {
		var err error
		if count, err = strconv.ParseInt(times, 10, 64); err != nil || count < 1 {
			return checkout.Tender{}, usage("--tender card=%s: after * stands a whole number of times", value)
		}
	}
	if err := t.PayError(); err != nil {
		return checkout.Tender{}, err
	}
	v, err := t.Redeem.Look(ctx, no)
	if err != nil {
		return checkout.Tender{}, err
	}
	if err := v.Allows(count); err != nil {
		return checkout.Tender{}, err
	}
	code, err := t.CardPays(v.Card.Name)
	if err != nil {
		return checkout.Tender{}, err
	}
	pays, err := cart.Worth(code, count)
	if err != nil {
		return checkout.Tender{}, err
	}
	return checkout.Tender{Card: &checkout.CardTender{Card: v.Card, Before: v.Before(), Count: count, Pays: pays}}, nil
}

// addToAccount adds member=ID:AMOUNT or coupon=CODE.
func addToAccount(r *checkout.ConsumeRequest, kind, value string) error {
	if kind == "coupon" {
		r.Account.Coupons = append(r.Account.Coupons, value)
		return nil
	}
	id, amount, _ := strings.Cut(value, ":")
	f, err := money.ParseFen(amount)
	if err != nil || f <= 0 || id == "" || r.Account.Customer != "" {
		return usage("--tender member=ID:AMOUNT: once, with an amount in yuan with at most two decimals")
	}
	r.Account.Customer, r.Amount = id, f
	return nil
}
