package cli

import (
	"fmt"
	"strings"

	"cashier/services/checkout"
	"cashier/services/money"
)

func saleExit(s checkout.Sale) int {
	if s.State == checkout.Complete {
		return Done
	}
	if _, open := s.OpenLeg(); open || s.State == checkout.Unsettled || s.State == checkout.Compensating {
		return Unresolved
	}
	for _, l := range s.Legs {
		if l.Reason.Code == "unreachable" {
			return NotReached
		}
	}
	return RefusedExit
}

// saleWords says what a sale that did not complete means for the money.
func saleWords(s checkout.Sale) string {
	if l, open := s.OpenLeg(); open {
		return openWords(l)
	}
	if s.Kind == checkout.Refund {
		return refundWords(s)
	}
	switch s.State {
	case checkout.Unsettled, checkout.Tendering:
		return fmt.Sprintf("%s of %s is paid and stays paid: %s", s.Paid(), s.Total, nextForPartlyPaid(s.ID))
	case checkout.Compensating:
		return "What was paid is being given back; `cashierctl settle` works on it."
	case checkout.Complete, checkout.Voided:
	}
	words := "The sale was not completed."
	for _, l := range s.Legs {
		if l.Class != checkout.ClassRecorded {
			words = failedWords(l)
		}
	}
	if back := handBack(s); back > 0 {
		words += " Hand the " + back.String() + " in cash back to the customer."
	}
	return words
}

func nextForPartlyPaid(saleID string) string {
	return fmt.Sprintf("go on with `cashierctl sale tender %s --tender …`, or give it back with `cashierctl sale void %s --reason TEXT`.", saleID, saleID)
}

// openWords says what is not known, and who finds it out.
func openWords(l checkout.Leg) string {
	unknown, where := "whether the customer has paid", "the customer's wallet and Liantuofu's list of payments show it"
	switch l.Class {
	case checkout.ClassCard:
		unknown, where = "whether the times were taken off the card", "the times left on the card show it"
	case checkout.ClassMember:
		unknown, where = "whether it was taken from the member's account", "the member's account at zvcms shows it"
	case checkout.ClassRefund:
		unknown, where = "whether the money has gone back to the customer", "the customer's wallet and Liantuofu's list of refunds show it"
	case checkout.ClassCode, checkout.ClassRecorded:
	}
	next := "`cashierctl settle` works on it."
	if l.State == checkout.Manual {
		next = fmt.Sprintf("Only a person can tell (%s): `cashierctl pay resolve %s --as PAID|REVERSED|REJECTED --reason TEXT`.", where, l.Key)
	}
	return fmt.Sprintf("%s is %s: it is not known %s. It stays in the tray. %s %s", l.Key, l.State, unknown, next, reasonText(l))
}

// lateWords says what a person does about money that moved although its payment,
// or its refund, was over.
func lateWords(l checkout.Leg) string {
	by := "`cashierctl pay resolve " + l.Key + " "
	if l.Class == checkout.ClassRefund {
		return fmt.Sprintf("Liantuofu refused this refund and gave the %s back all the same: the customer may have been given it twice. If the customer paid it back in cash: %s--cash --reason TEXT`; if it came back to the shop in Liantuofu's merchant back office: %s--as REVERSED --reason TEXT`; if the customer keeps it: %s--as PAID --reason TEXT`.", l.Amount, by, by, by)
	}
	return fmt.Sprintf("Liantuofu took the %s after this payment was given up, and does not give it back: no sale is paid by it. Give it back in Liantuofu's merchant back office, then %s--as REVERSED --reason TEXT`, or in cash, then %s--cash --reason TEXT`; if the shop keeps it: %s--as PAID --reason TEXT`.", l.Amount, by, by, by)
}

