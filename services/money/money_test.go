package money

import (
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParseFen(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Fen
		err  error
	}{
		{"0", 0, nil},
		{"0.01", 1, nil},
		{"12.3", 1230, nil},
		{"12.30", 1230, nil},
		{"8.0", 800, nil},
		{"8.0000", 800, nil},
		{"-0.05", -5, nil},
		{"100000000", MaxFen, nil},
		{"100000000.01", 0, ErrTooLarge},
		{"0.005", 0, ErrNotWholeFen},
		{"1.2345", 0, ErrNotWholeFen},
		{"", 0, ErrNotAmount},
		{".5", 0, ErrNotAmount},
		{"5.", 0, ErrNotAmount},
		{"+5", 0, ErrNotAmount},
		{"1e3", 0, ErrNotAmount},
		{"1,000", 0, ErrNotAmount},
		{" 1", 0, ErrNotAmount},
		{"NaN", 0, ErrNotAmount},
		{"１２", 0, ErrNotAmount},
		{"--1", 0, ErrNotAmount},
	} {
		got, err := ParseFen(c.in)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("ParseFen(%q) = %d, %v; want %d, %v", c.in, got, err, c.want, c.err)
		}
	}
}

func TestFenText(t *testing.T) {
	for f, want := range map[Fen]string{0: "0.00", 5: "0.05", -5: "-0.05", 1230: "12.30", -1230: "-12.30"} {
		if f.Yuan() != want {
			t.Errorf("%d: %q, want %q", int64(f), f.Yuan(), want)
		}
	}
	b, _ := json.Marshal(map[string]Fen{"a": 105})
	if string(b) != `{"a":"1.05"}` {
		t.Errorf("json: %s", b)
	}
}

func TestWeights(t *testing.T) {
	for _, c := range []struct {
		unit string
		g    Grams
		ok   bool
	}{
		{"斤", 500, true}, {"公斤", 1000, true}, {"KG", 1000, true}, {"ｋｇ", 1000, true}, {" kg ", 1000, true},
		{"两", 50, true}, {"克", 1, true}, {"g", 1, true}, {"500g", 500, true},
		{"个", 0, false}, {"", 0, false}, {"箱", 0, false}, {"公 斤", 0, false},
	} {
		if g, ok := UnitGrams(c.unit); g != c.g || ok != c.ok {
			t.Errorf("UnitGrams(%q) = %d, %v", c.unit, g, ok)
		}
	}
	for _, c := range []struct {
		in string
		g  Grams
		ok bool
	}{{"1.234", 1234, true}, {"0.5", 500, true}, {"2", 2000, true}, {"0", 0, true}, {"1.2345", 0, false}, {"-1", 0, false}, {"10000.001", 0, false}, {"a", 0, false}} {
		g, err := ParseKG(c.in)
		if g != c.g || (err == nil) != c.ok {
			t.Errorf("ParseKG(%q) = %d, %v", c.in, g, err)
		}
	}
	// 5.98 yuan a 斤, 0.735 kg: 8.7906 yuan.
	if f, _ := ForWeight(598, 735, 500); f != 879 {
		t.Errorf("half up: %d", f)
	}
	// Exactly half a fen goes up, and down for a refund of the same line.
	if f, _ := ForWeight(1, 250, 500); f != 1 {
		t.Errorf("exact half: %d", f)
	}
	if f, _ := ForWeight(-1, 250, 500); f != -1 {
		t.Errorf("exact half of a refund: %d", f)
	}
}

// The reference is arbitrary-precision arithmetic, not our own formula.
func TestForWeightAgainstBigInt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(0, int64(MaxFen)).Draw(t, "price")
		g := rapid.Int64Range(0, int64(MaxGrams)).Draw(t, "grams")
		unit := rapid.SampledFrom([]int64{1, 50, 100, 500, 1000}).Draw(t, "unit")
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(price), big.NewInt(g)), big.NewInt(unit))
		got, err := ForWeight(Fen(price), Grams(g), Grams(unit))
		if err != nil {
			if exact.Cmp(big.NewRat(int64(MaxFen)*9/10, 1)) < 0 {
				t.Fatalf("refused %s", exact)
			}
			return
		}
		diff := new(big.Rat).Sub(big.NewRat(int64(got), 1), exact)
		half := big.NewRat(1, 2)
		if diff.Cmp(half) > 0 || diff.Cmp(new(big.Rat).Neg(half)) <= 0 {
			t.Fatalf("got %d for %s", got, exact)
		}
	})
}

func FuzzParseFen(f *testing.F) {
	for _, s := range []string{"12.30", "-0.05", "1e9", "", "999999999999999999999.99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseFen(s)
		if err != nil {
			return
		}
		back, err := ParseFen(v.Yuan())
		if err != nil || back != v {
			t.Fatalf("%q → %d → %q → %d, %v", s, v, v.Yuan(), back, err)
		}
	})
}
