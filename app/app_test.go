package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/app/vault"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/scancode"
)

func open(t *testing.T, p Params) *Till {
	t.Helper()
	if p.Passphrase == "" {
		p.Passphrase = "test"
	}
	p.Program, p.VaultCost = "test", 4
	till, err := Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(till.Close)
	return till
}

func TestOneWriterPerFolder(t *testing.T) {
	dir := t.TempDir()
	first := open(t, Params{Dir: dir})
	_, err := Open(t.Context(), Params{Dir: dir, Program: "other", Passphrase: "test"})
	if fault.CodeOf(err) != "lock.held" || fault.KindOf(err) != fault.Busy {
		t.Fatalf("a second writer: %v", err)
	}
	if h, err := ReadHolder(dir); err != nil || h.PID != os.Getpid() || h.Program != "test" {
		t.Errorf("the refused one overwrote the holder: %+v %v", h, err)
	}
	beside, err := OpenRead(t.Context(), Params{Dir: dir, Program: "reader", Passphrase: "test"})
	if err != nil || beside.Ledger == nil {
		t.Fatalf("reading beside it: %v", err)
	}
	beside.Close()
	first.Close()
	open(t, Params{Dir: dir})
}

func TestATillKeepsItsIdentity(t *testing.T) {
	dir := t.TempDir()
	till := open(t, Params{Dir: dir})
	id := till.Ledger.Till()
	till.Close()
	if again := open(t, Params{Dir: dir}).Ledger.Till(); again != id || id.Epoch != 1 {
		t.Errorf("%+v, then %+v", id, again)
	}
}

