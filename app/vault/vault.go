// Package vault keeps secrets: gateway keys, the HQ password, and the till's
// own key that seals card numbers. They go to the operating system's keyring
// or, where there is none, into a file encrypted with a passphrase (age,
// scrypt). Nothing is ever written in clear.
//
// It touches the keyring and one file, and nothing else of ours but
// services/fault and the atomic file writer of settings.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"filippo.io/age"
	"github.com/zalando/go-keyring"

	"cashier/app/settings"
	"cashier/services/fault"
)

// PassphraseEnv names the variable that opens the encrypted file.
const PassphraseEnv = "CASHIER_VAULT_PASSPHRASE"

// FileName is the encrypted file inside the data folder.
const FileName = "vault.age"

// Names are the secrets a person may set.
func Names() []string { return []string{"hq.password", "liantuofu.key", "zvcms.open_key"} }

const deviceKey = "till.key" // made by the till itself

// Vault reads and writes secrets by name.
type Vault struct{ backend backend }

type backend interface {
	get(name string) (string, error) // errAbsent if there is none
	set(name, value string) error
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

// Sealer is the till's own key at work; it is made on first use.
func (v *Vault) Sealer() (*Sealer, error) {
	text, err := v.backend.get(deviceKey)
	if errors.Is(err, errAbsent) {
		raw := make([]byte, 32)
		if _, err := rand.Read(raw); err != nil {
			return nil, err
		}
		text = base64.StdEncoding.EncodeToString(raw)
		err = v.backend.set(deviceKey, text)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return newSealer(text)
}

// Sealer digests codes and encrypts card numbers.
type Sealer struct {
	mac  []byte
	aead cipher.AEAD
}

func newSealer(text string) (*Sealer, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, fault.New(fault.Credentials, "vault.bad_key", "The till's own key in the vault is damaged; restore the vault from a backup.")
	}
	mac, err := hkdf.Key(sha256.New, raw, nil, "cashier digest", 32)
	if err != nil {
		return nil, err
	}
	enc, err := hkdf.Key(sha256.New, raw, nil, "cashier seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{mac: mac, aead: aead}, nil
}

// Digest is a keyed hash: equal codes give equal digests, and nobody without
// the key can try codes against it.
func (s *Sealer) Digest(code string) string {
	h := hmac.New(sha256.New, s.mac)
	_, _ = io.WriteString(h, code)
	return hex.EncodeToString(h.Sum(nil))
}

// Seal encrypts.
func (s *Sealer) Seal(plain string) (string, error) {
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(plain), nil)), nil
}

// Unseal decrypts what Seal made.
func (s *Sealer) Unseal(sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = s.aead.Open(nil, nil, raw, nil)
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Credentials, "vault.unseal", "A card number kept by this till cannot be read with the key in its vault; restore the vault that belongs to this ledger.")
	}
	return string(raw), nil
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

func (k keyringBackend) where() string { return "the keyring of the operating system" }

// DefaultCost is the binary logarithm of scrypt's work factor: some 80 ms and
// 32 MiB for each opening. The file is opened once per start.
const DefaultCost = 15

type fileBackend struct {
	path, passphrase string
	cost             int // of the next writing; reading follows the file

	mu     sync.Mutex
	values map[string]string
}

func openFile(path, passphrase string, cost int) (*Vault, error) {
	f := &fileBackend{path: path, passphrase: passphrase, cost: cost, values: map[string]string{}}
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Vault{f}, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "vault.unreadable", "The vault {file} cannot be read; check who may read it.", "file", path)
	}
	if err := f.open(sealed); err != nil {
		return nil, err
	}
	return &Vault{f}, nil
}

func (f *fileBackend) open(sealed []byte) error {
	id, err := age.NewScryptIdentity(f.passphrase)
	if err != nil {
		return err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(r)
	}
	if err == nil {
		err = json.Unmarshal(plain, &f.values)
	}
	if err != nil {
		return fault.Wrap(err, fault.Credentials, "vault.locked", "The vault {file} does not open: either {env} holds another passphrase than the one it was made with, or the file is damaged.", "file", f.path, "env", PassphraseEnv)
	}
	return nil
}

func (f *fileBackend) get(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.values[name]
	if !ok {
		return "", errAbsent
	}
	return v, nil
}

func (f *fileBackend) set(name, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	values := map[string]string{name: value}
	for k, v := range f.values {
		if k != name {
			values[k] = v
		}
	}
	sealed, err := f.seal(values)
	if err == nil {
		err = settings.WriteFile(f.path, sealed)
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "vault.not_saved", "The secret could not be saved; free space on the disk or check who may write to {file}.", "file", f.path)
	}
	f.values = values
	return nil
}

func (f *fileBackend) seal(values map[string]string) ([]byte, error) {
	to, err := age.NewScryptRecipient(f.passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(f.cost)
	plain, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func (f *fileBackend) where() string { return "the encrypted file " + f.path }
