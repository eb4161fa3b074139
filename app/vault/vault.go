package vault

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/zalando/go-keyring"

	"cashier/services/fault"
)

// PassphraseEnv names the variable that opens the encrypted file.
const PassphraseEnv = "CASHIER_VAULT_PASSPHRASE"

// FileName is the encrypted file inside the data folder.
const FileName = "vault.age"

// Names are the secrets a person may set.
func Names() []string {
	return []string{"hq.password", "hq.header_value", "liantuofu.key", "zvcms.open_key"}
}

const deviceKey = "till.key" // made by the till itself

// Vault reads and writes secrets by name.
type Vault struct{ backend backend }

type backend interface {
	get(name string) (string, error) // errAbsent if there is none
	set(name, value string) error
	add(name, value string) (kept string, err error) // keeps what is there already
	where() string
}

var errAbsent = errors.New("no such secret")

// Open chooses where secrets live: the file where a passphrase is given, else
// the operating system's keyring. An error says how to get either.
func Open(dir, passphrase string) (*Vault, error) { return OpenAt(dir, passphrase, DefaultCost) }

// OpenAt is Open with another cost for a file that is written anew.
func OpenAt(dir, passphrase string, cost int) (*Vault, error) {
	if passphrase != "" {
		return openFile(filepath.Join(dir, FileName), passphrase, cost)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	ring := keyringBackend{service: "cashier " + abs}
	if !keyringReachable() {
		return nil, noVault(nil)
	}
	if _, err := ring.get(deviceKey); err != nil && !errors.Is(err, errAbsent) {
		return nil, noVault(err)
	}
	return &Vault{ring}, nil
}

func noVault(cause error) error {
	return fault.Wrap(cause, fault.Credentials, "vault.none",
		"This machine has no keyring that can be opened. Set {env} to a passphrase of your own and start again; the secrets are then kept in an encrypted file that the passphrase opens.",
		"env", PassphraseEnv)
}

// keyringReachable avoids waiting for a session bus that is not there.
func keyringReachable() bool {
	return runtime.GOOS != "linux" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != ""
}

// Where says in words where the secrets are kept.
func (v *Vault) Where() string { return v.backend.where() }

// Get is a secret; a fault with code vault.missing if it was never set.
func (v *Vault) Get(name string) (string, error) {
	s, err := v.backend.get(name)
	if errors.Is(err, errAbsent) {
		return "", fault.New(fault.Credentials, "vault.missing", "The secret {name} is not set: run `cashierctl secret set {name}`.", "name", name)
	}
	return s, err
}

// Has reports whether a secret is set.
func (v *Vault) Has(name string) bool {
	_, err := v.backend.get(name)
	return err == nil
}

// Set keeps a secret a person gave.
func (v *Vault) Set(name, value string) error {
	if !slices.Contains(Names(), name) {
		return fault.New(fault.Invalid, "vault.unknown", "There is no secret {name}. There are: {names}.", "name", name, "names", strings.Join(Names(), " "))
	}
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
		return fault.New(fault.Invalid, "vault.bad_value", "A secret is one line that is not empty.")
	}
	return v.backend.set(name, value)
}

type keyringBackend struct{ service string }

func (k keyringBackend) get(name string) (string, error) {
	s, err := keyring.Get(k.service, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", errAbsent
	}
	return s, err
}

func (k keyringBackend) set(name, value string) error {
	if err := keyring.Set(k.service, name, value); err != nil {
		return noVault(err)
	}
	return nil
}

func (k keyringBackend) add(name, value string) (string, error) {
	switch kept, err := k.get(name); {
	case err == nil:
		return kept, nil
	case !errors.Is(err, errAbsent):
		return "", noVault(err)
	}
	return value, k.set(name, value)
}

func (k keyringBackend) where() string { return "the keyring of the operating system" }