func TestABrokenSettingsFileDoesNotStopTheTill(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.toml"), []byte("[["), 0o600); err != nil {
		t.Fatal(err)
	}
	till := open(t, Params{Dir: dir})
	if len(till.Warnings) != 1 || fault.CodeOf(till.Warnings[0]) != "settings.set_aside" {
		t.Errorf("%v", till.Warnings)
	}
}

func TestInsecureGatewaysAreSaidAloud(t *testing.T) {
	till := open(t, Params{Dir: t.TempDir(), Settings: map[string]string{
		"hq.url": "http://hq.example", "hq.tenant": "t", "hq.login": "l", "hq.shop_id": "1", "hq.allow_insecure": "true",
	}})
	if len(till.Warnings) != 1 || fault.CodeOf(till.Warnings[0]) != "gateway.insecure" {
		t.Errorf("%v", till.Warnings)
	}
}

func TestIDsAreShortUniqueAndInOrder(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-z]{26}$`)
	seen := map[string]bool{}
	for range 10_000 {
		id := newID()
		if !form.MatchString(id) || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
	early := newID()
	time.Sleep(2 * time.Millisecond)
	if late := newID(); late <= early {
		t.Errorf("%s is not after %s", late, early)
	}
}

func TestWaitingGoesByTheMonotonicClock(t *testing.T) {
	s := newScheduler(time.Now)
	if s.Wait(t.Context(), s.Now().Mono-1, nil) { // past: at once
		t.Error("woken by nothing")
	}
	at := s.Now().Mono + checkout.Instant(20*time.Millisecond)
	if s.Wait(t.Context(), at, nil); s.Now().Mono < at {
		t.Error("woken early")
	}
	wake := make(chan struct{})
	close(wake)
	if !s.Wait(t.Context(), checkout.Never, wake) {
		t.Error("not woken")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if s.Wait(ctx, checkout.Never, nil) {
		t.Error("woken by an end")
	}
}

func TestOwnTimesCardPrefixes(t *testing.T) {
	for _, p := range patterns(" 77, 78 ") {
		if p.Kind == scancode.TimesCard && !slices.Equal(p.Prefixes, []string{"77", "78"}) {
			t.Errorf("%+v", p)
		}
	}
}

// A provider's words are kept, and so is what the provider did with the order;
// neither hides why the answer was not believed.
func TestAnswersSayWhy(t *testing.T) {
	forged := answer(liantuofu.Reply{Delivery: liantuofu.Answered, Code: "SUCCESS", SubMsg: "支付成功", Err: errors.New("wrong signature")})
	if forged.Message != "支付成功 [wrong signature]" {
		t.Errorf("%q", forged.Message)
	}
	if a := answer(liantuofu.Reply{Err: errors.New("no route")}); a.Message != "no route" {
		t.Errorf("%q", a.Message)
	}
	for order, want := range map[string]string{"REFUND": "REFUND", "CLOSED": "CLOSED", "SUCCESS": "", "NOTPAY": ""} {
		if a := answer(liantuofu.Reply{Code: "SUCCESS", OrderStatus: order}); a.Code != want {
			t.Errorf("%s: code %q", order, a.Code)
		}
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

func TestReadingLeavesNothingBehind(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "nowhere")} {
		before := files(t, dir)
		p := Params{Dir: dir, Program: "reader", Passphrase: "test"}
		till, err := OpenRead(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		till.Close()
		till = Examine(t.Context(), p)
		till.Doctor(t.Context())
		till.Close()
		if after := files(t, dir); !slices.Equal(before, after) {
			t.Errorf("%v, then %v", before, after)
		}
	}
}

func TestALostLedgerIsRefused(t *testing.T) {
	dir := t.TempDir()
	// What is set up before the first start does not make the folder a till's.
	beforehand, err := vault.OpenAt(dir, "test", 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := beforehand.Set("hq.password", "x"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ledger.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	till := open(t, Params{Dir: dir})
	id := till.Ledger.Till().ID
	till.Close()
	marker := filepath.Join(dir, "till.id")
	if raw, err := os.ReadFile(marker); err != nil || string(raw) != id+"\n" {
		t.Fatalf("%q, %v", raw, err)
	}
	p := Params{Dir: dir, Program: "test", Passphrase: "test"}
	for _, lose := range []func(string) error{func(path string) error { return os.Truncate(path, 0) }, os.Remove} {
		if err := lose(filepath.Join(dir, "ledger.db")); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), p); fault.CodeOf(err) != "ledger.lost" {
			t.Errorf("opened: %v", err)
		}
		if _, err := OpenRead(t.Context(), p); fault.CodeOf(err) != "ledger.lost" {
			t.Errorf("read: %v", err)
		}
	}
	if err := os.Remove(marker); err != nil {
		t.Fatal(err)
	}
	if again := open(t, Params{Dir: dir}).Ledger.Till().ID; again == id {
		t.Error("a new till has the old one's name")
	}
}

func TestTheLedgerKnowsItsVault(t *testing.T) {
	dir := t.TempDir()
	p := Params{Dir: dir, Settings: map[string]string{"liantuofu.app_id": "A", "liantuofu.merchant_code": "M"}, Secrets: map[string]string{"liantuofu.key": "k"}}
	till := open(t, p)
	if err := till.PayError(); err != nil {
		t.Fatal(err)
	}
	till.Close()
	if err := os.Rename(filepath.Join(dir, vault.FileName), filepath.Join(dir, "kept")); err != nil {
		t.Fatal(err)
	}
	till = open(t, p)
	if err := till.PayError(); fault.CodeOf(err) != "vault.other" {
		t.Errorf("another vault: %v", err)
	}
	if mark, err := till.vault.Mark(); mark != "" || err != nil {
		t.Errorf("a second key was made: %q, %v", mark, err)
	}
	beside, err := OpenRead(t.Context(), Params{Dir: dir, Program: "reader", Passphrase: "test", Settings: p.Settings, Secrets: p.Secrets})
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.PayError(); fault.CodeOf(err) != "vault.other" {
		t.Errorf("seen from beside: %v", err)
	}
	beside.Close()
	till.Close()
	if err := os.Rename(filepath.Join(dir, "kept"), filepath.Join(dir, vault.FileName)); err != nil {
		t.Fatal(err)
	}
	if err := open(t, p).PayError(); err != nil {
		t.Errorf("the right one again: %v", err)
	}
}

func TestDoctorSaysWhatDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	open(t, Params{Dir: dir}).Close()
	for name, text := range map[string]string{"ledger.db": "no database", "catalog.db": "no database either", "settings.toml": "[["} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	till := Examine(t.Context(), Params{Dir: dir, Program: "doctor", Passphrase: "wrong"})
	defer till.Close()
	lights := map[string]Light{}
	for _, c := range till.Doctor(t.Context()) {
		lights[c.Name] = c.State
		if strings.Contains(c.Reason, "from the keyring") {
			t.Errorf("%+v", c)
		}
	}
	for name, want := range map[string]Light{"disk": Green, "settings": Amber, "ledger": Red, "prices": Red, "vault": Red} {
		if lights[name] != want {
			t.Errorf("%s is %s, want %s", name, lights[name], want)
		}
	}
}

// The adapter must never turn the lack of an answer into "not sent", nor an
// absent signature into a valid one.
func TestAnswersKeepWhatWasProven(t *testing.T) {
	if a := answer(liantuofu.Reply{}); a.Delivery != checkout.Silent || a.Signature != checkout.Unsigned {
		t.Errorf("%+v", a)
	}
	for from, want := range map[liantuofu.Delivery]checkout.Delivery{
		liantuofu.NotSent: checkout.NotSent, liantuofu.Silent: checkout.Silent, liantuofu.Answered: checkout.Answered,
	} {
		if got := answer(liantuofu.Reply{Delivery: from}).Delivery; got != want {
			t.Errorf("%v became %v", from, got)
		}
	}
	for from, want := range map[liantuofu.Signature]checkout.Signature{
		liantuofu.Absent: checkout.Unsigned, liantuofu.Valid: checkout.Signed, liantuofu.Invalid: checkout.Forged,
	} {
		if got := answer(liantuofu.Reply{Signature: from}).Signature; got != want {
			t.Errorf("%v became %v", from, got)
		}
	}
}
