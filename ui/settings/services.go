package settings

import (
	"context"
	"image"
	"time"

	"cashier/services/access"
)

// Kind is what a value must look like.
type Kind string

// The kinds of values.
const (
	Text    Kind = "text"
	Address Kind = "url"
	Whole   Kind = "int"
	Switch  Kind = "bool"
	Choice  Kind = "choice"
	Word    Kind = "word"
	Zone    Kind = "zone"
	Digits  Kind = "digits"
	Factor  Kind = "factor"
	Secret  Kind = "secret"
)

// Field is one thing to set. Its texts are set.KEY, what it is for under
// set.KEY.what, and of a choice each value under set.KEY:VALUE.
type Field struct {
	Key      string
	Section  Section
	Group    string // whom it is about, within a section
	Kind     Kind
	Default  string
	Choices  []string
	Suggest  []string
	Min, Max int64 // of Whole; Max 0 is any
	Fine     bool  // seldom changed: folded away
	AtOnce   bool  // the others hold once the till is opened anew
}

// State is everything as it stands.
type State struct {
	Values   map[string]string // in force, by key
	Fixed    map[string]bool   // decided by this start (its command line, the demo), whatever is saved
	Secrets  map[string]bool   // whether there is one, by key
	Vault    Vault
	Warnings []error // what the start could not read of the settings
}

// Vault is where the secrets are.
type Vault struct {
	Where      string // in words
	Err        error  // why none can be read or kept
	Passphrase bool   // a passphrase would help
	New        bool   // it would be a new one: no vault was made yet
}

// Changes are settings and secrets by key.
type Changes struct {
	Settings map[string]string
	Secrets  map[string]string
}

// Empty reports whether nothing is changed.
func (c Changes) Empty() bool { return len(c.Settings)+len(c.Secrets) == 0 }

// Store keeps the settings. All but Fields and Check block.
type Store interface {
	Fields() []Field
	State(ctx context.Context) State
	Check(key, value string) error
	Save(ctx context.Context, by access.Actor, c Changes) error
	// Unlock tries a passphrase of the vault and keeps it for this run.
	Unlock(ctx context.Context, passphrase string) error
}

// Light is how something stands.
type Light string

// The lights.
const (
	Green Light = "green"
	Amber Light = "amber"
	Red   Light = "red"
)

// Finding is how one thing stands, and why.
type Finding struct {
	Name   string
	Light  Light
	Reason string // in English
	Err    error  // the same as a fault, where there is one
}

// Doctor asks the services. It blocks.
type Doctor interface {
	// Try asks one service with changes that are not saved.
	Try(ctx context.Context, service string, c Changes) (Finding, error)
	Look(ctx context.Context) []Finding
	// Bundle writes a zip for support and says where it is.
	Bundle(ctx context.Context) (path string, err error)
}

// MemberCard is the page of the member card at HQ, and the mini-program behind it.
type MemberCard struct {
	AppID                                             string
	HasSecret                                         bool
	Logo, Background, Phone, Prerogative, Description string
}

// Card reads and changes the member card at HQ. It blocks.
type Card interface {
	Load(ctx context.Context) (MemberCard, error)
	SavePage(ctx context.Context, by access.Actor, c MemberCard) error
	SaveApp(ctx context.Context, by access.Actor, id, secret string) error
	Picture(ctx context.Context, ref string) (image.Image, error)
}

// Port is a serial port of the machine.
type Port struct{ Name, Label string }

// Ports lists the serial ports. It blocks.
type Ports interface {
	Ports(ctx context.Context) ([]Port, error)
}

// Scan is what the scanner sent, as a test shows it: nothing of a payment code
// but its last digits.
type Scan struct {
	Bytes string // in hexadecimal; "" where they must not be shown
	Code  string // decoded, or why it is no code
	As    string // what the till takes it for
	OK    bool
	At    time.Time
}

// Backup is one copy of the books.
type Backup struct {
	File string
	At   time.Time
	Size int64
}

// Backups makes and lists copies of the books, and brings one back. All block.
type Backups interface {
	List(ctx context.Context) ([]Backup, error)
	Make(ctx context.Context, by access.Actor) (Backup, error)
}

// Person is one of the staff.
type Person struct {
	ID, Name         string
	Role             access.Role
	HasPIN, HasBadge bool
	Own              bool // is at the till
	Since            time.Time
	Wrong            int // PINs in a row
}

// NewPerson is somebody to be added.
type NewPerson struct {
	Name string
	Role access.Role
	PIN  string
}

// Staff is who works here. All but LockedFor block.
type Staff interface {
	List(ctx context.Context) ([]Person, error)
	Add(ctx context.Context, by access.Actor, p NewPerson) error
	// Set gives a person another name or role; nil leaves it.
	Set(ctx context.Context, by access.Actor, id string, name *string, role *access.Role) error
	SetPIN(ctx context.Context, by access.Actor, id, pin string) error
	// SetBadge ties a badge to a person; "" takes it away.
	SetBadge(ctx context.Context, by access.Actor, id, code string) error
	// Unlock forgets the wrong PINs of a person.
	Unlock(ctx context.Context, by access.Actor, id string) error
	Remove(ctx context.Context, by access.Actor, id string) error
	// LockedFor is how long no PIN of a person is taken yet.
	LockedFor(id string) time.Duration
}

// Licence is the terms of something that others made.
type Licence struct{ Name, Text string }

// About is what this program is.
type About struct {
	Version  string
	Details  [][2]string // name, which is a key of texts, and value
	Licences []Licence
}

// Services is what the page needs of the till. Store is required; a section
// without its service is left out.
type Services struct {
	Store   Store
	Doctor  Doctor
	Card    Card
	Ports   Ports
	Backups Backups
	Staff   Staff
	About   About
}
