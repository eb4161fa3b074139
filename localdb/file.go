package localdb

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// What SQLite keeps beside a database. They belong to it: one without the
// other is a damaged database. A journal is there only after a power cut in the
// first moments of a new file or of a backup put in place by hand, which become
// WAL files then; left behind, it would be played back into whatever file comes
// to have the name.
var companions = []string{"-wal", "-shm", "-journal"}

// prepare makes the folder and an empty file, readable by this user only. The
// system's own error is clearer than SQLite's "unable to open".
func prepare(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return said(err, filepath.Dir(path))
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return said(err, path)
	}
	return said(f.Close(), path)
}

// identify is the file at path, to know it again.
func identify(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, said(err, path)
	}
	os.SameFile(info, info) // Windows reads which file it is only now
	return info, nil
}

// exists reports whether there is a file with something in it.
func exists(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, said(err, path)
	}
	return info.Size() > 0, nil
}

// setAside renames a database and its companions to NAME.bad-TIME.
func setAside(path string, at time.Time) (string, error) {
	bad := freeName(path + ".bad-" + stamp(at))
	for _, c := range companions {
		if err := os.Rename(path+c, bad+c); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", said(err, path+c)
		}
	}
	return bad, said(os.Rename(path, bad), path)
}

// freeName is a name nobody has yet.
func freeName(first string) string {
	name := first
	for i := 2; ; i++ {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name
		}
		name = first + "-" + strconv.Itoa(i)
	}
}

// stamp is a time as part of a file name.
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

const stampLayout = "20060102T150405Z"

// syncFile makes a finished file and its name survive a power cut.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there; NTFS journals names
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// tillAlphabet leaves out what people confuse on a receipt: 0 O, 1 I L, U V.
const tillAlphabet = "23456789ABCDEFGHJKMNPQRSTWXYZ"

// newTillID is six random characters: 29^6 tills before a clash is likely to
// be seen even within one chain of shops.
func newTillID() (string, error) {
	id := make([]byte, 0, 6)
	one := make([]byte, 1)
	for len(id) < cap(id) {
		if _, err := rand.Read(one); err != nil {
			return "", err
		}
		// The part of a byte's range that is no multiple of 29 is drawn again.
		if n := int(one[0]); n < 256/len(tillAlphabet)*len(tillAlphabet) {
			id = append(id, tillAlphabet[n%len(tillAlphabet)])
		}
	}
	return string(id), nil
}
