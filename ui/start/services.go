package start

import (
	"context"

	"cashier/services/access"
)

// Step is how far the guide has come.
type Step string

// The steps, in their order. Done is behind the last.
const (
	AtHQ      Step = "hq"
	AtShop    Step = "shop"
	AtDevices Step = "devices"
	AtStaff   Step = "staff"
	Done      Step = "done"
)

// HQ is how the till logs in at HQ.
type HQ struct{ URL, Tenant, Login, Password string }

// Shop is a shop of HQ's.
type Shop struct {
	ID       int64
	Name     string
	Address  string
	Products int64 // 0 where that is not known
}

// Port is a serial port of the machine.
type Port struct{ Name, Label string }

// Standing is what is set up already.
type Standing struct {
	HQ         HQ // without the password
	Password   bool
	ShopID     int64
	ShopName   string
	Scanner    string
	Passphrase bool  // the vault asks for one before a password can be kept
	New        bool  // and there is none yet
	Vault      error // why no password can be kept, where no passphrase would help
}

// Setup is what the guide needs of the till. All but Check block.
type Setup interface {
	Standing(ctx context.Context) Standing
	// Check refuses what a box of the guide may not hold: url, tenant, login, shop,
	// name, port or person.
	Check(box, value string) error
	// Reached keeps the step that is to be shown next time.
	Reached(ctx context.Context, s Step) error
	Unlock(ctx context.Context, passphrase string) error
	// Demo opens the demo shop in a window of its own.
	Demo(ctx context.Context) error
	// Login logs in at HQ, and keeps how only if HQ accepts it. An empty password
	// is the one that is kept already.
	Login(ctx context.Context, by access.Actor, h HQ) error
	// Shops are those HQ names, none where it does not say.
	Shops(ctx context.Context) ([]Shop, error)
	// Choose asks HQ for the shop and keeps it, with the name, if HQ knows it.
	Choose(ctx context.Context, by access.Actor, id int64, name string) (Shop, error)
	Ports(ctx context.Context) ([]Port, error)
	Scanner(ctx context.Context, by access.Actor, port string) error
}

// Person is one of the staff.
type Person struct {
	ID, Name string
	Role     access.Role
}

// NewPerson is somebody to be added.
type NewPerson struct {
	Name string
	Role access.Role
	PIN  string
}

// Staff is who works here. Both block.
type Staff interface {
	List(ctx context.Context) ([]Person, error)
	Add(ctx context.Context, by access.Actor, p NewPerson) error
}
