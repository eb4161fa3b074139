package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"cashier/services/fault"
)

// How long a PIN is.
const (
	MinPIN = 4
	MaxPIN = 8
)

// CheckPIN refuses what is no PIN, and those that anybody tries first: one
// digit again and again, a run up or down, a half said twice.
func CheckPIN(pin string) error {
	if len(pin) < MinPIN || len(pin) > MaxPIN || strings.ContainsFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) {
		return fault.New(fault.Invalid, "staff.bad_pin", "A PIN is 4 to 8 digits.")
	}
	if run(pin, 0) || run(pin, 1) || run(pin, 9) || len(pin)%2 == 0 && pin[:len(pin)/2] == pin[len(pin)/2:] {
		return fault.New(fault.Invalid, "staff.trivial_pin", "This PIN is one that anybody tries first, such as 0000, 1234 or 1212. Choose another.")
	}
	return nil
}

// run reports that each digit is step above the one before it, 9 being followed
// by 0.
func run(pin string, step int) bool {
	for i := 1; i < len(pin); i++ {
		if (int(pin[i-1]-'0')+step)%10 != int(pin[i]-'0') {
			return false
		}
	}
	return true
}

// cost is what one try at a PIN takes. It stands with each hash, so that it can
// be raised for the PINs set from then on.
type cost struct {
	kib, passes uint32
	lanes       uint8
}

// pinCost is above the least that OWASP's "Password Storage Cheat Sheet" names
// for argon2id (19 MiB, 2 passes, 1 lane) and takes a counter PC some 100 ms.
var pinCost = cost{kib: 32 << 10, passes: 3, lanes: 1}

// mostCost bounds what a hash in the books may ask of this machine.
var mostCost = cost{kib: 256 << 10, passes: 16, lanes: 4}

func (c cost) usable() bool {
	return c.kib >= 8*uint32(c.lanes) && c.passes >= 1 && c.lanes >= 1 &&
		c.kib <= mostCost.kib && c.passes <= mostCost.passes && c.lanes <= mostCost.lanes
}

const (
	saltSize = 16
	hashSize = 32
)

var b64 = base64.RawStdEncoding

// hashPIN is the PIN of one person as it is kept, in the PHC string format.
func hashPIN(pepper []byte, id int64, pin string, c cost) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.kib, c.passes, c.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(derive(pepper, id, pin, salt, c))), nil
}

// derive mixes the pepper in first: without the vault nobody can try PINs
// against the books, however few there are. The id keeps one person's hash from
// being another's.
func derive(pepper []byte, id int64, pin string, salt []byte, c cost) []byte {
	mac := hmac.New(sha256.New, pepper)
	_, _ = fmt.Fprintf(mac, "cashier pin %d %s", id, pin)
	return argon2.IDKey(mac.Sum(nil), salt, c.passes, c.kib, c.lanes, hashSize)
}

// rightPIN reports whether kept is of this person's PIN.
func rightPIN(pepper []byte, id int64, pin, kept string) (bool, error) {
	c, salt, want, err := parseHash(kept)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(derive(pepper, id, pin, salt, c), want) == 1, nil
}

func parseHash(kept string) (c cost, salt, hash []byte, err error) {
	parts := strings.Split(kept, "$")
	version := 0
	bad := fault.New(fault.Internal, "staff.pin_damaged", "The PIN of this person cannot be read from the books. Have it set anew.")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, bad
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, bad
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.kib, &c.passes, &c.lanes); err != nil || !c.usable() {
		return c, nil, nil, bad
	}
	salt, err1 := b64.DecodeString(parts[4])
	hash, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(hash) != hashSize {
		return c, nil, nil, bad
	}
	return c, salt, hash, nil
}
