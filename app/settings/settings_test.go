package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cashier/services/fault"
)

func load(t *testing.T, dir string) *Settings {
	t.Helper()
	s, warning, err := Load(dir)
	if err != nil || warning != nil {
		t.Fatal(err, warning)
	}
	return s
}

func TestSetSurvivesAndDefaultsReturn(t *testing.T) {
	dir := t.TempDir()
	s := load(t, dir)
	for name, v := range map[string]string{
		"hq.url": "https://hq.example/", "hq.shop_id": "7", "hq.route.login": "api/user/login",
		"shop.name": "鲜果园 “一号” 店\n#", "sale.pay_on_scan": "false",
	} {
		if err := s.Set(name, v); err != nil {
			t.Fatal(name, err)
		}
	}
	s = load(t, dir)
	if s.Int("hq.shop_id") != 7 || s.Bool("sale.pay_on_scan") || s.Routes()["login"] != "api/user/login" {
		t.Errorf("lost: %v", s.All())
	}
	if got := s.Get("shop.name"); got != "鲜果园 “一号” 店\n#" {
		t.Errorf("shop.name = %q", got)
	}
	if err := s.Set("sale.pay_on_scan", ""); err != nil || !load(t, dir).Bool("sale.pay_on_scan") {
		t.Error("an empty value brings the default back", err)
	}
	if info, err := os.Stat(filepath.Join(dir, FileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestBadValuesAreRefusedAndChangeNothing(t *testing.T) {
	dir := t.TempDir()
	s := load(t, dir)
	for name, v := range map[string]string{
		"hq.shop_id": "seven", "hq.page_size": "-1", "hq.url": "ftp://x", "liantuofu.url": "no address",
		"sale.pay_on_scan": "yes", "pricing.count_weigh": "both", "hq.password": "x", "hq.route.": "x", "nothing": "x",
	} {
		if err := s.Set(name, v); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s=%s: %v", name, v, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); !os.IsNotExist(err) {
		t.Error("a refused value must not touch the file")
	}
}

func TestBrokenFileIsSetAsideNotLost(t *testing.T) {
	for _, broken := range []string{"hq = [", "[hq]\nurl = 'not an address'\n", "[hq]\nshop_id = [1]\n", "\x00\x00"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		s, warning, err := Load(dir)
		if err != nil || fault.CodeOf(warning) != "settings.set_aside" {
			t.Fatalf("%q: %v, %v", broken, warning, err)
		}
		if s.Get("hq.page_size") != "200" {
			t.Error("the defaults must apply")
		}
		kept, _ := filepath.Glob(filepath.Join(dir, "*.bak"))
		if len(kept) != 1 {
			t.Fatalf("kept: %v", kept)
		}
		if raw, _ := os.ReadFile(kept[0]); string(raw) != broken {
			t.Errorf("kept %q", raw)
		}
	}
}

func TestNumbersTypedByHandAreAccepted(t *testing.T) {
	dir := t.TempDir()
	raw := "[hq]\nshop_id = 12\nallow_insecure = true\n"
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := load(t, dir); s.Int("hq.shop_id") != 12 || !s.Bool("hq.allow_insecure") {
		t.Error(s.All())
	}
}

func TestNoSecretIsASetting(t *testing.T) {
	for _, k := range Keys() {
		for _, word := range []string{"password", "secret", ".key", "open_key"} {
			if strings.Contains(k.Name, word) {
				t.Errorf("%s looks like a secret", k.Name)
			}
		}
	}
}
