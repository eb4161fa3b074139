package pricing

import (
	"strings"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/money"
)

// Ending is how a price is to end.
type Ending string

// The endings of the trade.
const (
	AsItIs Ending = ""
	To0    Ending = ".0" // whole yuan: 12.00
	To5    Ending = ".5" // 12.50
	To9    Ending = ".9" // 12.90
)

// Direction is where an ending is looked for.
type Direction string

// The directions. Nearest takes the higher one of two that are as near.
const (
	Nearest Direction = "nearest"
	Up      Direction = "up"
	Down    Direction = "down"
)

// wholePercent is 100 % in the unit of Adjustment.Percent.
const wholePercent = 100_00

// Adjustment changes a price: first by Percent, rounded half up to the fen, then
// by Add, then to the Ending. All of it is integer fen.
type Adjustment struct {
	Percent   int64 // in hundredths of a percent; -500 makes it 5 % cheaper
	Add       money.Fen
	Ending    Ending
	Direction Direction // of the ending; "": Nearest
	Member    bool      // the member price too, where there is one
}

func (a Adjustment) check() error {
	_, known := a.Ending.fen()
	switch {
	case !known, a.Direction != "" && a.Direction != Nearest && a.Direction != Up && a.Direction != Down:
		return fault.New(fault.Invalid, "price.adjust_round", "A price is rounded to .0, .5 or .9, and to the nearest, up or down.")
	case a.Percent == 0 && a.Add == 0 && a.Ending == AsItIs:
		return fault.New(fault.Invalid, "price.adjust_nothing", "This adjustment changes nothing. Give a percentage, an amount or an ending.")
	case a.Percent <= -wholePercent || a.Percent > 100*wholePercent:
		return fault.New(fault.Invalid, "price.adjust_percent", "A price changes by more than -100 % and by 10000 % at most.")
	}
	return nil
}

// Apply is the adjusted price. An ending is never so low that a price above 0
// comes to 0: then it is the lowest such price, up even where Down was asked for.
// A price of 0 or less takes no ending.
func (a Adjustment) Apply(f money.Fen) (money.Fen, error) {
	d := decimal.New(int64(f), 0).Mul(decimal.New(wholePercent+a.Percent, -4)).Round(0).Add(decimal.New(int64(a.Add), 0))
	got, err := money.FenFromDecimal(d.Shift(-2))
	if err != nil {
		return 0, err
	}
	return a.Ending.of(got, a.Direction), nil
}

// fen is what the ending is within a yuan.
func (e Ending) fen() (money.Fen, bool) {
	switch e {
	case AsItIs, To0:
		return 0, true
	case To5:
		return 50, true
	case To9:
		return 90, true
	}
	return 0, false
}

func (e Ending) of(f money.Fen, d Direction) money.Fen {
	const yuan = 100
	ending, _ := e.fen()
	if e == AsItIs || f <= 0 {
		return f
	}
	past := ((f-ending)%yuan + yuan) % yuan // how far above the ending below
	below, above := f-past, f-past+yuan
	switch {
	case past == 0:
		return f
	case d == Up, below <= 0:
		return above
	case d == Down:
		return below
	case f-below < above-f:
		return below
	}
	return above
}

// ParsePercent reads a percentage such as "-5", "+7.5" or "3.25%".
func ParsePercent(s string) (hundredths int64, err error) {
	s = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(s), "%"), "+")
	f, err := money.ParseFen(s) // two decimals, like an amount
	if err != nil {
		return 0, fault.New(fault.Invalid, "price.percent", "“{text}” is no percentage. Write it like -5 or 2.5.", "text", s)
	}
	return int64(f), nil
}
