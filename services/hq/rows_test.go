package hq

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/fault"
	"cashier/services/wire"
)

// One odd product must not keep the others from the till, and must be found at
// HQ by what is said of it.
func TestAnOddRowIsSetAsideByName(t *testing.T) {
	const named = `"productCode":"10086","productName":"香梨"`
	for name, tt := range map[string]struct {
		row   string
		id    int64
		field string // what the reason names
	}{
		"price NaN as text":       {`{"id":5,"productId":9,` + named + `,"price":"NaN"}`, 9, "price"},
		"price NaN":               {`{"id":5,"productId":9,` + named + `,"price":NaN}`, 9, "price"},
		"member price infinite":   {`{"id":5,"productId":9,` + named + `,"memberPrice":-Infinity}`, 9, "memberPrice"},
		"price in words":          {`{"id":5,"productId":9,` + named + `,"price":"面议"}`, 9, "面议"},
		"price an object":         {`{"id":5,"productId":9,` + named + `,"price":{"amount":1}}`, 9, "price"},
		"id of 30 digits":         {`{"id":5,"productId":123456789012345678901234567890,` + named + `,"price":1}`, 0, "productId"},
		"id a GUID":               {`{"id":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","productId":9,` + named + `}`, 9, "id"},
		"id with a fraction of 0": {`{"productId":"9.0",` + named + `,"price":true}`, 9, "price"},
		"name an object too":      {`{"productId":9,"productCode":"10086","productName":{},"price":[]}`, 9, "price"},
		"no object":               {`"香梨"`, 0, "the product"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := decodePage[Product]([]byte(`{"data":[` + appleDoc + `,` + tt.row + `,` + appleDoc + `],"totalCount":3}`))
			if err != nil || len(page.Data) != 2 || len(page.Unreadable) != 1 || page.TotalCount != 3 {
				t.Fatalf("%v: %d good, %+v", err, len(page.Data), page.Unreadable)
			}
			if diff := cmp.Diff(apple, page.Data[1], sameDecimal); diff != "" {
				t.Error(diff)
			}
			got := page.Unreadable[0]
			if strings.Contains(tt.row, named) && (got.ProductName != "香梨" || got.ProductCode != "10086") ||
				got.ProductID != tt.id {
				t.Errorf("%+v", got)
			}
			if fault.CodeOf(got.Err) != "hq.row_unreadable" || !strings.Contains(got.Err.Error(), tt.field) {
				t.Error(got.Err)
			}
		})
	}
}

func TestWhatIsNoPageStaysAFault(t *testing.T) {
	for _, body := range []string{`{"data":[{"price":N}],"totalCount":1}`, `{"data":{},"totalCount":1}`, `{"data":[`, `NaN`} {
		if page, err := decodePage[Product]([]byte(body)); fault.KindOf(err) != fault.Contract || len(page.Unreadable) != 0 {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestPictures(t *testing.T) {
	for doc, want := range map[string]Pictures{
		`["a.png","b.png"]`:         {"a.png", "b.png"},
		`"a.png"`:                   {"a.png"},
		`"a.png, /img/b.png,,"`:     {"a.png", "/img/b.png"},
		`["a.png",null,"",{"x":1}]`: {"a.png"},
		`null`:                      nil,
		`""`:                        nil,
		`{"url":"a.png"}`:           nil,
		`false`:                     nil,
	} {
		var got struct{ Images Pictures }
		if err := json.Unmarshal([]byte(`{"images":`+doc+`}`), &got); err != nil || !slices.Equal(got.Images, want) {
			t.Errorf("%s: %v, %v", doc, got.Images, err)
		}
	}
}

func FuzzQuoteNumbers(f *testing.F) {
	for _, seed := range []string{`{"a":NaN,"b":"NaN \" NaN","c":-Infinity}`, `[Infinity`, `"\`, `NaN`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := quoteNumbers(body)
		if json.Valid(body) && string(got) != string(body) {
			t.Fatalf("%q became %q", body, got)
		}
		if len(got) < len(body) {
			t.Fatalf("%q lost something: %q", body, got)
		}
	})
}

func FuzzRow(f *testing.F) {
	for _, seed := range []string{appleDoc, `{"price":"面议"}`, `[]`, `1`, `{"PRODUCTID":1e99,"productId":{}}`, `{"images":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		if !json.Valid(row) {
			return
		}
		good, bad := decodeRows[Product]([]json.RawMessage{row})
		if len(good)+len(bad) != 1 {
			t.Fatalf("%q: %d good, %d bad", row, len(good), len(bad))
		}
		var no *fault.Error
		if len(bad) == 1 && (!errors.As(bad[0].Err, &no) || no.Args["field"] == "" || len([]rune(no.Args["value"])) > 201) {
			t.Fatalf("%q: %v", row, bad[0].Err)
		}
	})
}

// The row goes back to HQ in the documented form, however it came.
func TestPicturesGoBackAsAnArray(t *testing.T) {
	got, err := json.Marshal(Pictures{wire.Text("a.png")})
	if err != nil || string(got) != `["a.png"]` {
		t.Errorf("%s, %v", got, err)
	}
}
