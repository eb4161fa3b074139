package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"cashier/app/settings"
	"cashier/services/fault"
)

// Holder is the process that writes to a data folder.
type Holder struct {
	PID     int    `json:"pid"`
	Program string `json:"program"`
	Raise   string `json:"raise,omitempty"` // where it listens to be brought to the front
	Token   string `json:"token,omitempty"` // proves that the caller may read this folder
}

const (
	lockFile   = "till.lock"
	holderFile = "till.holder.json"
)

// holderOf is this process.
func holderOf(p Params) Holder { return Holder{PID: os.Getpid(), Program: p.Program} }

// lock makes this process the only writer of a data folder until release. The
// operating system frees the lock when the process ends, however it ends.
func lock(dir string, h Holder) (release func(), err error) {
	l := flock.New(filepath.Join(dir, lockFile))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "lock.failed", "The data folder {dir} cannot be locked: {why}. Check who may write to it.", "dir", dir, "why", err.Error())
	}
	if !ok {
		other, _ := ReadHolder(dir)
		return nil, fault.New(fault.Busy, "lock.held", "{program} (process {pid}) is already using the data folder {dir}. Close it first, or use its window.",
			"program", other.Program, "pid", fmt.Sprint(other.PID), "dir", dir)
	}
	if err := writeHolder(dir, h); err != nil {
		_ = l.Unlock()
		return nil, err
	}
	return func() { _ = l.Unlock() }, nil
}

func writeHolder(dir string, h Holder) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := settings.WriteFile(filepath.Join(dir, holderFile), raw); err != nil {
		return errUnwritable(dir, err)
	}
	return nil
}

func errUnwritable(dir string, err error) error {
	return fault.Wrap(err, fault.Internal, "disk.unwritable", "The data folder {dir} cannot be written to: {why}. Free space on the disk or check who may write there; nothing was sold.", "dir", dir, "why", err.Error())
}

// ReadHolder is who last took the lock of a data folder.
func ReadHolder(dir string) (Holder, error) {
	h := Holder{Program: "another program"}
	raw, err := os.ReadFile(filepath.Join(dir, holderFile))
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	return h, err
}
