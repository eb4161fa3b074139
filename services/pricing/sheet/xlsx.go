package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// maxParts bounds the files within a workbook; real ones have a few dozen.
const maxParts = 2_000

// readWorkbook reads the raw value of each cell of the first sheet: what the file
// says, before any number format. A formula gives the value it had when the
// workbook was saved.
func readWorkbook(raw []byte) (t Table, err error) {
	defer func() {
		if r := recover(); r != nil { // a workbook made to break its reader
			t, err = Table{}, unreadable(1, "the workbook is damaged")
		}
	}()
	if err := unpacks(raw); err != nil {
		return t, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpack, UnzipXMLSizeLimit: maxUnpack})
	if err != nil {
		return t, unreadable(1, "the workbook is damaged, or has a password")
	}
	defer func() { _ = f.Close() }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return t, unreadable(1, "the workbook has no sheet")
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		return t, unreadable(1, "its first sheet cannot be read")
	}
	defer func() { _ = rows.Close() }()
	line := 0
	for rows.Next() {
		line++
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return Table{}, unreadable(line, "the row cannot be read")
		}
		if err := t.add(line, cells); err != nil {
			return Table{}, err
		}
	}
	if rows.Error() != nil {
		return Table{}, unreadable(line+1, "the sheet ends in the middle")
	}
	return t, nil
}

// unpacks refuses a workbook that becomes too large, by what it really holds and
// not by what its directory says.
func unpacks(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return unreadable(1, "the workbook is damaged")
	}
	if len(z.File) > maxParts {
		return tooLarge("parts", maxParts)
	}
	left := int64(maxUnpack)
	for _, part := range z.File {
		n, err := size(part, left)
		if err != nil {
			return unreadable(1, "the workbook is damaged")
		}
		if left -= n; left <= 0 {
			return tooLarge("bytes when unpacked", maxUnpack)
		}
	}
	return nil
}

func size(part *zip.File, most int64) (n int64, err error) {
	r, err := part.Open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.Copy(io.Discard, io.LimitReader(r, most))
}

// excelDigits is how exactly Excel keeps a number. It writes more: 1.1 is
// "1.1000000000000001" in the file.
const excelDigits = 15

// Number is a cell read as a number: plain, or with an exponent as Excel writes
// large and small ones. What has more digits than Excel keeps is rounded to them.
func Number(cell string) (decimal.Decimal, error) {
	if len(cell) > 40 {
		return decimal.Decimal{}, errors.New("too long for a number")
	}
	d, err := decimal.NewFromString(cell)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if e := d.Exponent(); e > 30 || e < -60 {
		return decimal.Decimal{}, errors.New("too large or too fine for a number")
	}
	if over := d.NumDigits() - excelDigits; over > 0 && d.Exponent() < 0 {
		d = d.Round(-d.Exponent() - int32(min(over, 60)))
	}
	return d, nil
}

// WriteWorkbook writes rows to the one sheet of a workbook. Cells of the columns
// in numbers are written as numbers where they are such, digit for digit; all
// others as text, which no spreadsheet takes for a formula.
func WriteWorkbook(w io.Writer, name string, rows [][]string, numbers map[int]bool) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	for i, row := range rows {
		for j, c := range row {
			set := f.SetCellStr
			if i > 0 && numbers[j] && isNumber(c) {
				set = f.SetCellDefault // the digits as they are; a float would pass through one
			}
			if err := set(name, ColumnName(j)+strconv.Itoa(i+1), c); err != nil {
				return err
			}
		}
	}
	head := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := f.SetPanes(name, head); err != nil {
		return err
	}
	return f.Write(w)
}
