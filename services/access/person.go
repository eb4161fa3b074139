package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cashier/services/fault"
)

// Person is somebody who works here, as a screen may show it.
type Person struct {
	ID       string        `json:"id"` // as in --staff; never given again
	Name     string        `json:"name"`
	Role     Role          `json:"role"`
	Active   bool          `json:"active"`
	HasPIN   bool          `json:"hasPin"`
	HasBadge bool          `json:"hasBadge"`
	Since    time.Time     `json:"since"`
	Wrong    int           `json:"wrong"` // PINs in a row
	Locked   time.Duration `json:"-"`     // how long no PIN is taken yet, as of the question
}

// Record is a person as the books have it.
type Record struct {
	ID     int64
	Name   string
	Role   Role
	Active bool
	PIN    string // argon2id, with its parameters and salt; "" for none
	Badge  string // keyed digest of the code; "" for none
	Since  time.Time
	Tries  Tries
}

const subjectPrefix = "staff:"

// Subject is what the audit trail calls the person.
func (r Record) Subject() string { return subjectPrefix + strconv.FormatInt(r.ID, 10) }

// State is what the audit trail says of the person after each change, in one
// line: whoever changes the row itself contradicts it. Of PIN and badge it has a
// fingerprint of how they are kept, which says nothing about them.
func (r Record) State() string {
	h := sha256.Sum256([]byte(r.PIN + " " + r.Badge))
	return fmt.Sprintf("role=%s active=%t badge=%t keys=%s name=%s", r.Role, r.Active, r.Badge != "", hex.EncodeToString(h[:4]), r.Name)
}

// Act is what the audit trail says beside the state: who did it, and when.
type Act struct {
	Actor   Actor
	What    string // staff.add, access.in, …
	Subject string
	Detail  string
	At      time.Time
}

// Store keeps the staff. Each writing method is one durable transaction with
// its audit row. Every error is a fault a person can act on.
type Store interface {
	// Staff lists everybody who ever worked here, by id.
	Staff(ctx context.Context) ([]Record, error)
	// AddStaff adds a person under an id that was never used. Fault
	// staff.last_owner unless there is an active owner already, or this is one.
	AddStaff(ctx context.Context, r Record, a Act) error
	// SetStaff writes a person anew. Fault staff.last_owner where no active
	// owner would be left.
	SetStaff(ctx context.Context, r Record, a Act) error
	// SetTries counts wrong PINs; with an act, the audit row goes with it.
	SetTries(ctx context.Context, id int64, t Tries, a *Act) error
}

// ErrLastOwner is the fault of whatever would leave no owner.
func ErrLastOwner() error {
	return fault.New(fault.Refused, "staff.last_owner", "There would be no owner left; nothing was changed. Make somebody else an owner first.")
}

// maxName bounds a name, in characters: more does not fit on a button.
const maxName = 24

func checkName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return "", fault.New(fault.Invalid, "staff.bad_name", "A name is 1 to {max} characters.", "max", strconv.Itoa(maxName))
	}
	return name, nil
}

func checkRole(r Role) error {
	if !r.Known() {
		return fault.New(fault.Invalid, "staff.bad_role", "There is no role {role}; there are staff, cashier, manager and owner.", "role", string(r))
	}
	return nil
}

// Bounds of a badge's code, in bytes.
const (
	minBadge = 8
	maxBadge = 64
)

// checkBadge takes printable ASCII: what a label printer and every scanner agree on.
func checkBadge(code string) error {
	if len(code) < minBadge || len(code) > maxBadge || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.New(fault.Invalid, "staff.bad_badge", "A badge's code is {min} to {max} letters, digits and signs, without blanks.", "min", strconv.Itoa(minBadge), "max", strconv.Itoa(maxBadge))
	}
	return nil
}
