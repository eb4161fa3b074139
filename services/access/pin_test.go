package access

import (
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"
)

func TestCheckPIN(t *testing.T) {
	for pin, code := range map[string]string{
		"2580": "", "91370482": "", "1357": "", "1123": "", "12345671": "",
		"": "staff.bad_pin", "258": "staff.bad_pin", "913704821": "staff.bad_pin", "25a0": "staff.bad_pin", "２５８０": "staff.bad_pin", "25 80": "staff.bad_pin",
		"0000": "staff.trivial_pin", "99999999": "staff.trivial_pin", "1234": "staff.trivial_pin", "7890": "staff.trivial_pin",
		"87654321": "staff.trivial_pin", "3210": "staff.trivial_pin", "1098": "staff.trivial_pin", "1212": "staff.trivial_pin", "258258": "staff.trivial_pin",
	} {
		err := CheckPIN(pin)
		if code == "" && err != nil {
			t.Errorf("%s: %v", pin, err)
		}
		if code != "" {
			refused(t, err, code)
		}
	}
}

// The vectors come from the reference implementation's command line:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32.
func TestArgon2id(t *testing.T) {
	got := argon2.IDKey([]byte("password"), []byte("somesalt"), 2, 1<<16, 1, 32)
	if want := "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"; hex.EncodeToString(got) != want {
		t.Errorf("%x, want %s", got, want)
	}
}

func TestPINIsOnePersonsOnOneTill(t *testing.T) {
	low := cost{kib: 64, passes: 1, lanes: 1}
	rapid.Check(t, func(t *rapid.T) {
		pin := rapid.StringMatching(`[0-9]{4,8}`).Draw(t, "pin")
		other := rapid.StringMatching(`[0-9]{4,8}`).Draw(t, "other")
		kept, err := hashPIN([]byte("pepper"), 3, pin, low)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, "$"+pin+"$") || !strings.HasPrefix(kept, "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Fatal(kept)
		}
		is := func(pepper string, id int64, pin string) bool {
			ok, err := rightPIN([]byte(pepper), id, pin, kept)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !is("pepper", 3, pin) || is("peppe", 3, pin) || is("pepper", 4, pin) || is("pepper", 3, other) != (pin == other) {
			t.Fatalf("%s %s", pin, other)
		}
	})
}

// What it costs is not less than the least that is recommended.
func TestPINCost(t *testing.T) {
	if pinCost.kib < 19<<10 || pinCost.passes < 2 || !pinCost.usable() {
		t.Errorf("%+v", pinCost)
	}
}

func FuzzParseHash(f *testing.F) {
	good, err := hashPIN([]byte("p"), 1, "2580", cost{kib: 64, passes: 1, lanes: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$c29tZXNhbHQ$x")
	f.Fuzz(func(t *testing.T, kept string) {
		c, salt, hash, err := parseHash(kept)
		if err == nil && (!c.usable() || len(salt) < 8 || len(hash) != hashSize) {
			t.Errorf("%q: %+v", kept, c)
		}
	})
}
