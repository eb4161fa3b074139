package liantuofu

import (
	"crypto/md5" // the vendor's rule, not our choice
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"cashier/services/fault"
	"cashier/services/wire"
)

// sign is the vendor's signature (vendor page 673453270295568): the parameters
// that are not empty, except sign itself, sorted by name in ASCII order and
// joined as k=v with &, then &key=KEY; the MD5 of the UTF-8 bytes in lower-case
// hex. Values are signed raw, before URL encoding.
func sign(params map[string]string, key string) string {
	names := make([]string, 0, len(params))
	for name, value := range params {
		if name != "sign" && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name + "=" + params[name] + "&")
	}
	b.WriteString("key=" + key)
	sum := md5.Sum([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// checkValues refuses what would let two different requests have one signed
// text: & and = are the rule's own punctuation. Control characters are never
// meant, and come from a scanner gone wrong.
func checkValues(params map[string]string) error {
	for name, value := range params {
		bad := strings.ContainsFunc(value, func(r rune) bool {
			return r == '&' || r == '=' || unicode.IsControl(r) || r == '\uFFFD'
		})
		if bad {
			return service.Fault(fault.Invalid, "value",
				"The field “{field}” holds a character that {service} cannot take (such as & or =). Remove it, then try again.", nil, "field", name)
		}
	}
	return nil
}

// Signature is what the signature of a reply says about its origin.
type Signature uint8

// The three findings. Absent proves nothing either way.
const (
	Absent Signature = iota
	Valid
	Invalid
)

func (s Signature) String() string {
	return [...]string{"absent", "valid", "invalid"}[s]
}

// verify recomputes the signature of a reply over its top-level members that
// are not empty, except sign; numbers and flags count as their text in the
// reply. Objects and arrays are left out, as is imgData, which the vendor's own
// client leaves out: so nothing nested is covered by the signature, and nothing
// nested may decide about money.
func verify(fields map[string]json.RawMessage, key string) Signature {
	params := make(map[string]string, len(fields))
	for name, raw := range fields {
		var text wire.Text
		if name == "imgData" || json.Unmarshal(raw, &text) != nil {
			continue
		}
		params[name] = string(text)
	}
	given := strings.ToLower(params["sign"])
	if given == "" {
		return Absent
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(sign(params, key))) == 1 {
		return Valid
	}
	return Invalid
}
