package pty

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrUnplugged is returned by Read and Write while the cable is out.
var ErrUnplugged = errors.New("pty: unplugged")

// writeTimeout ends a Write whose other side does not read.
const writeTimeout = 5 * time.Second

// Pair is the device's end of the cable; the till's end is at Path.
type Pair struct {
	link string

	mu     sync.Mutex
	master *os.File // nil while unplugged
	slave  *os.File // kept open: without any slave the master cannot be read
}

// Open makes a cable whose till's end is at link, a symbolic link that Close
// removes. A link left behind by a crash is replaced, anything else is not.
func Open(link string) (*Pair, error) {
	p := &Pair{link: link}
	if err := p.Replug(); err != nil {
		return nil, err
	}
	return p, nil
}

// Path is the port to open at the till.
func (p *Pair) Path() string { return p.link }

// Write sends to the till.
func (p *Pair) Write(b []byte) (int, error) {
	master, err := p.end()
	if err != nil {
		return 0, err
	}
	if err := master.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, gone(err)
	}
	n, err := master.Write(b)
	return n, gone(err)
}

// Read waits for what the till sends.
func (p *Pair) Read(b []byte) (int, error) {
	master, err := p.end()
	if err != nil {
		return 0, err
	}
	n, err := master.Read(b)
	return n, gone(err)
}

func (p *Pair) end() (*os.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.master == nil {
		return nil, ErrUnplugged
	}
	return p.master, nil
}

func gone(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return ErrUnplugged
	}
	return err
}

// Unplug takes the device off: the link goes first, so that a till that looks
// again finds nothing rather than a dead port.
func (p *Pair) Unplug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.master == nil {
		return nil
	}
	err := errors.Join(os.Remove(p.link), p.master.Close(), p.slave.Close())
	p.master, p.slave = nil, nil
	return err
}

// Replug puts a new device at the same path.
func (p *Pair) Replug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.master != nil {
		return nil
	}
	if err := replaceable(p.link); err != nil {
		return err
	}
	master, slave, err := openPair()
	if err != nil {
		return err
	}
	if err := relink(slave.Name(), p.link); err != nil {
		return errors.Join(err, master.Close(), slave.Close())
	}
	p.master, p.slave = master, slave
	return nil
}

// Close unplugs the cable for good.
func (p *Pair) Close() error { return p.Unplug() }

func replaceable(link string) error {
	info, err := os.Lstat(link)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSymlink:
		return fmt.Errorf("pty: %s exists and is not a link", link)
	}
	return nil
}

// relink points link at target in one step, so that no reader finds half of it.
func relink(target, link string) error {
	fresh := link + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, link)
}

// openPair opens both ends in raw mode. Both are non-blocking, so that closing
// one frees whoever reads or writes it.
func openPair() (master, slave *os.File, err error) {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC | unix.O_NONBLOCK
	m, err := unix.Open("/dev/ptmx", flags, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("pty: open /dev/ptmx: %w", err)
	}
	master = os.NewFile(uintptr(m), "/dev/ptmx")
	if slave, err = openSlave(m, flags); err != nil {
		return nil, nil, errors.Join(err, master.Close())
	}
	return master, slave, nil
}

func openSlave(master, flags int) (*os.File, error) {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return nil, fmt.Errorf("pty: unlock: %w", err)
	}
	number, err := unix.IoctlGetUint32(master, unix.TIOCGPTN)
	if err != nil {
		return nil, fmt.Errorf("pty: number: %w", err)
	}
	name := fmt.Sprintf("/dev/pts/%d", number)
	s, err := unix.Open(name, flags, 0)
	if err != nil {
		return nil, fmt.Errorf("pty: open %s: %w", name, err)
	}
	// A terminal starts cooked: it would turn CR into LF and echo what is sent
	// before the till opens it.
	if err := setRaw(s); err != nil {
		return nil, errors.Join(fmt.Errorf("pty: raw mode: %w", err), unix.Close(s))
	}
	return os.NewFile(uintptr(s), name), nil
}

func setRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}
