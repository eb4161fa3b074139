package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/services/hq"
	"cashier/services/pricing"
)

func (r *rig) priceRows(code int, args ...string) []priceRow {
	r.t.Helper()
	return doc[[]priceRow](r.t, r.want(code, r.run("", append([]string{"--json", "price"}, args...)...)).out)
}

func TestAPriceIsChangedAtHQAndProvenByReading(t *testing.T) {
	r := newRig(t).synced()
	p := r.product("10197")
	id := strconv.FormatInt(p.ProductID, 10)
	rows := r.priceRows(Done, "set", "--product", id, "--price", "12.34", "--member", "11")
	if len(rows) != 1 || rows[0].Result != pricing.Changed || rows[0].Price != "12.34" || rows[0].Was != p.Price.Yuan() {
		t.Fatalf("%+v", rows)
	}
	if now := r.product("10197"); now.Price != 1234 || now.MemberPrice != 1100 { // without a sync
		t.Errorf("the till still sells at %+v", now)
	}
	if again := r.priceRows(Done, "set", "--product", id, "--price", "12.34"); again[0].Result != pricing.Same {
		t.Errorf("%+v", again)
	}
	logs := doc[[]map[string]any](t, r.want(Done, r.run("", "--json", "price", "log", "--product", id)).out)
	if len(logs) != 1 || logs[0]["newPrice"] != 12.34 {
		t.Errorf("%+v", logs)
	}
	r.want(Done, r.run("", "sync"))
	if now := r.product("10197"); now.Price != 1234 || now.MemberPrice != 1100 {
		t.Errorf("%+v", now)
	}
	r.want(Done, r.run("", "verify"), "0 broken")
	for _, bad := range []string{"-1", "0", "1.234", "cheap", ""} {
		r.want(Usage, r.run("", "price", "set", "--product", id, "--price", bad))
	}
	r.want(NotReached, r.run("", "price", "set", "--product", "999999999", "--price", "1"), "商品不存在") // status 500, says the stand-in
}

func TestWhatHQHasCountsAndNotItsAnswer(t *testing.T) {
	r := newRig(t).synced()
	id := strconv.FormatInt(r.product("10197").ProductID, 10)
	for i, c := range []struct {
		fault  string
		result pricing.Outcome
		code   int
	}{
		{"changeprice=lost-reply", pricing.Changed, Done},
		{"changeprice=lies", pricing.Unchanged, RefusedExit},
		{"changeprice=request-lost", pricing.Unknown, Unresolved},
		{"changeprice=500", pricing.Unknown, Unresolved},
		{"changeprice=status:702", pricing.Unknown, Unresolved},
		{"changeprice=500:done", pricing.Changed, Done},
		{"changeprice=status:905", pricing.Unchanged, RefusedExit},
		{"changeprice=refused", pricing.Unknown, Unresolved}, // 500 is also how HQ says that it does not know itself
		{"changeprice=garbage", pricing.Changed, Done},
		{"changeprice=garbage:undone", pricing.Unknown, Unresolved},
		{"changeprice=huge", pricing.Changed, Done},
		// HQ is read again a moment later, three times at each reading.
		{"changeprice=lost-reply,getbyproductid=500#2,getbyproductid=500#3,getbyproductid=500#4", pricing.Changed, Done},
		{"changeprice=lost-reply,getbyproductid=500#2,getbyproductid=500#3,getbyproductid=500#4,getbyproductid=500#5,getbyproductid=500#6,getbyproductid=500#7", pricing.Unknown, Unresolved},
	} {
		r.faults(c.fault)
		rows := r.priceRows(c.code, "set", "--product", id, "--price", strconv.Itoa(i+20))
		if rows[0].Result != c.result || c.result != pricing.Changed && rows[0].Reason == "" {
			t.Errorf("%s: %+v", c.fault, rows)
		}
	}
}

func TestOnePriceForSeveralShops(t *testing.T) {
	r := newRig(t).synced()
	id := strconv.FormatInt(r.product("10197").ProductID, 10)
	shops := doc[[]hq.Shop](t, r.want(Done, r.run("", "--json", "shop", "list", "--product", id)).out)
	if len(shops) < 2 {
		t.Fatalf("%d shops", len(shops))
	}
	args := []string{"set", "--product", id, "--price", "9.9", "--member", "9"}
	for _, s := range shops {
		args = append(args, "--shop", strconv.FormatInt(int64(s.ID), 10))
	}
	rows := r.priceRows(Done, args...)
	for _, row := range rows {
		if row.Result != pricing.Changed || row.Price != "9.90" {
			t.Errorf("%+v", row)
		}
	}
	if len(rows) != len(shops) {
		t.Errorf("%d rows of %d shops", len(rows), len(shops))
	}
	r.want(Usage, r.run("", "price", "set", "--product", id, "--price", "9", "--shop", "1"), "--member")
	r.want(RefusedExit, r.run("", "price", "set", "--product", id, "--price", "9", "--member", "8", "--shop", "424242"), "nothing was changed")
}

func TestPricesFromAFile(t *testing.T) {
	r := newRig(t).synced()
	a, b := r.product("10197"), r.product("10204")
	csv := "货号,价格,会员价\n10197,5.55,5\n10204," + b.Price.Yuan() + ",\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(csv)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "prices.csv")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"\ufeff" + csv, gbk} {
		write(text)
		if rows := r.priceRows(Done, "import", file, "--dry-run"); rows[0].Result != pricing.WouldChange || rows[1].Result != pricing.Same {
			t.Errorf("%+v", rows)
		}
	}
	write("productId,price,memberPrice\n" + strconv.FormatInt(a.ProductID, 10) + ",5.55,5\n" + strconv.FormatInt(b.ProductID, 10) + ",6.66,\n")
	if rows := r.priceRows(Done, "import", file); rows[1].Result != pricing.Changed || rows[1].Price != "6.66" || rows[1].MemberPrice != b.MemberPrice.Yuan() || rows[0].Result != pricing.Changed || rows[0].Price != "5.55" || rows[0].ProductID != a.ProductID {
		t.Errorf("%+v", rows)
	}
	for _, bad := range []string{"", "货号,价格\n", "货号,价格\n99999,1\n", "货号,价格\n10197,1.234\n", "货号,价格\n10197,1\n10197,2\n", "价格\n1\n", "货号,价格\n10197,\"1\n"} {
		write(bad)
		r.want(RefusedExit, r.run("", "price", "import", file), "Nothing was sent")
	}
	r.want(RefusedExit, r.run("", "price", "import", file+".missing"))
}
