package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const bom = "\ufeff"

// readCSV takes commas, or tabs where the first line has tabs and no comma.
func readCSV(raw []byte) (t Table, err error) {
	raw = bytes.TrimPrefix(raw, []byte(bom))
	if !utf8.Valid(raw) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return t, unreadable(1, "the file is neither UTF-8 nor GB18030")
		}
		raw = text
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord = -1
	if head, _, _ := bytes.Cut(raw, []byte("\n")); bytes.ContainsRune(head, '\t') && !bytes.ContainsRune(head, ',') {
		in.Comma = '\t'
	}
	for {
		record, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return Table{}, unreadable(lineOf(err), "it is not CSV: a quotation mark is missing or too many")
		}
		line, _ := in.FieldPos(0)
		for i, cell := range record {
			record[i] = disarmed(cell)
		}
		if err := t.add(line, record); err != nil {
			return Table{}, err
		}
	}
}

func lineOf(err error) int {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.Line
	}
	return 1
}

// formula are the characters with which a spreadsheet begins to compute.
const formula = "=+-@\t\r"

// WriteCSV writes rows as UTF-8 with a byte order mark, by which Excel knows it.
// A cell that a spreadsheet would take for a formula begins with an apostrophe;
// Read takes that away again. A number keeps its sign.
func WriteCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = armed(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func armed(cell string) string {
	if cell == "" || isNumber(cell) {
		return cell
	}
	first := strings.TrimLeft(cell, "'")
	if first != "" && strings.ContainsRune(formula, rune(first[0])) {
		return "'" + cell
	}
	return cell
}

// disarmed is what armed was given.
func disarmed(cell string) string {
	rest, quoted := strings.CutPrefix(cell, "'")
	if first := strings.TrimLeft(rest, "'"); quoted && first != "" && strings.ContainsRune(formula, rune(first[0])) {
		return rest
	}
	return cell
}

// isNumber reports digits with at most a leading minus and one point: such a
// cell computes nothing.
func isNumber(s string) bool {
	whole, frac, dotted := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return whole != "" && (!dotted || frac != "") && strings.Trim(whole+frac, "0123456789") == ""
}
