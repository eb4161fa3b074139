package printersim

import (
	"bytes"
	"strings"
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// What an Event is.
const (
	Line    = "line"
	QR      = "qr"
	Barcode = "barcode"
	Raster  = "raster"
	Feed    = "feed"
	Cut     = "cut"
	Kick    = "kick"
	Init    = "init"
	Strange = "strange" // a command that this printer does not know
)

// Event is one thing that happened to the paper, or to the drawer.
type Event struct {
	What   string
	Text   string // of a line, a QR code or a barcode
	Bold   bool
	Big    bool
	Centre bool
	N      int // rows fed or of a raster; the pin of a kick
	Width  int // dots of a raster
	Dark   int // black dots of a raster
}

// Machine is the printer itself, without a cable. Safe for concurrent use.
type Machine struct {
	mu       sync.Mutex
	buf      []byte
	line     []byte
	events   []Event
	bold     bool
	big      bool
	centre   bool
	chinese  bool
	qr       string
	noPaper  bool
	open     bool
	broken   bool
	dumb     bool
	changed  chan struct{} // closed and replaced when something was printed
	received int
}

// NewMachine returns a printer with paper, closed and switched on.
func NewMachine() *Machine { return &Machine{changed: make(chan struct{})} }

// PaperOut takes the roll out, or puts a new one in: what waited is printed.
func (m *Machine) PaperOut(out bool) []byte { return m.set(func() { m.noPaper = out }) }

// OpenCover opens the cover or closes it.
func (m *Machine) OpenCover(open bool) []byte { return m.set(func() { m.open = open }) }

// Break jams the knife, or mends it.
func (m *Machine) Break(broken bool) []byte { return m.set(func() { m.broken = broken }) }

// Dumb makes it answer nothing, as many cheap printers do.
func (m *Machine) Dumb(dumb bool) []byte { return m.set(func() { m.dumb = dumb }) }

// set returns what the printer says of itself now that it may go on.
func (m *Machine) set(change func()) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	return m.work()
}

// Feed takes bytes from the cable and returns what the printer answers.
func (m *Machine) Feed(b []byte) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buf = append(m.buf, b...)
	m.received += len(b)
	return m.work()
}

// Events are what happened so far.
func (m *Machine) Events() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Event(nil), m.events...)
}

// Received is how many bytes came so far.
func (m *Machine) Received() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.received
}

// Changed is closed when something more has happened than when it was asked for.
func (m *Machine) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Paper is what was printed, as text: one row a line, codes in brackets.
func (m *Machine) Paper() string {
	var b strings.Builder
	for _, e := range m.Events() {
		switch e.What {
		case Line:
			b.WriteString(e.Text + "\n")
		case QR, Barcode:
			b.WriteString("[" + e.What + " " + e.Text + "]\n")
		case Cut, Kick, Raster:
			b.WriteString("[" + e.What + "]\n")
		}
	}
	return b.String()
}

// Forget clears what was printed.
func (m *Machine) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = nil
}

// lose clears what was received and not printed, as a power cut does.
func (m *Machine) lose() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buf, m.line = nil, nil
}

func (m *Machine) ready() bool { return !m.noPaper && !m.open && !m.broken }

func (m *Machine) happened(e Event) {
	m.events = append(m.events, e)
	close(m.changed)
	m.changed = make(chan struct{})
}

// work does as much as it has whole commands for. While it is not ready it
// answers questions only, and keeps the rest.
func (m *Machine) work() (answers []byte) {
	if !m.ready() {
		for {
			at := bytes.Index(m.buf, []byte{0x10, 0x04})
			if at < 0 || at+2 >= len(m.buf) {
				return answers
			}
			answers = append(answers, m.state(m.buf[at+2])...)
			m.buf = append(m.buf[:at:at], m.buf[at+3:]...)
		}
	}
	for len(m.buf) > 0 {
		n, answer := m.step(m.buf)
		if n == 0 {
			break
		}
		m.buf = m.buf[n:]
		answers = append(answers, answer...)
	}
	return answers
}

// state is the answer to DLE EOT n.
func (m *Machine) state(n byte) []byte {
	if m.dumb {
		return nil
	}
	b := byte(0x12)
	bits := map[byte]map[byte]bool{
		1: {0x08: !m.ready()},
		2: {0x04: m.open, 0x20: m.noPaper, 0x40: m.broken},
		4: {0x60: m.noPaper, 0x0c: m.noPaper},
	}
	for bit, on := range bits[n] {
		if on {
			b |= bit
		}
	}
	return []byte{b}
}

