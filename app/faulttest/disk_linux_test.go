package faulttest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// inside marks the process that has name spaces of its own.
const inside = "CASHIER_FAULTTEST_INSIDE"

// page is the grain of a tmpfs.
const page = 4096

// mountable reports whether this process may make disks of its own.
func mountable(t *testing.T) bool {
	t.Helper()
	d := &smallDisk{dir: t.TempDir()}
	if d.mount(64*page) != nil {
		return false
	}
	d.unmount(t)
	return true
}

// inOwnNameSpaces runs a test again where it may mount: in a user and a mount
// name space of its own, which most Linux systems let anybody have. ok is false
// where this one does not.
func inOwnNameSpaces(t *testing.T) (ok bool) {
	t.Helper()
	if os.Getenv(inside) != "" {
		return false
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60m")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch text := string(out); {
	case strings.Contains(text, notHere), err != nil && !errors.As(err, &exit):
		return false
	case err != nil:
		t.Errorf("in name spaces of its own:\n%s", text)
	default:
		t.Logf("in name spaces of its own:\n%s", text)
	}
	return true
}

// notHere is said by a process that has name spaces of its own and may not
// mount all the same.
const notHere = "not even here may a disk be mounted"

// smallDisk is a tmpfs of a few pages.
type smallDisk struct{ dir string }

func (d *smallDisk) mount(bytes int64) error {
	return syscall.Mount("none", d.dir, "tmpfs", 0, "mode=700,size="+strconv.FormatInt(bytes, 10))
}

// makeRoom gives the disk that is mounted another size.
func (d *smallDisk) makeRoom(bytes int64) error {
	return syscall.Mount("none", d.dir, "tmpfs", syscall.MS_REMOUNT, "size="+strconv.FormatInt(bytes, 10))
}

func (d *smallDisk) unmount(t testing.TB) {
	t.Helper()
	if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
		t.Error(err)
	}
}

// used is how many bytes of a tmpfs a folder takes, its own entries left out.
func used(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += (info.Size() + page - 1) / page * page
		}
		return err
	})
	return bytes, err
}
