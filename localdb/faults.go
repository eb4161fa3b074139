package localdb

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"cashier/services/fault"
)

// Codes of what a disk can do to us. The ledger itself never moves money, so
// each of these is certain that the failing step took none.
const (
	codeFull     = "disk.full"
	codeReadOnly = "disk.readonly"
	codeCorrupt  = "disk.corrupt"
	codeIO       = "disk.io"
	codeBusy     = "disk.busy"

	codeUnfinished = "disk.unfinished"
	codeUnexpected = "disk.unexpected"
	codeRefused    = "ledger.refused"
)

// notRecorded holds for every step: one that could not be written down before a
// payment means that the payment is not sent; one that could not be written
// down after it means that the payment is looked up again, never repeated.
const notRecorded = " This step was not recorded and the till took no money by it; a payment already sent is looked up again, never repeated."

// windowsDiskFull is ERROR_DISK_FULL of the Windows API.
const windowsDiskFull = syscall.Errno(112)

// said turns what SQLite or the system says about writing path into a fault. A
// fault passes as it is.
func said(err error, path string) error { return explain(err, path, notRecorded) }

// saidReading is said where nothing was to be recorded.
func saidReading(err error, path string) error { return explain(err, path, "") }

// saidStarting is saidReading for books that were found to be this program's, of
// its version: where they then lack a table or hold what it never writes, they
// are damaged.
func saidStarting(err error, path string) error {
	switch said := saidReading(err, path); fault.CodeOf(said) {
	case codeRefused, codeUnexpected:
		return errDamaged(err, path, "")
	default:
		return said
	}
}

func errDamaged(err error, path, then string) error {
	return fault.Wrap(err, fault.Internal, codeCorrupt, "{path} is damaged."+then+" Stop selling on this till, copy the whole data folder to a safe place and call support; nothing in it was changed.", "path", path)
}

// explain makes the fault; then says what the failure means for the step.
func explain(err error, path, then string) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	}
	because := func(kind fault.Kind, code, message string) error {
		return fault.Wrap(err, kind, code, message, "path", path)
	}
	if unfinished(err) {
		return because(fault.Refused, codeUnfinished, "The power failed while {path} was being written."+then+" Start the till once, which brings it in order, then try again.")
	}
	code := diskCode(err)
	if code == codeIO {
		code = cmp.Or(probe(filepath.Dir(path)), code)
	}
	switch code {
	case codeFull:
		return because(fault.Internal, codeFull, "The disk is full."+then+" Free some space on the disk of {path}, then try again.")
	case codeReadOnly:
		return because(fault.Internal, codeReadOnly, "{path} may not be written."+then+" Make the data folder writable for this user, then try again.")
	case codeCorrupt:
		return errDamaged(err, path, then)
	case codeBusy:
		return because(fault.Busy, codeBusy, "Another program is using {path}."+then+" Close the other program (a backup, a virus scanner, a second till), then try again.")
	case codeIO:
		return because(fault.Internal, codeIO, "The disk of {path} does not work as it should."+then+" Check the disk and its cable, restart the till, and look at what it shows before trying again.")
	}
	return explainOther(err, because, then)
}

func explainOther(err error, because func(fault.Kind, string, string) error, then string) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return because(fault.Unreachable, "disk.stopped", "Stopped before anything was recorded; try again.")
	case sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT:
		return because(fault.Internal, codeRefused, "The books refused this step, because it contradicts what is already recorded."+then+" Restart the till; if it happens again, call support.")
	}
	return because(fault.Internal, codeUnexpected, "{path} could not be used."+then+" Restart the till; if it happens again, call support.")
}

// probeSize is more than SQLite asks of a disk at once, to open or to read.
const probeSize = 64 << 10

// probe asks the disk itself where SQLite only says that it failed: even
// reading makes files beside a database, which a full or a write-protected
// disk refuses. "" where a file can be written.
func probe(dir string) string {
	f, err := os.CreateTemp(dir, "probe*")
	if err == nil {
		_, err = f.Write(make([]byte, probeSize))
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if code := diskCode(err); code == codeFull || code == codeReadOnly {
		return code
	}
	return ""
}

var errOddHeader = errors.New("the header names a format that does not exist")

// oddHeader reports a file that SQLite takes for one of a later version of its
// own, which may only be read ("Database File Format", 1.3.3): a till would start
// on it and then record nothing.
func oddHeader(path string) bool {
	const writeVersion, wal = 18, 2
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	var header [100]byte
	_, err = io.ReadFull(f, header[:])
	return err == nil && string(header[:15]) == "SQLite format 3" && header[writeVersion] > wal
}

// diskCode is "" for an error that is not the disk's.
func diskCode(err error) string {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_FULL:
		return codeFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return codeReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return codeCorrupt
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return codeBusy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL:
		return codeIO
	}
	var sys syscall.Errno
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull):
		return codeFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return codeReadOnly
	case errors.As(err, &sys), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist):
		return codeIO
	}
	return ""
}

// unfinished reports a transaction that a power cut stopped in a file that may
// only be read.
func unfinished(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_READONLY_ROLLBACK
}

// sqliteCode is the primary result code, 0 for an error of another origin.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
