package pricing

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/services/fault"
)

func byCode(code string) (int64, error) {
	if code == "10197" {
		return 29, nil
	}
	return 0, errors.New("no such 货号")
}

func TestReadCSV(t *testing.T) {
	const text = "货号,价格,会员价\r\n10197,5.55,5\r\n\r\n,,\r\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{text, "\ufeff" + text, gbk, " ProductCode , Price ,MEMBERPRICE,note\n 10197 , 5.55 ,5.00,x\n", "productId,价格,会员价\n29,5.55,5\n", "productid,productcode,price,memberprice\n29,unknown,5.55,5\n"} {
		got, err := ReadCSV([]byte(table), byCode)
		if err != nil || len(got) != 1 || got[0] != (Change{29, Want{555, 500, true}}) {
			t.Errorf("%q: %+v, %v", table, got, err)
		}
	}
	if got, err := ReadCSV([]byte("productId,price\n1,2\n3,4.00\n"), byCode); err != nil || !slices.Equal(got, []Change{{1, Want{Price: 200}}, {3, Want{Price: 400}}}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestReadCSVRefuses(t *testing.T) {
	for table, line := range map[string]string{
		"":                                         "1",
		"货号,价格\n":                                  "2",
		"货号,价格\n99999,1\n":                         "2",
		"货号,价格\n10197,1.234\n":                     "2",
		"货号,价格\n10197,0\n":                         "2",
		"货号,价格\n10197,-1\n":                        "2",
		"货号,价格\n10197,\n":                          "2",
		"货号,价格\n\n10197,1\n10197,2\n":              "4",
		"productId,货号,价格\n29,,1\n,10197,2\n":       "3",
		"价格\n1\n":                                  "2",
		"货号,价格\n10197,\"1\n":                       "2",
		"productId,price,memberPrice\n1,1,x\n":     "2",
		"productId,price\n0,1\n":                   "2",
		"productId,price\n9223372036854775808,1\n": "2",
		"price,price,productId\n1,2,3\n":           "1",
		"\xff\xff\xff":                             "1",
	} {
		_, err := ReadCSV([]byte(table), byCode)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != "import.bad_row" || f.Kind != fault.Invalid || f.Args["line"] != line || !strings.Contains(f.Message, "Nothing was sent") {
			t.Errorf("%q: %v", table, err)
		}
	}
}

// A table is read whole or not at all; every change has a price and a product.
func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{"货号,价格\n10197,1\n", "productId,price,memberPrice\n1,2,3\n4,5,\n", "\ufeffprice,productid\n1,\"2\"\n", "\xc9\xcc\xc6\xb7id,\xbc\xdb\xb8\xf1\n1,2\n", "a\n\"", "productid,price\n1,1e2\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := ReadCSV(raw, byCode)
		if (err == nil) != (len(got) > 0) {
			t.Fatalf("%v, %v", got, err)
		}
		seen := map[int64]bool{}
		for _, c := range got {
			if c.ProductID <= 0 || c.Want.Price <= 0 || c.Want.Member < 0 || seen[c.ProductID] {
				t.Fatalf("%+v", c)
			}
			seen[c.ProductID] = true
		}
	})
}
