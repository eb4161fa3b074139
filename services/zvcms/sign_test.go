package zvcms

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// The first token is published in the tests of an independent client of version
// 3; the second is the same input with the other case, recomputed with openssl.
func TestSignVectors(t *testing.T) {
	s := stamp{nonce: strconv.Itoa(testNonce), timestamp: strconv.Itoa(testTime)}
	for upper, want := range map[bool]string{false: testToken, true: "quMhws%2BdNnR03SlmwB4wgtlKVlI%3D"} {
		if got := sign(testKey, testOpenID, testGrant, s, upper); got != want {
			t.Errorf("upper %v: %s, want %s", upper, got, want)
		}
	}
}

// Any change of anything signed must change the token, and every token must be
// 20 bytes under base64 under URL encoding, as the page's sample is.
func TestSignCoversEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zA-Z0-9+/ %一-龥-]{1,16}`)
		v := [5]string{}
		for i := range v {
			v[i] = word.Draw(t, "value")
		}
		token := func(v [5]string, upper bool) string {
			return sign(v[0], v[1], v[2], stamp{v[3], v[4]}, upper)
		}
		before := token(v, false)
		for i := range v {
			changed := v
			changed[i] += "x"
			if token(changed, false) == before {
				t.Fatalf("value %d is not covered", i)
			}
		}
		if token(v, true) == before {
			t.Fatal("the case of the names is not covered")
		}
		plain, err := url.QueryUnescape(before)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := base64.StdEncoding.DecodeString(plain); err != nil || len(raw) != 20 {
			t.Fatalf("%s: %d bytes, %v", before, len(raw), err)
		}
	})
}

func TestNonceIsPositiveAndFitsAnInt(t *testing.T) {
	seen := map[int64]bool{}
	for range 200 {
		n := nonce()
		if n <= 0 || n > 1<<31-1 {
			t.Fatal(n)
		}
		seen[n] = true
	}
	if len(seen) < 199 {
		t.Errorf("only %d different", len(seen))
	}
}
