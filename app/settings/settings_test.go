package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cashier/services/fault"
)

func load(t *testing.T, dir string) *Settings {
	t.Helper()
	s, warnings, err := Load(dir)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
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
		"liantuofu.merchant_code": "a&b", "liantuofu.app_id": "a=b", "liantuofu.employee_id": "1\x00",
		"sync.hold_factor": "9223372036854775807", "sync.hold_removed": "101", "sync.every_minutes": "9999999999", "sync.stock_minutes": "-1",
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

func folder(t *testing.T, raw string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestBrokenFileIsSetAsideNotLost(t *testing.T) {
	for _, broken := range []string{"hq = [", "\x00\x00", "[hq]\n[hq]\n"} {
		dir := folder(t, broken)
		if s, _, err := Read(dir); fault.CodeOf(err) != "settings.broken" || s.Get("hq.page_size") != "200" {
			t.Errorf("%q, read only: %v", broken, err)
		}
		if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
			t.Errorf("%q: reading moved the file: %v", broken, err)
		}
		s, warnings, err := Load(dir)
		if err != nil || len(warnings) != 1 || fault.CodeOf(warnings[0]) != "settings.set_aside" {
			t.Fatalf("%q: %v, %v", broken, warnings, err)
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

// One mistyped line costs that line only, and says so at every start.
func TestOneBadKeyCostsOnlyItself(t *testing.T) {
	for bad, want := range map[string]string{
		"colour = 'red'":         "settings.unknown_key hq.colour",
		"url = 'not an address'": "settings.ignored hq.url",
		"shop_id = [1]":          "settings.ignored hq.shop_id",
		"openid = [1]":           "settings.ignored hq.openid",
		"login = 2026-01-31":     "settings.ignored hq.login",
	} {
		raw := "[shop]\nname = '鲜果园'\n[hq]\n" + bad + "\ntenant = 'T'\n"
		dir := folder(t, raw)
		for range 2 {
			s, warnings, err := Load(dir)
			if err != nil || len(warnings) != 1 {
				t.Fatalf("%s: %v, %v", bad, warnings, err)
			}
			code, key, _ := strings.Cut(want, " ")
			if fault.CodeOf(warnings[0]) != code || !strings.Contains(warnings[0].Error(), key) {
				t.Errorf("%s: %v", bad, warnings[0])
			}
			if s.Get("hq.tenant") != "T" || s.Get("shop.name") != "鲜果园" {
				t.Errorf("%s cost its neighbours: %v", bad, s.All())
			}
		}
		if now, _ := os.ReadFile(filepath.Join(dir, FileName)); string(now) != raw {
			t.Errorf("%s: the file was touched: %s", bad, now)
		}
	}
}

func TestSetKeepsWhatItDoesNotKnow(t *testing.T) {
	dir := folder(t, "[hq]\ncolour = 'red'\ntenant = 'T'\n[later]\nx = [1, 2]\n")
	s, _, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set("hq.tenant", "U"); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, FileName))
	if text := string(raw); !strings.Contains(text, "red") || !strings.Contains(text, "[1, 2]") || !strings.Contains(text, "'U'") {
		t.Errorf("%s", raw)
	}
}

// Each goroutine has read the file before any of them writes, as processes
// that start together do.
func TestParallelChangesLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 16 {
		s := load(t, dir)
		all.Go(func() {
			if err := s.Set(fmt.Sprintf("hq.route.a%d", i), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(load(t, dir).Routes()); n != 16 {
		t.Errorf("%d of 16 kept", n)
	}
}

func TestOverridesStayInTheProcess(t *testing.T) {
	dir := t.TempDir()
	s := load(t, dir)
	if err := s.Override("hq.tenant", "mine"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("hq.login", "me"); err != nil {
		t.Fatal(err)
	}
	if s.Get("hq.tenant") != "mine" || load(t, dir).Get("hq.tenant") != "" {
		t.Error("an override of one process reached the disk, or was lost")
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

func TestSeveralAreSavedTogetherOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	s := load(t, dir)
	if err := s.SetAll(map[string]string{"shop.name": "x", "hq.shop_id": "seven"}); fault.CodeOf(err) != "settings.bad_value" {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); !os.IsNotExist(err) {
		t.Error("half of it was saved")
	}
	if err := s.SetAll(map[string]string{"shop.name": "鲜果园", "hq.shop_id": "7"}); err != nil {
		t.Fatal(err)
	}
	if s = load(t, dir); s.Get("shop.name") != "鲜果园" || s.Int("hq.shop_id") != 7 {
		t.Errorf("%v", s.All())
	}
}

func TestACopyWithOtherValuesLeavesTheOriginal(t *testing.T) {
	dir := t.TempDir()
	s := load(t, dir)
	if err := s.SetAll(map[string]string{"shop.name": "a", "hq.tenant": "T"}); err != nil {
		t.Fatal(err)
	}
	c, err := s.With(map[string]string{"shop.name": "b", "hq.tenant": ""})
	if err != nil {
		t.Fatal(err)
	}
	if c.Get("shop.name") != "b" || c.Get("hq.tenant") != "" || s.Get("shop.name") != "a" || s.Get("hq.tenant") != "T" {
		t.Errorf("%v and %v", c.All(), s.All())
	}
	if _, err := s.With(map[string]string{"hq.url": "x"}); fault.CodeOf(err) != "settings.bad_value" {
		t.Errorf("%v", err)
	}
	if load(t, dir).Get("shop.name") != "a" {
		t.Error("the copy reached the disk")
	}
}

func TestValuesOfTheNewKinds(t *testing.T) {
	for name, values := range map[string]map[string]bool{
		"shop.zone":          {"Asia/Shanghai": true, "Asia/Urumqi": true, "Mars/Olympus": false, "Local": false, "../etc/passwd": false},
		"timescard.prefixes": {"91": true, "91,92": true, "91, 92": true, "9x": false, "91,": false, ",": false},
		"look.scale":         {"1": true, "1.0": true, "1.25": true, "2.0": true, "2.1": false, "0.9": false, "1,5": false, "NaN": false},
		"scanner.baud":       {"300": true, "9600": true, "299": false, "4000001": false},
		"look.theme":         {"dark": true, "safe": true, "blue": false},
	} {
		for v, good := range values {
			if _, err := Check(name, v); (err == nil) != good {
				t.Errorf("%s=%s: %v", name, v, err)
			}
		}
	}
}

// Every default is a value its own key would take, and so is what is offered.
func TestDefaultsAreGood(t *testing.T) {
	for _, k := range Keys() {
		for _, v := range append(append([]string{k.Default}, k.Suggest...), k.Choices...) {
			if _, err := Check(k.Name, v); err != nil {
				t.Errorf("%s=%s: %v", k.Name, v, err)
			}
		}
	}
}
