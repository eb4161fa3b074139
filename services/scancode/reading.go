package scancode

import (
	"fmt"
	"io"
	"log/slog"

	"cashier/services/fault"
	"cashier/services/money"
)

// Kind is what a code is.
type Kind uint8

// The kinds. Only a code that fits a payment pattern as a whole is Payment.
const (
	Unknown   Kind = iota // a sound code that fits nothing
	Goods                 // a product's barcode or 货号, exactly
	Label                 // the shop's own label: a product with its weight or amount
	Payment               // a wallet's payment code
	Member                // a member's code or card number
	TimesCard             // a 次卡
	Badge                 // a staff badge
	Ambiguous             // a label and a pattern both fit
	Rejected              // not a code at all
)

func (k Kind) String() string {
	return name(k, "unknown", "goods", "label", "payment", "member", "timescard", "badge", "ambiguous", "rejected")
}

// Flaw is why a code was rejected.
type Flaw uint8

// The flaws.
const (
	Sound        Flaw = iota
	Empty             // nothing left after cleaning
	TooLong           // more than MaxLen bytes
	ControlChars      // NUL, other control characters, or bytes that are not text
)

func (f Flaw) String() string {
	return name(f, "sound", "empty", "too long", "control characters")
}

// LabelContent is what a label template reads out of a code. Exactly one of
// Weight and Amount is set, except on labels that carry both; where Amount is
// set it is the authority for the line.
type LabelContent struct {
	Template string      // name of the template, for the screen
	PLU      string      // the product's code inside the label
	Weight   money.Grams // 0 when the label has none
	Amount   money.Fen   // 0 when the label has none
}

// Reading is what a code was taken for. Code may be a payment code, a secret
// for a minute and a fingerprint after that: formatting or logging a Reading
// shows it masked, and it is left out of JSON.
type Reading struct {
	Kind      Kind
	Code      string       `json:"-"` // cleaned, in full
	Symbology Symbology    // as the scanner said, if it did
	Pattern   string       // name of the pattern that fits; Payment, Member, TimesCard
	Wallet    Wallet       // Payment only
	Products  int          // Goods, Label: how many products carry the code; above 1 a person picks
	Label     LabelContent // Label; also on an Unknown whose PLU no product has
	Flaw      Flaw         // Rejected only
	Readings  []Reading    // Ambiguous only: the two or more that fit
}

// Shown is the code as a screen or a log may show it: a product's code in full,
// a short label or unknown code too, since a person has to recognise or teach
// it; anything that may be a payment, a card or a bank card masked, and of a badge
// nothing.
func (r Reading) Shown() string {
	switch r.Kind {
	case Goods:
		return printable(r.Code)
	case Badge:
		return stars // all of it proves who somebody is
	case Label, Unknown:
		// A GTIN has 14 digits at most; bank cards, cut-off payment codes and
		// labels that could be payment codes have more.
		if len(r.Code) <= 14 {
			return printable(r.Code)
		}
	default:
	}
	return Masked(r.Code)
}

// Format writes kind and masked code for every verb, %#v included.
func (r Reading) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, r.Kind.String()+" "+r.Shown())
}

// LogValue keeps the code out of logs.
func (r Reading) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", r.Kind.String()),
		slog.String("code", r.Shown()),
		slog.Int("length", len(r.Code)),
		slog.String("pattern", r.Pattern))
}

// Intent is what should happen.
type Intent uint8

// The intents. PayTotal and Redeem are the only ones that begin to move money
// or an entitlement.
const (
	Refuse         Intent = iota // nothing: Reason says why
	AddGoods                     // a line for this product or label
	PayTotal                     // charge what is due to this payment code
	OpenPay                      // show the pay screen; the code is not charged
	NeedCart                     // a payment code, and nothing to pay
	IdentifyMember               // look the member up
	Redeem                       // open this times card
	AskWhich                     // a person chooses: among Choices, or among the products of the code
	AskRepeat                    // this code was used already: ask, then do Then
	Teach                        // unknown: offer to search for it or teach it
	Search                       // hand the code to the screen's search
	Wait                         // a payment is being confirmed: nothing until it is
	SignIn                       // a staff badge: whose it is works at the till from now on
)

func (i Intent) String() string {
	return name(i, "refuse", "add goods", "pay total", "open pay", "need cart", "identify member",
		"redeem", "ask which", "ask repeat", "teach", "search", "wait", "sign in")
}

// Decision is the answer to one scan.
type Decision struct {
	Intent  Intent
	Reading Reading
	Then    Intent       // AskRepeat only: what a yes means
	Choices []Decision   // AskWhich on an Ambiguous reading only; each is what picking it means
	Reason  *fault.Error // Refuse, Wait, NeedCart, OpenPay, AskRepeat, Teach: the sentence for the screen
}

// LogValue keeps the code out of logs.
func (d Decision) LogValue() slog.Value {
	return slog.GroupValue(slog.String("intent", d.Intent.String()), slog.Any("reading", d.Reading))
}

func name[T ~uint8](v T, names ...string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%T(%d)", v, uint8(v))
}
