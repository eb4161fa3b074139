package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"encoding/json"

	"cashier/assets"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/scancode"
	"cashier/ui/text"
)

func table(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := assets.Translations.ReadFile("translations/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var hole = regexp.MustCompile(`\{([a-zA-Z]+)[^{}]*\}`)

// holes are the values a sentence asks for.
func holes(s string) []string {
	var h []string
	for _, m := range hole.FindAllStringSubmatch(s, -1) {
		h = append(h, m[1])
	}
	slices.Sort(h)
	return slices.Compact(h)
}

// Both languages say the same things with the same values in them. Of a fault
// a translation may leave a value out; it may not ask for another.
func TestLanguagesMatch(t *testing.T) {
	zh, en := table(t, text.Chinese), table(t, text.English)
	for key, s := range zh {
		e, ok := en[key]
		if !ok {
			t.Errorf("%s is missing in English", key)
			continue
		}
		if s == "" || e == "" {
			t.Errorf("%s is empty", key)
		}
		if strings.HasPrefix(key, "error.") {
			for _, h := range holes(s) {
				if !slices.Contains(holes(e), h) {
					t.Errorf("%s: %s is no value of this fault", key, h)
				}
			}
		} else if a, b := holes(s), holes(e); !slices.Equal(a, b) {
			t.Errorf("%s: values %v and %v", key, a, b)
		}
	}
	for key := range en {
		if _, ok := zh[key]; !ok {
			t.Errorf("%s is missing in Chinese", key)
		}
	}
}

// sources calls f for every Go file below a folder of the project that is no test.
func sources(t *testing.T, dir string, f func(path string, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..", dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, raw, 0)
		if err != nil {
			return err
		}
		f(path, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func literal(e ast.Expr) string {
	if b, ok := e.(*ast.BasicLit); ok && b.Kind == token.STRING {
		if s, err := strconv.Unquote(b.Value); err == nil {
			return s
		}
	}
	return ""
}

var textKey = regexp.MustCompile(`^[a-z]+(\.[a-zA-Z]+)+$`)

// Every text the screens name exists, whether it is asked for by T or stands in
// a table of keys.
func TestTextsOfTheScreensExist(t *testing.T) {
	zh := table(t, text.Chinese)
	groups := map[string]bool{}
	for key := range zh {
		group, _, _ := strings.Cut(key, ".")
		groups[group] = true
	}
	used := 0
	check := func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			b, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			s := literal(b)
			group, _, _ := strings.Cut(s, ".")
			if !textKey.MatchString(s) || !groups[group] || strings.HasSuffix(s, ".png") || strings.HasSuffix(s, ".json") {
				return true
			}
			used++
			_, plain := zh[s]
			_, asFault := zh["error."+s]
			if !plain && !asFault {
				t.Errorf("%s: no text %q", path, s)
			}
			return true
		})
	}
	sources(t, "ui", check)
	groups = map[string]bool{"window": true} // of the others it holds settings
	sources(t, "app/window", check)
	if used < 200 {
		t.Errorf("only %d texts were found: the test looks in the wrong place", used)
	}
}

// said is the literal a sentence begins with.
func said(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return said(sum.X)
	}
	return literal(e)
}

var faultCode = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z_]+$`)

// Every fault a service, a device or the window can raise has its sentence.
// A fault is a code followed by its English sentence.
func TestFaultsAreTranslated(t *testing.T) {
	zh := table(t, text.Chinese)
	found := 0
	for _, dir := range []string{"services", "hardware", "localdb", "app"} {
		sources(t, dir, func(path string, file *ast.File) {
			if strings.Contains(path, "test/") || strings.Contains(path, "shopdata") || strings.Contains(path, "app/cli") || strings.Contains(path, "app/demo") {
				return // the stand-ins speak to those who test, not to a counter
			}
			ast.Inspect(file, func(n ast.Node) bool {
				// A code that has a name is looked for where it is named.
				if named, ok := n.(*ast.ValueSpec); ok && len(named.Values) == 1 && strings.HasPrefix(named.Names[0].Name, "code") {
					if code := literal(named.Values[0]); faultCode.MatchString(code) {
						found++
						if _, ok := zh["error."+code]; !ok {
							t.Errorf("%s: the fault %s has no text error.%s", path, code, code)
						}
					}
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				for i, a := range call.Args[:max(0, len(call.Args)-1)] {
					code := literal(a)
					if faultCode.MatchString(code) && !strings.HasSuffix(code, ".db") && strings.Contains(said(call.Args[i+1]), " ") {
						found++
						if _, ok := zh["error."+code]; !ok {
							t.Errorf("%s: the fault %s has no text error.%s", path, code, code)
						}
					}
				}
				return true
			})
		})
	}
	if found < 60 {
		t.Errorf("only %d faults were found: the test looks in the wrong place", found)
	}
}

// Texts whose key ends in a state or a kind exist for each of them.
func TestTextsOfStatesExist(t *testing.T) {
	zh := table(t, text.Chinese)
	need := func(key string) {
		if _, ok := zh[key]; !ok {
			t.Errorf("no text %s", key)
		}
	}
	for _, s := range []checkout.State{checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Reversing, checkout.Manual} {
		need("leg." + string(s))
		need("leg." + string(s) + ".what")
	}
	for _, s := range []checkout.State{checkout.Paid, checkout.Reversed, checkout.Rejected} {
		need("leg." + string(s))
	}
	for _, s := range []checkout.SaleState{checkout.Tendering, checkout.Complete, checkout.Voided, checkout.Unsettled, checkout.Compensating} {
		need("sale.state." + string(s))
	}
	for k := scancode.Unknown; k <= scancode.Rejected; k++ {
		need("scan.kind." + k.String())
	}
	for _, k := range []scancode.Kind{scancode.Goods, scancode.Label, scancode.Payment, scancode.Member, scancode.TimesCard} {
		need("scan.as." + k.String())
	}
	for _, m := range []string{"cash", "other", "code", "qr", "refund", "member", "card"} {
		need("method." + m)
	}
}

// counted is a number with a word behind it that fits no one, or not many. What
// is named max or most is a limit and never one.
var counted = regexp.MustCompile(`\{(n|count|left|total|known|other|pages|tries|products|length|listed|removed|read|added)\} [a-z]+s\b`)

func TestOneIsSingular(t *testing.T) {
	for key, s := range table(t, text.English) {
		if bad := counted.FindString(s); bad != "" && key != "error.sale.cash_slip" { // there it is an amount
			t.Errorf("%s: %q is wrong for 1; write {n:item|items}", key, bad)
		}
		if strings.Count(s, "{") != len(hole.FindAllString(s, -1)) {
			t.Errorf("%s: a brace is open in %q", key, s)
		}
	}
	en, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		got, want string
	}{
		{en.T("redeem.times", "n", int64(1)), "1 use"},
		{en.T("redeem.times", "n", 0), "0 uses"},
		{en.T("redeem.times", "n", 11), "11 uses"},
		{en.T("redeem.done", "n", int64(1)), "Redeemed 1 use"},
		{en.T("sale.pieces", "n", 1), "1 item"},
		{en.T("sale.pieces", "n", 21), "21 items"},
		{en.T("sync.rejected", "n", 1), "1 product was not updated; see the details."},
		{en.T("sync.rejected", "n", 2), "2 products were not updated; see the details."},
		{en.T("redeem.times", "count", 1), "{n} {n:use|uses}"},                                                               // a slip of ours is seen
		{en.T("sale.nothingFound", "query", "{n:a|b}{query}")[:len("Nothing found for “{n:a|")], "Nothing found for “{n:a|"}, // a value is never read as a text
		{en.Fault(fault.New(fault.Internal, "window.recovered", "?", "n", "1")), "1 payment of an earlier run is not confirmed yet and stands in the tray (F6)."},
		{en.Fault(fault.New(fault.Internal, "window.recovered", "Some are open.")), "Some are open."},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestFaultSentence(t *testing.T) {
	zh, err := text.Load("")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"translated, with its values", fault.New(fault.Invalid, "cart.needs_weight", "{name} is sold by weight.", "name", "苹果"), "苹果 按重量销售：请称重并输入重量。"},
		{"what every gateway says", fault.New(fault.Unreachable, "zvcms.unreachable", "{service} cannot be reached.", "service", "智迈"), "连不上智迈，没有发出任何内容。请检查网络和设置里的地址，然后重试。"},
		{"not translated", fault.New(fault.Invalid, "brand.new", "Something new happened; do this."), "Something new happened; do this."},
		{"named on the screen", fault.New(fault.Denied, "access.denied", "?", "name", "阿青", "role", "staff", "right", "sell"), "阿青（核销员）没有这项权限（收银）。请找店长。"},
		{"raised without the values", fault.New(fault.Invalid, "cart.needs_weight", "Weigh it."), "Weigh it."},
		{"no fault at all", os.ErrClosed, zh.T("fault.internal")},
	}
	for _, tt := range tests {
		if got := zh.Fault(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if _, err := text.Load("fr"); fault.CodeOf(err) != "text.unknown_language" {
		t.Errorf("French: %v", err)
	}
}