// step does the first command of b; 0 where it is not whole yet.
func (m *Machine) step(b []byte) (n int, answer []byte) {
	switch b[0] {
	case '\n':
		m.print()
		return 1, nil
	case '\r':
		return 1, nil
	case 0x10:
		if len(b) < 3 {
			return 0, nil
		}
		if b[1] == 0x04 {
			return 3, m.state(b[2])
		}
		m.strange()
		return 1, nil
	case 0x1b:
		return m.escape(b), nil
	case 0x1c:
		if len(b) < 2 {
			return 0, nil
		}
		m.chinese = b[1] == '&'
		return 2, nil
	case 0x1d:
		return m.group(b)
	}
	if b[0] < ' ' {
		m.strange()
		return 1, nil
	}
	m.line = append(m.line, b[0])
	return 1, nil
}

func (m *Machine) strange() { m.happened(Event{What: Strange}) }

// print puts the line on the paper.
func (m *Machine) print() {
	text := string(m.line)
	if m.chinese {
		// A character that is cut or unknown shows as such.
		if s, err := simplifiedchinese.GBK.NewDecoder().Bytes(m.line); err == nil {
			text = string(s)
		}
	}
	m.line = nil
	m.happened(Event{What: Line, Text: text, Bold: m.bold, Big: m.big, Centre: m.centre})
}

func (m *Machine) escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	need := map[byte]int{'@': 2, 'E': 3, 'a': 3, 'd': 3, 'p': 5}[b[1]]
	switch {
	case need == 0:
		m.strange()
		return 2
	case len(b) < need:
		return 0
	}
	switch b[1] {
	case '@':
		m.bold, m.big, m.centre, m.chinese, m.line = false, false, false, false, nil
		m.happened(Event{What: Init})
	case 'E':
		m.bold = b[2]&1 == 1
	case 'a':
		m.centre = b[2] == 1 || b[2] == '1'
	case 'd':
		if len(m.line) > 0 {
			m.print()
		}
		m.happened(Event{What: Feed, N: int(b[2])})
	case 'p':
		m.happened(Event{What: Kick, N: int(b[2])})
	}
	return need
}

func (m *Machine) group(b []byte) (int, []byte) {
	if len(b) < 3 {
		return 0, nil
	}
	switch b[1] {
	case '!':
		m.big = b[2] == 0x11
		return 3, nil
	case 'h', 'w', 'H':
		return 3, nil
	case 'V':
		if b[2] == 'A' || b[2] == 'B' {
			if len(b) < 4 {
				return 0, nil
			}
			m.happened(Event{What: Cut})
			return 4, nil
		}
		m.happened(Event{What: Cut})
		return 3, nil
	case 'r':
		if m.dumb {
			return 3, nil
		}
		return 3, []byte{0x00}
	case 'k':
		return m.barcode(b), nil
	case '(':
		return m.symbol(b), nil
	case 'v':
		return m.raster(b), nil
	}
	m.strange()
	return 2, nil
}

// barcode is GS k m n d1…dn.
func (m *Machine) barcode(b []byte) int {
	if b[2] != 73 {
		m.strange()
		return 3
	}
	if len(b) < 4 || len(b) < 4+int(b[3]) {
		return 0
	}
	text := strings.TrimPrefix(string(b[4:4+int(b[3])]), "{B")
	m.happened(Event{What: Barcode, Text: strings.ReplaceAll(text, "{{", "{"), Centre: m.centre})
	return 4 + int(b[3])
}

// symbol is GS ( k pL pH cn fn …, of which it knows QR codes.
func (m *Machine) symbol(b []byte) int {
	if len(b) < 5 {
		return 0
	}
	size := int(b[3]) | int(b[4])<<8
	if len(b) < 5+size {
		return 0
	}
	if body := b[5 : 5+size]; b[2] == 'k' && size >= 3 && body[0] == '1' {
		switch body[1] {
		case 'P':
			m.qr = string(body[3:])
		case 'Q':
			m.happened(Event{What: QR, Text: m.qr, Centre: m.centre})
		}
	}
	return 5 + size
}

// raster is GS v 0 m xL xH yL yH d1…dk.
func (m *Machine) raster(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	stride, rows := int(b[4])|int(b[5])<<8, int(b[6])|int(b[7])<<8
	const most = 1 << 20
	if stride*rows > most {
		m.strange()
		return 8
	}
	if len(b) < 8+stride*rows {
		return 0
	}
	dark := 0
	for _, c := range b[8 : 8+stride*rows] {
		for ; c != 0; c &= c - 1 {
			dark++
		}
	}
	m.happened(Event{What: Raster, N: rows, Width: stride * 8, Dark: dark})
	return 8 + stride*rows
}