// failedWords says how a payment code or a card came to nothing.
func failedWords(l checkout.Leg) string {
	what, nothing := "The payment", "nothing was charged"
	provider := "Liantuofu"
	switch l.Class {
	case checkout.ClassCard:
		what, nothing = "The card", "nothing was taken off it"
	case checkout.ClassMember:
		what, nothing, provider = "The consumption", "nothing was taken from the account", "zvcms"
	case checkout.ClassRefund:
		what, nothing = "The refund", "nothing was given back"
	case checkout.ClassCode, checkout.ClassRecorded:
	}
	switch {
	case l.Reason.Code == "unreachable":
		instead := "take cash"
		if l.Class == checkout.ClassRefund {
			instead = "give it back in cash"
		}
		return provider + " cannot be reached and nothing was sent; " + nothing + ". Check the network, or " + instead + ". " + l.Reason.Message
	case l.Reason.Code == "not_sendable":
		return what + " could not be sent as it was asked for; " + nothing + ". " + l.Reason.Message
	case l.Reason.Code == "by_hand":
		return fmt.Sprintf("%s is %s, as a person has recorded: %s.", what, l.State, l.Reason.Message)
	case l.State == checkout.Rejected:
		return what + " was refused and " + nothing + ": " + reasonText(l)
	case l.State != checkout.Reversed:
		return "The sale was not completed."
	case l.Reason.Code == "refunded", l.Reason.RawCode == string(checkout.OrderRefunded), l.Reason.RawCode == string(checkout.OrderRevoked):
		return "The payment was cancelled; if the customer had been charged, the money was given back. " + reasonText(l)
	}
	return "The payment was not confirmed in time and has been cancelled; nothing was charged. " + reasonText(l)
}

// closedWords says how a sale ended that nobody was waiting for.
func closedWords(s checkout.Sale) string {
	switch {
	case s.Kind == checkout.Refund && s.State == checkout.Complete:
		return strings.TrimSpace(fmt.Sprintf("Refund %s of %s is complete, receipt %s. %s", s.ID, s.Total, s.ReceiptNo, handOutWords(s)))
	case s.Kind == checkout.Refund:
		return fmt.Sprintf("Refund %s of %s is voided. %s", s.ID, s.Total, saleWords(s))
	case s.State == checkout.Complete:
		return fmt.Sprintf("Sale %s of %s is complete, receipt %s.", s.ID, s.Total, s.ReceiptNo)
	}
	return fmt.Sprintf("Sale %s of %s is voided. %s", s.ID, s.Total, saleWords(s))
}

// refundWords says what a refund that did not complete means for the money.
func refundWords(s checkout.Sale) string {
	if s.Paid() > 0 {
		return fmt.Sprintf("%s of %s has been given back: %s", s.Paid(), s.Total, nextForPartlyRefunded(s.ID))
	}
	words := "Nothing was given back."
	for _, l := range s.Legs {
		if l.Class == checkout.ClassRefund && l.Reason.Code != "not_begun" {
			words = failedWords(l)
		}
	}
	return words
}

func nextForPartlyRefunded(saleID string) string {
	return fmt.Sprintf("give the rest with `cashierctl sale refund %s --all [--cash] --reason TEXT`.", saleID)
}

// handOutWords say what a person gives with a complete refund.
func handOutWords(s checkout.Sale) string {
	var words []string
	if out := s.HandOut(); out > 0 {
		words = append(words, "Hand the "+out.String()+" in cash to the customer.")
	}
	if out := s.GiveOtherwise(); out > 0 {
		words = append(words, "Give the "+out.String()+" back by the way it was seen to be paid; the till has no part in that.")
	}
	return strings.Join(words, " ")
}

// handBack is the cash to hand to a customer: what he gave for a sale that was
// voided, or what a refund gives.
func handBack(s checkout.Sale) (cash money.Fen) {
	if s.Kind == checkout.Refund {
		return s.HandOut()
	}
	for _, l := range s.Legs {
		if s.State == checkout.Voided && l.Class == checkout.ClassRecorded && l.State == checkout.Reversed {
			cash += l.Tendered
		}
	}
	return cash
}
