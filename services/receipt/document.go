package receipt

import (
	"image"
	"strings"
	"unicode"
)

// Columns of the two papers in use: 58 mm with 384 dots, 80 mm with 576.
const (
	Narrow = 32
	Wide   = 48
)

// Doc is what is to be printed, from top to bottom.
type Doc []Item

// Item is one of Text, Pair, Rule, QR, Barcode, Picture, Feed, Cut and Kick.
type Item interface{ item() }

// Align is where a text stands in its row.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Centre
	Right
)

// Text is a paragraph; it takes as many rows as it needs.
type Text struct {
	Text  string
	Align Align
	Bold  bool
	Big   bool // twice as wide and as high
}

// Pair is a text at the left edge and one at the right: on one row where they
// fit, below each other where they do not. Neither is ever cut off.
type Pair struct {
	Left, Right string
	Bold, Big   bool
}

// Rule is a line across the paper.
type Rule struct{}

// QR is a code of two dimensions, in the middle.
type QR struct{ Data string }

// Barcode is a Code 128 of printable ASCII, in the middle, with its text below.
type Barcode struct{ Data string }

// Picture is printed black where it is darker than half, in the middle. It is
// made smaller where it is wider than the paper, never larger.
type Picture struct{ Image image.Image }

// Feed moves the paper on by that many rows.
type Feed struct{ Rows int }

// Cut cuts the paper, after feeding it to the knife.
type Cut struct{}

// Kick opens the cash drawer at the printer.
type Kick struct{}

func (Text) item()    {}
func (Pair) item()    {}
func (Rule) item()    {}
func (QR) item()      {}
func (Barcode) item() {}
func (Picture) item() {}
func (Feed) item()    {}
func (Cut) item()     {}
func (Kick) item()    {}

// Row is one row of paper: a line of text, or with Item set something else.
type Row struct {
	Text string // aligned with blanks; at most as wide as the paper
	Bold bool
	Big  bool
	Item Item // QR, Barcode, Picture, Feed, Cut or Kick; nil for a line of text
}

// Cells is how many columns a text takes: one for ASCII, two for every other
// character, as in the two fonts of a receipt printer.
func Cells(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if r <= unicode.MaxASCII {
		return 1
	}
	return 2
}

// Clean takes out what must not reach a printer as text: control characters,
// which could be commands, become blanks; marks without a place of their own go.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, unicode.IsControl(r), unicode.Is(unicode.Zs, r) && r != '\u3000', unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, s)
}

// Rows lays a document out on paper of that many columns; below 16 it is taken
// for Narrow.
func (d Doc) Rows(columns int) []Row {
	if columns < Narrow/2 {
		columns = Narrow
	}
	var rows []Row
	for _, it := range d {
		switch it := it.(type) {
		case Text:
			for _, line := range wrap(Clean(it.Text), room(columns, it.Big)) {
				rows = append(rows, Row{Text: align(line, it.Align, room(columns, it.Big)), Bold: it.Bold, Big: it.Big})
			}
		case Pair:
			for _, line := range pair(Clean(it.Left), Clean(it.Right), room(columns, it.Big)) {
				rows = append(rows, Row{Text: line, Bold: it.Bold, Big: it.Big})
			}
		case Rule:
			rows = append(rows, Row{Text: strings.Repeat("-", columns)})
		default:
			rows = append(rows, Row{Item: it})
		}
	}
	return rows
}

func room(columns int, big bool) int {
	if big {
		return columns / 2
	}
	return columns
}

func align(s string, a Align, columns int) string {
	free := max(columns-Cells(s), 0)
	switch a {
	case Centre:
		free /= 2
	case Left:
		free = 0
	case Right:
	}
	return strings.Repeat(" ", free) + s
}

func pair(left, right string, columns int) []string {
	if gap := columns - Cells(left) - Cells(right); gap > 0 || gap == 0 && (left == "" || right == "") {
		return []string{left + strings.Repeat(" ", gap) + right}
	}
	lines := wrap(left, columns)
	for _, line := range wrap(right, columns) {
		lines = append(lines, align(line, Right, columns))
	}
	return lines
}

// wrap breaks a text into lines that fit, behind a blank where there is one in
// the second half of the line. Blanks in front of a text indent all its lines.
func wrap(s string, columns int) []string {
	body := strings.TrimLeft(s, " ")
	indent := strings.Repeat(" ", min(len(s)-len(body), columns/2))
	columns -= len(indent)
	var lines []string
	for Cells(body) > columns {
		at, blank, used := 0, 0, 0
		for i, r := range body {
			if used+cells(r) > columns {
				at = i
				break
			}
			used += cells(r)
			if r == ' ' && used > columns/2 {
				blank = i
			}
		}
		if body[at] != ' ' && blank > 0 {
			at = blank
		}
		lines = append(lines, indent+strings.TrimRight(body[:at], " "))
		body = strings.TrimLeft(body[at:], " ")
	}
	return append(lines, indent+body)
}

// Text is the document as it would look, for tests and for a terminal.
func (d Doc) Text(columns int) string {
	var b strings.Builder
	for _, r := range d.Rows(columns) {
		switch it := r.Item.(type) {
		case nil:
			b.WriteString(mark(r))
		case QR:
			b.WriteString("[QR " + it.Data + "]")
		case Barcode:
			b.WriteString("[|| " + it.Data + "]")
		case Picture:
			b.WriteString("[picture]")
		case Feed:
			b.WriteString(strings.Repeat("\n", max(it.Rows-1, 0)))
		case Cut:
			b.WriteString("[cut]")
		case Kick:
			b.WriteString("[drawer]")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// mark shows how a row is printed: * bold, # big.
func mark(r Row) string {
	s := strings.TrimRight(r.Text, " ")
	if r.Big {
		s += " #"
	}
	if r.Bold {
		s += " *"
	}
	return s
}
