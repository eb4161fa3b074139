package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"cashier/services/fault"
)

func cells(t Table) string {
	var b strings.Builder
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "%d:%s;", r.Line, strings.Join(r.Cells, "|"))
	}
	return b.String()
}

func TestReadCSV(t *testing.T) {
	const text = "货号,售价\n\n10197,5.55\r\n\"a\nb\",1\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"plain": text, "marked": "\ufeff" + text, "GB18030": gb} {
		got, err := Read([]byte(raw))
		if err != nil || cells(got) != "1:货号|售价;3:10197|5.55;4:a\nb|1;" {
			t.Errorf("%s: %q, %v", name, cells(got), err)
		}
	}
	if tabs, err := Read([]byte("a\tb\n1\t2,5\n")); err != nil || cells(tabs) != "1:a|b;2:1|2,5;" {
		t.Errorf("%q, %v", cells(tabs), err)
	}
	for name, c := range map[string]struct{ raw, code string }{
		"no text":          {"a,\xff\xff\n", "import.unreadable_table"},
		"no CSV":           {"a,b\n\"1,2\n", "import.unreadable_table"},
		"an old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1", "import.unreadable_table"},
		"a torn workbook":  {"PK\x03\x04rest", "import.unreadable_table"},
		"too many rows":    {strings.Repeat("1\n", MaxRows+1), "import.too_large"},
		"too many columns": {strings.Repeat("1,", MaxColumns) + "1\n", "import.too_large"},
		"a huge cell":      {strings.Repeat("x", MaxCell+1), "import.too_large"},
		"too many bytes":   {strings.Repeat("x", MaxBytes+1), "import.too_large"},
	} {
		if got, err := Read([]byte(c.raw)); fault.CodeOf(err) != c.code || len(got.Rows) != 0 {
			t.Errorf("%s: %v, %d rows", name, err, len(got.Rows))
		}
	}
}

// workbook is a hand-made one: what Excel writes, part by part.
func workbook(t testing.TB, sheetData, shared string) []byte {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
			`<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
		"_rels/.rels":                `<Relationships ` + rel + `><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook ` + ns + ` xmlns:r="` + office + `"><sheets><sheet name="价" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + rel + `><Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet ` + ns + `><sheetData>` + sheetData + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":       `<sst ` + ns + `>` + shared + `</sst>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadWorkbook(t *testing.T) {
	raw := workbook(t,
		`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>售价</t></is></c></row>`+
			`<row r="3"><c r="A3"><v>6901234567890</v></c><c r="C3"><v>1.1000000000000001</v></c></row>`+
			`<row r="4"><c r="A4" t="str"><v>007</v></c><c r="C4"><f>1+2</f><v>3</v></c></row>`,
		`<si><t>货号</t></si>`)
	got, err := Read(raw)
	if err != nil || cells(got) != "1:货号||售价;3:6901234567890||1.1000000000000001;4:007||3;" {
		t.Errorf("%q, %v", cells(got), err)
	}
	if got.Rows[1].Cell(2) != "1.1000000000000001" || got.Rows[1].Cell(9) != "" || got.Rows[1].Cell(-1) != "" {
		t.Errorf("%+v", got.Rows[1])
	}
	for name, data := range map[string]string{
		"a row far away":   `<row r="900000"><c r="A900000"><v>1</v></c></row>`,
		"a cell far away":  `<row r="1"><c r="XFD1"><v>1</v></c></row>`,
		"a row beyond all": `<row r="99999999999"><c r="A1"><v>1</v></c></row>`,
	} {
		if _, err := Read(workbook(t, data, "")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A small file that unpacks to more than a till has memory for is refused by what
// is in it, not by what its directory says.
func TestBombs(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 200 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 {
		t.Fatalf("the bomb has %d bytes", b.Len())
	}
	if _, err := Read(b.Bytes()); fault.CodeOf(err) != "import.too_large" {
		t.Error(err)
	}
	b.Reset()
	z = zip.NewWriter(&b)
	for i := range maxParts + 1 {
		if _, err := z.Create(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(b.Bytes()); fault.CodeOf(err) != "import.too_large" {
		t.Error(err)
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]string{
		"5.55": "5.55", "1.1000000000000001": "1.1", "5.5499999999999998": "5.55", "1E-2": "0.01", "1.2E3": "1200", "0.1": "0.1",
		"12345678901234.56": "12345678901234.6", "6901234567890": "6901234567890", "99999999.989999995": "99999999.99", "-3": "-3",
	} {
		if got, err := Number(in); err != nil || !got.Equal(decimal.RequireFromString(want)) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "x", "1e999999999", "1e-999999", strings.Repeat("1", 41), "NaN", "0x10"} {
		if got, err := Number(bad); err == nil {
			t.Errorf("%q is %s", bad, got)
		}
	}
}

func TestColumnName(t *testing.T) {
	for at, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := ColumnName(at); got != want {
			t.Errorf("%d: %s, want %s", at, got, want)
		}
	}
}

// What is written is read again, cell for cell, and no cell computes.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom([]string{"=1+1", "+86", "-1.50", "@x", "'=x", "''+", "a\"b", "a,b", "乳品", "5.55", "-", "1\n2", "'", "", "=HYPERLINK(\"http://x\")", "0012"})
		rows := [][]string{{"货号", "售价", "名称"}}
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			rows = append(rows, []string{"x", cell.Draw(t, "a"), cell.Draw(t, "b")})
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, rows); err != nil {
			t.Fatal(err)
		}
		got, err := Read(b.Bytes())
		if err != nil || len(got.Rows) != len(rows) {
			t.Fatalf("%d rows, %v", len(got.Rows), err)
		}
		for i, r := range got.Rows {
			if !slices.Equal(r.Cells, rows[i]) {
				t.Fatalf("%q, want %q", r.Cells, rows[i])
			}
		}
		for _, c := range strings.FieldsFunc(strings.TrimPrefix(b.String(), bom), func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == '"' }) {
			if strings.HasPrefix(c, "=") && !strings.Contains(b.String(), "'"+c) {
				t.Fatalf("%q computes in %q", c, b.String())
			}
		}
	})
	rows := [][]string{{"货号", "售价"}, {"=1+1", "5.50"}, {"0012", "=x"}}
	var b bytes.Buffer
	if err := WriteWorkbook(&b, "价格", rows, map[int]bool{1: true}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes())
	if err != nil || cells(got) != "1:货号|售价;2:=1+1|5.50;3:0012|=x;" {
		t.Errorf("%q, %v", cells(got), err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("货号,售价\n1,2\n"))
	f.Add([]byte("a\tb\n\"x\"\t'=1\n"))
	f.Add([]byte{0xb8, 0xdb, ',', '1'})
	f.Add(workbook(f, `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`, `<si><t>货号</t></si>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Read(raw)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || len(got.Rows) != 0 {
				t.Fatalf("%v with %d rows", err, len(got.Rows))
			}
			return
		}
		last := 0
		for _, r := range got.Rows {
			if r.Line <= last || len(r.Cells) > MaxColumns {
				t.Fatalf("line %d after %d", r.Line, last)
			}
			last = r.Line
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"5.55", "1.1000000000000001", "1E-2", "1e30", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Number(s)
		if err == nil && d.NumDigits() > 60 {
			t.Fatalf("%q has %d digits", s, d.NumDigits())
		}
	})
}
