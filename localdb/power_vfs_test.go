//go:build unix && !race

package localdb

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A VFS that stands between SQLite and the disk and writes down, in order, all
// that would have to survive a power cut. Everything is passed on to SQLite's
// own VFS, so the file is the real one, and its locks and its shared memory are.

// opKind is what was asked of the disk.
type opKind uint8

const (
	opCreate  opKind = iota // a name for a new file
	opWrite                 // data at off
	opCut                   // to the size off
	opSync                  // the file's own content; with folder, its name as well
	opRemove                // the name; with folder, durably
	opSyncDir               // every name in a folder
	opStep                  // a transition was reported as done
	opSold                  // a sale was reported as done
)

type op struct {
	kind   opKind
	path   string
	off    int64
	data   []byte
	folder bool
	sale   acked
}

// acked is a sale that somebody was told of.
type acked struct{ id, receipt string }

// tape is what one run asked of the disk. It may be written by any goroutine.
type tape struct {
	mu  sync.Mutex
	ops []op
}

func (t *tape) add(o op) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ops = append(t.ops, o)
}

const recordingVFS = "recording"

var recording struct {
	sync.Mutex
	registered bool
	vfs        sqlite3.Tsqlite3_vfs
	below      uintptr // SQLite's own VFS
	// Tables of methods by the table they stand for, and back.
	tables map[uintptr]*sqlite3.Tsqlite3_io_methods
	belows map[uintptr]sqlite3.Tsqlite3_io_methods
	files  map[uintptr]string // open files, by SQLite's handle
	dirty  map[string]bool    // files whose name SQLite makes durable with their content
	tape   *tape
}

type (
	xOpen     = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	xDelete   = func(tls *libc.TLS, vfs, name uintptr, syncDir int32) int32
	xWrite    = func(tls *libc.TLS, file, data uintptr, n int32, off int64) int32
	xTruncate = func(tls *libc.TLS, file uintptr, size int64) int32
	xSync     = func(tls *libc.TLS, file uintptr, flags int32) int32
	xClose    = func(tls *libc.TLS, file uintptr) int32
)

// pointer is a Go function as the translated C code keeps it.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function is pointer backwards.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

// memory is what lies at an address of SQLite's memory.
func memory[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// newTape puts the VFS in place and lets it write to a tape of its own until
// stop. One test records at a time.
func newTape(t testing.TB) *tape {
	t.Helper()
	r := &recording
	r.Lock()
	defer r.Unlock()
	if r.tape != nil {
		t.Fatal("two tests record at once")
	}
	if !r.registered {
		tls := libc.NewTLS()
		defer tls.Close()
		r.below = sqlite3.Xsqlite3_vfs_find(tls, 0)
		name, err := libc.CString(recordingVFS) // SQLite keeps it
		if r.below == 0 || err != nil {
			t.Fatalf("SQLite has no VFS to stand on: %v", err)
		}
		r.vfs = *memory[sqlite3.Tsqlite3_vfs](r.below)
		r.vfs.FpNext, r.vfs.FzName = 0, name
		r.vfs.FxOpen, r.vfs.FxDelete = pointer[xOpen](recOpen), pointer[xDelete](recDelete)
		r.registered = true
		r.tables, r.belows = map[uintptr]*sqlite3.Tsqlite3_io_methods{}, map[uintptr]sqlite3.Tsqlite3_io_methods{}
	}
	r.files, r.dirty, r.tape = map[uintptr]string{}, map[string]bool{}, &tape{}
	byDefault(t, uintptr(unsafe.Pointer(&r.vfs)))
	return r.tape
}

// stop gives SQLite its own VFS back. Every file must be closed by then.
func (t *tape) stop(tb testing.TB) {
	tb.Helper()
	r := &recording
	r.Lock()
	defer r.Unlock()
	if len(r.files) > 0 {
		tb.Errorf("files left open: %v", r.files)
	}
	r.tape = nil
	byDefault(tb, r.below)
}

// byDefault makes a VFS the one of every connection that names none: readers
// make files as well.
func byDefault(t testing.TB, vfs uintptr) {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	if rc := sqlite3.Xsqlite3_vfs_register(tls, vfs, 1); rc != sqlite3.SQLITE_OK {
		t.Fatalf("registering a VFS: %d", rc)
	}
}

// note adds to the tape what was done to an open file.
func note(file uintptr, o op) {
	recording.Lock()
	defer recording.Unlock()
	path, ok := recording.files[file]
	if !ok || recording.tape == nil {
		return
	}
	if o.path = path; o.kind == opSync {
		o.folder = recording.dirty[path]
		delete(recording.dirty, path)
	}
	recording.tape.add(o)
}

func recOpen(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
	below := memory[sqlite3.Tsqlite3_vfs](recording.below)
	path, fresh := "", false
	if name != 0 {
		path = libc.GoString(name)
		_, err := os.Lstat(path)
		fresh = errors.Is(err, fs.ErrNotExist)
	}
	rc := function[xOpen](below.FxOpen)(tls, recording.below, name, file, flags, out)
	if f := memory[sqlite3.Tsqlite3_file](file); rc == sqlite3.SQLITE_OK && name != 0 && f.FpMethods != 0 {
		recording.Lock()
		defer recording.Unlock()
		f.FpMethods = methods(f.FpMethods)
		recording.files[file] = path
		if recording.tape != nil && fresh {
			// os_unix.c syncs the folder with the first sync of these (UNIXFILE_DIRSYNC).
			recording.dirty[path] = flags&(sqlite3.SQLITE_OPEN_WAL|sqlite3.SQLITE_OPEN_MAIN_JOURNAL|sqlite3.SQLITE_OPEN_SUPER_JOURNAL) != 0
			recording.tape.add(op{kind: opCreate, path: path})
		}
	}
	return rc
}

// methods is the table that records, for the one of the VFS below.
func methods(below uintptr) uintptr {
	own := recording.tables[below]
	if own == nil {
		m := *memory[sqlite3.Tsqlite3_io_methods](below)
		own = &m
		recording.tables[below] = own
		recording.belows[uintptr(unsafe.Pointer(own))] = *memory[sqlite3.Tsqlite3_io_methods](below)
		own.FxWrite, own.FxTruncate = pointer[xWrite](recWrite), pointer[xTruncate](recTruncate)
		own.FxSync, own.FxClose = pointer[xSync](recSync), pointer[xClose](recClose)
	}
	return uintptr(unsafe.Pointer(own))
}

func belowOf(file uintptr) sqlite3.Tsqlite3_io_methods {
	recording.Lock()
	defer recording.Unlock()
	return recording.belows[memory[sqlite3.Tsqlite3_file](file).FpMethods]
}

func recWrite(tls *libc.TLS, file, data uintptr, n int32, off int64) int32 {
	rc := function[xWrite](belowOf(file).FxWrite)(tls, file, data, n, off)
	if rc == sqlite3.SQLITE_OK {
		note(file, op{kind: opWrite, off: off, data: bytes.Clone(unsafe.Slice(memory[byte](data), n))})
	}
	return rc
}

func recTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	rc := function[xTruncate](belowOf(file).FxTruncate)(tls, file, size)
	if rc == sqlite3.SQLITE_OK {
		note(file, op{kind: opCut, off: size})
	}
	return rc
}

func recSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	rc := function[xSync](belowOf(file).FxSync)(tls, file, flags)
	if rc == sqlite3.SQLITE_OK {
		note(file, op{kind: opSync})
	}
	return rc
}

func recClose(tls *libc.TLS, file uintptr) int32 {
	below := belowOf(file)
	recording.Lock()
	delete(recording.files, file)
	recording.Unlock()
	return function[xClose](below.FxClose)(tls, file)
}

func recDelete(tls *libc.TLS, _, name uintptr, syncDir int32) int32 {
	below := memory[sqlite3.Tsqlite3_vfs](recording.below)
	rc := function[xDelete](below.FxDelete)(tls, recording.below, name, syncDir)
	recording.Lock()
	defer recording.Unlock()
	if rc == sqlite3.SQLITE_OK && recording.tape != nil {
		recording.tape.add(op{kind: opRemove, path: libc.GoString(name), folder: syncDir != 0})
	}
	return rc
}

// taped is a file of the second journal that writes down what is done to it.
type taped struct {
	appender
	tape *tape
	path string
	size int64
}

// openTaped is appendTo on a tape.
func (t *tape) openTaped(path string) (appender, error) {
	info, err := os.Stat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	f, err := appendTo(path)
	if err != nil {
		return nil, err
	}
	a := &taped{appender: f, tape: t, path: path}
	if fresh {
		t.add(op{kind: opCreate, path: path})
	} else {
		a.size = info.Size()
	}
	return a, nil
}

func (a *taped) Write(b []byte) (int, error) {
	n, err := a.appender.Write(b)
	a.tape.add(op{kind: opWrite, path: a.path, off: a.size, data: bytes.Clone(b[:n])})
	a.size += int64(n)
	return n, err
}

func (a *taped) Sync() error {
	err := a.appender.Sync()
	if err == nil {
		a.tape.add(op{kind: opSync, path: a.path})
	}
	return err
}

// passed is told of every write point: what was committed has been reported.
func (t *tape) passed(point, journalDir string) {
	switch point {
	case pointJournal + ".after":
		t.add(op{kind: opSyncDir, path: filepath.Join(journalDir, ".")})
	case pointCart + ".after", pointJournal + ".before", pointJournal + ".written":
	default:
		if filepath.Ext(point) == ".after" {
			t.add(op{kind: opStep})
		}
	}
}
