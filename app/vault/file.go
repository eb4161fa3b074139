package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"sync"

	"filippo.io/age"

	"cashier/app/settings"
	"cashier/services/fault"
)

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
	if f.values, err = f.open(sealed); err != nil {
		return nil, err
	}
	return &Vault{f}, nil
}

func (f *fileBackend) open(sealed []byte) (values map[string]string, err error) {
	id, err := age.NewScryptIdentity(f.passphrase)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(r)
	}
	if err == nil {
		err = json.Unmarshal(plain, &values)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Credentials, "vault.locked", "The vault {file} does not open: either {env} holds another passphrase than the one it was made with, or the file is damaged.", "file", f.path, "env", PassphraseEnv)
	}
	if values == nil {
		values = map[string]string{}
	}
	return values, nil
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
	return f.change(func(values map[string]string) bool {
		values[name] = value
		return true
	})
}

func (f *fileBackend) add(name, value string) (kept string, err error) {
	err = f.change(func(values map[string]string) bool {
		var there bool
		if kept, there = values[name]; !there {
			kept, values[name] = value, value
		}
		return !there
	})
	return kept, err
}

// change takes up what other processes have written, applies one change to it
// and writes it back if apply says so, with nobody else in between.
func (f *fileBackend) change(apply func(map[string]string) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return settings.Locked(f.path, func() error {
		values, err := f.reread()
		if err != nil {
			return err
		}
		if apply(values) {
			if err := f.write(values); err != nil {
				return err
			}
		}
		f.values = values
		return nil
	})
}

// reread is the file as it is now. Where it has gone, what was read of it is
// all there is.
func (f *fileBackend) reread() (map[string]string, error) {
	sealed, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return maps.Clone(f.values), nil
	case err != nil:
		return nil, fault.Wrap(err, fault.Internal, "vault.unreadable", "The vault {file} cannot be read; check who may read it.", "file", f.path)
	}
	return f.open(sealed)
}

func (f *fileBackend) write(values map[string]string) error {
	sealed, err := f.seal(values)
	if err == nil {
		err = settings.WriteFile(f.path, sealed)
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "vault.not_saved", "The secret could not be saved; free space on the disk or check who may write to {file}.", "file", f.path)
	}
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
