package scancode

import (
	"strings"

	"cashier/services/fault"
)

// Bounds of a badge's code, in bytes.
const (
	minBadge = 8
	maxBadge = 64
)

// CheckBadgePrefix refuses what badges may not begin with
// ("scan.badge_prefix"). Every pattern is all digits, so a prefix that begins
// with a letter keeps badges apart from payment codes and cards for good. ""
// is no badges.
func CheckBadgePrefix(prefix string) error {
	bad := strings.ContainsFunc(prefix, func(r rune) bool { return r <= ' ' || r > '~' })
	if prefix != "" && (bad || !letter(prefix[0]) || len(prefix) < 2 || len(prefix) > minBadge) {
		return fault.New(fault.Invalid, "scan.badge_prefix",
			"Staff badges cannot begin with “{prefix}”; none is read. Set staff.badge_prefix to 2 to 8 letters, digits and signs, a letter first.", "prefix", prefix)
	}
	return nil
}

// badge reports whether code is that of a staff badge.
func (r *Reader) badge(code string) bool {
	return r.badges != "" && strings.HasPrefix(code, r.badges) && len(code) >= minBadge && len(code) <= maxBadge &&
		!strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r > '~' })
}
