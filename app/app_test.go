package app

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

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
	p.Program = "test"
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

func TestClockWaitsOnTheMonotonicClock(t *testing.T) {
	c := newSystemClock()
	<-c.At(t.Context(), c.Now().Mono-1) // past: at once
	at := c.Now().Mono + checkout.Instant(20*time.Millisecond)
	<-c.At(t.Context(), at)
	if c.Now().Mono < at {
		t.Error("woken early")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	<-c.At(ctx, c.Now().Mono+checkout.Instant(time.Hour))
}

func TestOwnTimesCardPrefixes(t *testing.T) {
	for _, p := range patterns(" 77, 78 ") {
		if p.Kind == scancode.TimesCard && !slices.Equal(p.Prefixes, []string{"77", "78"}) {
			t.Errorf("%+v", p)
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
