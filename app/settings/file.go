package settings

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/pelletier/go-toml/v2"

	"cashier/services/fault"
)

// Load reads the settings of a data folder; a folder without any has the
// defaults. One key or value that cannot be used costs only itself: a warning
// names it and the file stays as it is. A file that is no TOML at all is set
// aside as .bak and the defaults apply.
func Load(dir string) (s *Settings, warnings []error, err error) {
	s, warnings, err = Read(dir)
	if fault.CodeOf(err) != codeBroken {
		return s, warnings, err
	}
	aside := fmt.Sprintf("%s.%s.bak", s.path, time.Now().UTC().Format("20060102-150405"))
	if err := os.Rename(s.path, aside); err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, codeBroken, "The settings file {file} is damaged and cannot be set aside; rename it yourself.", "file", s.path)
	}
	return s, []error{fault.Wrap(err, fault.Invalid, "settings.set_aside", "The settings file could not be understood. It was kept as {file}; the defaults apply until it is mended.", "file", aside)}, nil
}

const codeBroken = "settings.broken"

// Read is Load without touching the folder: a file that is no TOML is a fault
// with code settings.broken, beside which the defaults are returned.
func Read(dir string) (s *Settings, warnings []error, err error) {
	s = &Settings{path: filepath.Join(dir, FileName), values: map[string]string{}, mine: map[string]string{}}
	tree, err := readTree(s.path)
	if err != nil {
		return s, nil, err
	}
	s.values, warnings = values(tree)
	return s, warnings, nil
}

func readTree(path string) (map[string]any, error) {
	tree := map[string]any{}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tree, nil
	case err != nil:
		return nil, fault.Wrap(err, fault.Internal, "settings.unreadable", "The settings file {file} cannot be read; check who may read it.", "file", path)
	}
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, codeBroken, "The settings file {file} could not be understood: {why}. Mend it, or rename it to begin with the defaults.", "file", path, "why", err.Error())
	}
	return tree, nil
}

// values are what can be used of a file, and a warning for each key that
// cannot, in the order of their names.
func values(tree map[string]any) (good map[string]string, warnings []error) {
	flat := map[string]any{}
	flatten("", tree, flat)
	good = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(flat)) {
		v, err := usable(name, flat[name])
		switch {
		case !Known(name):
			warnings = append(warnings, fault.New(fault.Invalid, "settings.unknown_key", "The settings file names {key}, which this program does not know; it is left as it is. `cashierctl config get` lists all settings.", "key", name))
		case err != nil:
			warnings = append(warnings, fault.Wrap(err, fault.Invalid, "settings.ignored", "The settings file was read, but not its {key}: {why} Correct it with `cashierctl config set`.", "key", name, "why", err.Error()))
		case v != "":
			good[name] = v
		}
	}
	return good, warnings
}

func flatten(prefix string, tree, into map[string]any) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			flatten(prefix+k+".", sub, into)
			continue
		}
		into[prefix+k] = v
	}
}

// usable is a value as TOML has it, as Set would keep it.
func usable(name string, v any) (string, error) {
	switch v.(type) {
	case string, int64, bool, float64:
		return Check(name, fmt.Sprint(v))
	}
	return "", fault.New(fault.Invalid, "settings.bad_value", "{key} must be one value.", "key", name)
}

// put sets the value at a path of keys; an empty one takes the key away.
func put(tree map[string]any, path []string, value string) {
	for _, p := range path[:len(path)-1] {
		sub, ok := tree[p].(map[string]any)
		if !ok {
			sub = map[string]any{}
			tree[p] = sub
		}
		tree = sub
	}
	if last := path[len(path)-1]; value != "" {
		tree[last] = value
	} else {
		delete(tree, last)
	}
}

func writeTree(path string, tree map[string]any) error {
	raw, err := toml.Marshal(tree)
	if err != nil {
		return err
	}
	return WriteFile(path, raw)
}

// lockWait bounds how long one change of a file waits for another's.
const lockWait = 10 * time.Second

// Locked runs f while no other process that asks the same way changes the file
// at path. The lock is a file of its own beside it, path.lock, held only so
// long: it works beside a running till.
func Locked(path string, f func() error) error {
	lock := flock.New(path + ".lock")
	ctx, stop := context.WithTimeout(context.Background(), lockWait)
	defer stop()
	switch ok, err := lock.TryLockContext(ctx, 5*time.Millisecond); {
	case errors.Is(err, context.DeadlineExceeded), err == nil && !ok:
		return fault.New(fault.Busy, "lock.file", "Another program is changing {file}; try again.", "file", path)
	case err != nil:
		return fault.Wrap(err, fault.Internal, "disk.unwritable", "{file} cannot be changed: {why}. Free space on the disk or check who may write there.", "file", path, "why", err.Error())
	}
	defer func() { _ = lock.Unlock() }()
	return f()
}

// WriteFile replaces a file atomically and durably, readable by its owner only.
func WriteFile(path string, raw []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(raw); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
