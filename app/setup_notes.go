package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cashier/app/settings"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/scancode"
)

// notesFile holds what was done beside a running till and belongs into the audit
// trail: one JSON object a line. Only the till writes the books, so it takes the
// lines up at its next opening, when what was set begins to hold as well.
const notesFile = "audit.pending"

// LeaveNote has the next opening of a data folder write into the audit trail
// what a program did there. The detail holds no secret.
func LeaveNote(dir string, by access.Actor, what, subject, detail string) error {
	path := filepath.Join(dir, notesFile)
	act := checkout.Act{Actor: by, What: what, Subject: scancode.MaskText(subject), Detail: scancode.MaskText(detail), At: time.Now()}
	line, err := json.Marshal(act)
	if err != nil {
		return err
	}
	return settings.Locked(path, func() error {
		had, err := os.ReadFile(path)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			err = settings.WriteFile(path, append(had, append(line, '\n')...))
		}
		if err != nil {
			return errUnwritable(dir, err)
		}
		return nil
	})
}

// SettingChange is a changed setting as the audit trail tells it.
func SettingChange(was, is string) string { return settingChange(was, is) }

// takeNotes brings such lines into the audit trail. A program that ends between
// the two writes them a second time, which tells nothing wrong.
func (t *Till) takeNotes(ctx context.Context) error {
	path := t.file(notesFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return settings.Locked(path, func() error {
		raw, err := os.ReadFile(path)
		if err != nil {
			return t.unreadable(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
			var act checkout.Act
			if json.Unmarshal(lines.Bytes(), &act) != nil || act.What == "" {
				t.warn(fault.New(fault.Invalid, "setup.note", "A line about what was set beside the till could not be read; the audit trail goes on without it."))
				continue
			}
			if err := t.Ledger.Note(ctx, act); err != nil {
				return err
			}
		}
		if err := os.Remove(path); err != nil {
			return errUnwritable(t.Dir, err)
		}
		return nil
	})
}
