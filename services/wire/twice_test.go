package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFieldTwice(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                                   "",
		`[]`:                                   "",
		`{"a":1,"b":{"a":2}}`:                  "",
		`[{"a":1},{"a":2}]`:                    "",
		`{"a":"a","b":"a"}`:                    "",
		`{"a":"\"a\":","b":1}`:                 "",
		`{"price":1,"price":2}`:                "price",
		`{"price":1,"Price":2}`:                "Price",
		`{"price" : 1 ,` + "\n" + `"PRICE":2}`: "PRICE",
		`{"price":1,"pri\u0063e":2}`:           "price",
		`[{"x":[{"a":1,"b":[],"a":null}]}]`:    "a",
	} {
		if got, _ := FieldTwice([]byte(body), true); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	if name, twice := FieldTwice([]byte(`{"data":[{"a":1,"a":2}]}`), false); twice {
		t.Errorf("%s is not of the outermost object", name)
	}
}

// A map never has a name twice; once one is written twice, it is found.
func TestFieldTwiceFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.MapOfN(rapid.StringMatching(`[a-z"\\{}:, 价]{1,6}`), rapid.StringMatching(`[a-z"\\{}:, 价]{0,6}`), 1, 8).Draw(t, "object")
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if name, twice := FieldTwice(b, true); twice {
			t.Fatalf("%s: %q", b, name)
		}
		for name := range m {
			again, err := json.Marshal(strings.ToUpper(name))
			if err != nil {
				t.Fatal(err)
			}
			doubled := strings.TrimSuffix(string(b), "}") + `, ` + string(again) + `: null}`
			if _, twice := FieldTwice([]byte(doubled), true); !twice {
				t.Fatalf("%s", doubled)
			}
		}
	})
}

func FuzzFieldTwice(f *testing.F) {
	for _, seed := range []string{`{"a":1,"A":2}`, `{"a`, `"`, `}{`, `{"a\`, `[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, twice := FieldTwice(b, true); twice && len(b) < 2*len(name) {
			t.Fatalf("%q: %q", b, name)
		}
	})
}
