package sheet

import (
	"bytes"
	"strconv"
	"strings"

	"cashier/services/fault"
)

// The limits of a table that is read.
const (
	MaxBytes   = 32 << 20  // of the file
	MaxRows    = 60_000    // with the header and blank ones
	MaxColumns = 256       // of a row
	MaxCell    = 4_000     // bytes of one cell
	maxUnpack  = 128 << 20 // of a workbook's parts together
)

// Table is the rows of a sheet. Rows are as long as they were written; blank ones
// are left out.
type Table struct{ Rows []Row }

// Row is one row; Line is its number in the file, from 1.
type Row struct {
	Line  int
	Cells []string
}

// Cell is the cell of a column, from 0, without blanks around it; "" where the
// row ends before.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return strings.TrimSpace(r.Cells[column])
}

// Read reads a workbook's first sheet, or CSV, by what the bytes are. The fault is
// Invalid, with code "import.unreadable_table" or "import.too_large".
func Read(raw []byte) (Table, error) {
	if len(raw) > MaxBytes {
		return Table{}, tooLarge("bytes", MaxBytes)
	}
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		return readWorkbook(raw)
	}
	if bytes.HasPrefix(raw, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		return Table{}, unreadable(1, "it is an old .xls workbook, or one with a password; save it as .xlsx or CSV")
	}
	return readCSV(raw)
}

// add takes a row, or says why the table is too large.
func (t *Table) add(line int, cells []string) error {
	switch {
	case line > MaxRows:
		return tooLarge("rows", MaxRows)
	case len(cells) > MaxColumns:
		return tooLarge("columns", MaxColumns)
	}
	blank := true
	for _, c := range cells {
		if len(c) > MaxCell {
			return tooLarge("bytes in one cell", MaxCell)
		}
		blank = blank && strings.TrimSpace(c) == ""
	}
	if !blank {
		t.Rows = append(t.Rows, Row{line, cells})
	}
	return nil
}

func tooLarge(what string, most int) error {
	return fault.New(fault.Invalid, "import.too_large", "The file has more than {most} {what}; nothing was read. Split it.", "most", strconv.Itoa(most), "what", what)
}

func unreadable(line int, why string) error {
	return fault.New(fault.Invalid, "import.unreadable_table", "Line {line}: {why}. Nothing was sent; mend the file and import it again.", "line", strconv.Itoa(line), "why", why)
}

// ColumnName is a column's name as Excel has it, from 0: A, B, … AA.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
