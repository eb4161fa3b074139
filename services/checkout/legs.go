package checkout

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"cashier/services/fault"
	"cashier/services/scancode"
)

// draft is what is about to be recorded of a plan. The secrets are for sending
// and stay in memory, by leg id.
type draft struct {
	legs    []Leg
	events  []LegEvent
	entries []Entry
	secrets map[string]string
}

// draftLegs makes the legs of a plan.
func (d *Desk) draftLegs(ctx context.Context, s Sale, tenders []Tender) (draft, error) {
	parts, err := plan(s.Due(), tenders)
	if err != nil {
		return draft{}, err
	}
	return d.draftParts(ctx, s, parts)
}

// draftParts makes the legs of a plan's parts. Cash is proven by being counted:
// at once, unless it goes back to a customer behind what a provider gives back.
func (d *Desk) draftParts(ctx context.Context, s Sale, parts []part) (draft, error) {
	waits := slices.ContainsFunc(parts, func(p part) bool { return p.class == ClassRefund })
	dr := draft{secrets: map[string]string{}}
	for _, p := range parts {
		l, e := d.newLeg(s, len(s.Legs)+len(dr.legs)+1, p.class, p.method, p.amount)
		l.Tendered, l.Of = p.tendered, p.of
		dr.events = append(dr.events, e)
		if err := d.fill(ctx, &l, p, dr.secrets); err != nil {
			return draft{}, err
		}
		if p.class == ClassRecorded && !waits {
			counted := LegEvent{LegID: l.ID, Seq: 2, State: Paid, At: e.At}
			if p.tender.Other != nil {
				counted.Reason = Reason{Code: CodeRecorded, Message: scancode.MaskText(p.tender.Other.Reason)}
			}
			var err error
			if l, err = l.Apply(counted); err != nil {
				return draft{}, err
			}
			dr.events, dr.entries = append(dr.events, counted), append(dr.entries, paidEntries(l)...)
		}
		dr.legs = append(dr.legs, l)
	}
	return dr, nil
}

// fill adds what a leg's class needs to be sent, and to be found out about.
func (d *Desk) fill(ctx context.Context, l *Leg, p part, secrets map[string]string) error {
	switch p.class {
	case ClassRecorded:
		return nil
	case ClassRefund:
		l.RequestHash = d.p.Secrets.Digest(l.Key + "|" + l.Amount.Yuan() + "|" + l.Of)
		return nil
	case ClassCode:
		return d.fillCode(ctx, l, p.tender.Code, secrets)
	case ClassCard:
		return d.fillCard(l, *p.tender.Card, secrets)
	case ClassMember:
		return d.fillMember(l, *p.tender.Member, secrets)
	}
	return nil
}

func (d *Desk) fillCode(ctx context.Context, l *Leg, code string, secrets map[string]string) error {
	if l.Method == MethodQR {
		l.RequestHash = d.p.Secrets.Digest(l.Key + "|" + l.Amount.Yuan() + "|" + MethodQR)
		if d.p.Codes == nil {
			return NotSetUp(ClassCode)
		}
		return nil
	}
	if err := d.acceptCode(ctx, code); err != nil {
		return err
	}
	l.CodeDigest, l.RequestHash = d.p.Secrets.Digest(code), d.p.Secrets.Digest(l.Key+"|"+l.Amount.Yuan()+"|"+code)
	secrets[l.ID] = code
	return nil
}

func (d *Desk) fillCard(l *Leg, c CardTender, secrets map[string]string) error {
	switch {
	case d.p.Cards == nil:
		return NotSetUp(ClassCard)
	case c.Card.No == "" || c.Count < 1 || c.Pays < 0:
		return fault.New(fault.Invalid, "sale.bad_card", "Say which card pays, and how many times to take off it.")
	}
	sealed, err := d.p.Secrets.Seal(c.Card.No)
	if err != nil {
		return err
	}
	l.Count, l.Before, l.SealedCard, l.CardLast4 = c.Count, c.Before, sealed, last4(c.Card.No)
	l.RequestHash = d.p.Secrets.Digest(l.Key + "|" + strconv.FormatInt(c.Count, 10) + "|" + c.Card.No)
	secrets[l.ID] = c.Card.No
	return nil
}

func (d *Desk) fillMember(l *Leg, c ConsumeRequest, secrets map[string]string) error {
	if d.p.Members == nil {
		return NotSetUp(ClassMember)
	}
	if err := c.check(); err != nil {
		return err
	}
	kept, err := json.Marshal(c.Account)
	if err != nil {
		return errUnprepared(err)
	}
	secret, err := json.Marshal(consumeSecret{c.Account, c.Password})
	if err != nil {
		return errUnprepared(err)
	}
	sealed, err := d.p.Secrets.Seal(string(kept))
	if err != nil {
		return err
	}
	l.Count, l.SealedCard, l.CardLast4 = c.Points, sealed, last4(c.Account.Customer)
	l.RequestHash = d.p.Secrets.Digest(l.Key + "|" + l.Amount.Yuan() + "|" + strconv.FormatInt(c.Points, 10) + "|" + string(kept))
	secrets[l.ID] = string(secret)
	return nil
}

func errUnprepared(cause error) error {
	return fault.Wrap(cause, fault.Internal, "consume.unwritten", "The consumption could not be prepared; nothing was sent. Try again.")
}
