package cli

import (
	"testing"

	"cashier/services/checkout"
	"cashier/services/shopdata/standin"
)

const washCard = "914095353294404024"

// withCard says that the demo's card pays for product 10197.
func (r *rig) withCard() *rig {
	r.t.Helper()
	for _, c := range r.servers.Shop.TimesCards {
		if c.CardNo == washCard {
			r.want(Done, r.run("", "config", "set", "timescard.pays", c.CardName+"=10197"))
			return r
		}
	}
	r.t.Fatal("the demo shop has no such card")
	return nil
}

func TestEveryTenderInOneSale(t *testing.T) {
	r := newRig(t).synced().withCard()
	p, q := r.product("10197"), r.product("10204")
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--line", "10204",
		"--tender", "card="+washCard, "--tender", "code=134567890123450002", "--tender", "cash=0.50")).out)
	if sale.State != checkout.Complete || len(sale.Legs) != 3 || sale.Total != p.Price+q.Price {
		t.Fatalf("%+v", sale)
	}
	for i, want := range []struct {
		class  checkout.Class
		amount string
	}{{"C0", "0.50"}, {"K1", (q.Price - 50).Yuan()}, {"K3", p.Price.Yuan()}} {
		if l := sale.Legs[i]; l.Class != want.class || l.Amount.Yuan() != want.amount || l.State != checkout.Paid {
			t.Errorf("%d: %+v", i, l)
		}
	}
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10204", "--tender", "card="+washCard, "--tender", "cash=100"), "nothing was taken off it")
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10197", "--tender", "card="+washCard+"*500", "--tender", "cash=100"), "times left")
	r.want(Done, r.run("", "config", "set", "timescard.pays", ""))
	r.want(RefusedExit, r.run("", "sale", "ring", "--line", "10197", "--tender", "card="+washCard), "timescard.pays")
	r.want(Usage, r.run("", "sale", "ring", "--line", "10197", "--tender", "cheque=1"))
	r.want(Done, r.run("", "verify"), "0 broken")
}

func TestAnAccountAndACouponPayInOneCall(t *testing.T) {
	r := newRig(t).withMembers().synced()
	m := r.servers.Shop.Members[0]
	sale := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--tender", "member="+m.CustomerID+":0.80",
		"--tender", "coupon="+m.Coupons[0].CardID, "--tender", "cash=50")).out)
	if sale.State != checkout.Complete || len(sale.Legs) != 2 || sale.Legs[1].Class != checkout.ClassMember || sale.Legs[1].Amount != 80 {
		t.Fatalf("%+v", sale)
	}
	charges := r.servers.ZVCMS.Charges()
	if len(charges) != 1 || charges[0].Amount != "0.80" || len(charges[0].Coupons) != 1 {
		t.Errorf("%+v", charges)
	}
}

// A card that refuses behind a payment that was taken: the payment is given
// back, and the sale is void.
func TestWhatWasPaidIsGivenBackWhenTheCardRefuses(t *testing.T) {
	r := newRig(t).synced().withCard()
	r.faults("timescard/userTimesCardConsume=refused")
	sale := doc[saleJSON](t, r.want(RefusedExit, r.run("", "--json", "sale", "ring", "--line", "10197", "--line", "10204",
		"--tender", "card="+washCard, "--tender", "code=134567890123450002")).out)
	if sale.State != checkout.Voided || sale.Legs[0].State != checkout.Reversed || sale.Legs[1].State != checkout.Rejected {
		t.Errorf("%+v", sale)
	}
	if c := r.servers.Charges(); len(c) != 2 || c[0].State != standin.Reversed || c[1].Kind != "cancel" {
		t.Errorf("%+v", c)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

// A card whose answer is lost behind a payment that was taken is left to a
// person, who then goes on with the sale or gives it up.
func TestAPartlyPaidSaleIsGoneOnWithOrGivenUp(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		want checkout.SaleState
	}{
		{"gone on with", []string{"sale", "tender", "", "--tender", "cash=100"}, Done, checkout.Complete},
		{"given up", []string{"sale", "void", "", "--reason", "customer left"}, Done, checkout.Voided},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).synced().withCard()
			r.faults("timescard/userTimesCardConsume=request-lost")
			sale := doc[saleJSON](t, r.want(Unresolved, r.run("", "--json", "sale", "ring", "--line", "10197", "--line", "10204",
				"--tender", "card="+washCard, "--tender", "code=134567890123450002")).out)
			if sale.State != checkout.Unsettled || sale.Legs[1].State != checkout.Manual {
				t.Fatalf("%+v", sale)
			}
			r.faults("")
			r.want(Done, r.run("", "pay", "resolve", sale.Legs[1].Key, "--as", "rejected", "--reason", "all times are left"))
			r.want(Unresolved, r.run("", "settle", "--wait", "1s"), "1 payments open", "paid and stays", "sale tender "+sale.SaleID)
			c.args[2] = sale.SaleID
			ended := doc[saleJSON](t, r.want(c.code, r.run("", append([]string{"--json"}, c.args...)...)).out)
			if ended.State != c.want {
				t.Errorf("%+v", ended)
			}
			r.want(Done, r.run("", "settle"), "0 payments open")
			r.want(Done, r.run("", "verify"), "0 broken")
		})
	}
}
