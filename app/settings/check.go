package settings

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows tills have no zone database
	"unicode"

	"cashier/services/fault"
)

// Check is a value as Set would keep it, or the fault that says what it must be.
func Check(name, value string) (string, error) {
	k, ok := lookup(name)
	if !ok {
		return "", fault.New(fault.Invalid, "settings.unknown_key", "There is no setting {key}. `cashierctl config get` lists all of them.", "key", name)
	}
	value = strings.TrimSpace(value)
	if value == "" {
		return "", nil
	}
	if want := k.wants(value); want != "" {
		return "", fault.New(fault.Invalid, "settings.bad_value", "{key} must be {want}, not “{value}”.", "key", name, "want", want, "value", value)
	}
	return value, nil
}

// wants is what a value must be that is not, "" where it is.
func (k Key) wants(value string) string {
	switch k.Kind {
	case Int:
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case k.Max > 0 && (err != nil || n < k.Min || n > k.Max):
			return fmt.Sprintf("a whole number from %d to %d", k.Min, k.Max)
		case err != nil || n < k.Min:
			return fmt.Sprintf("a whole number, %d or more", k.Min)
		}
	case Bool:
		if value != "true" && value != "false" {
			return "true or false"
		}
	case URL:
		if u, err := url.Parse(value); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return "an address such as https://host/"
		}
	case Choice:
		if !slices.Contains(k.Choices, value) {
			return "one of " + strings.TrimSpace(strings.Join(k.Choices, " "))
		}
	case Word:
		if strings.ContainsFunc(value, func(r rune) bool { return r == '&' || r == '=' || r == '\uFFFD' || unicode.IsControl(r) }) {
			return "a text without &, = and control characters"
		}
	case Zone:
		if _, err := time.LoadLocation(value); err != nil || value == "Local" {
			return "a time zone such as Asia/Shanghai"
		}
	case Digits:
		if !digitGroups.MatchString(value) {
			return "groups of digits, separated by commas, such as 91,92"
		}
	case Factor:
		if !factor.MatchString(value) {
			return "a number from 1.0 to 2.0"
		}
	case Text:
	}
	return ""
}

var (
	digitGroups = regexp.MustCompile(`^\d+(\s*,\s*\d+)*$`)
	factor      = regexp.MustCompile(`^(1(\.\d{1,2})?|2(\.0{1,2})?)$`)
)
