package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cashier/app"
	"cashier/app/vault"
	"cashier/services/checkout"
)

// runWith is run with another context, streams or options.
func (r *rig) runWith(ctx context.Context, out, diag io.Writer, o Options, args ...string) int {
	o.TimerDiv, o.VaultCost = 20, 4
	return Run(ctx, append([]string{"--data", r.dir}, args...), IO{In: strings.NewReader(""), Out: out, Err: diag}, o)
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Nobody can read the result: the exit code still says what became of the money.
func TestTheExitCodeDoesNotDependOnTheOutput(t *testing.T) {
	r := newRig(t).synced()
	for _, c := range []struct {
		args []string
		exit int
	}{
		{[]string{"sale", "ring", "--line", "10001@1", "--tender", "cash=100"}, Done},
		{[]string{"--json", "sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"}, Done},
		{[]string{"redeem", "times-card", "914095353294404024"}, Done},
		{[]string{"settle"}, Done},
		{[]string{"--json", "settle"}, Done},
		{[]string{"journal", "list"}, RefusedExit},
	} {
		var diag bytes.Buffer
		if code := r.runWith(t.Context(), brokenPipe{}, &diag, Options{}, c.args...); code != c.exit || !strings.Contains(diag.String(), "no space left") {
			t.Errorf("%v: exit %d, want %d: %s", c.args, code, c.exit, diag.String())
		}
	}
	if n := len(r.servers.Charges()); n != 2 {
		t.Errorf("%d charges", n)
	}
}

func TestASplitSaleThatFailsSaysWhatToHandBack(t *testing.T) {
	r := newRig(t).synced()
	got := r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=5", "--tender", "code=134500000001059007")
	r.want(RefusedExit, got, "Hand the ¥5.00 in cash back")
	if s := doc[saleJSON](t, got.out); s.State != checkout.Voided || s.HandBack != 500 {
		t.Errorf("%+v", s)
	}
}

// leftOpen rings a sale and leaves while its customer is still at it.
func (r *rig) leftOpen(code string) {
	r.t.Helper()
	ctx, leave := context.WithCancel(r.t.Context())
	defer leave()
	var diag bytes.Buffer
	hook := func(point string) {
		if point == "advance.PENDING.after" {
			leave()
		}
	}
	exit := r.runWith(ctx, io.Discard, &diag, Options{Hook: hook}, "sale", "ring", "--line", "10001@1.25", "--tender", "cash=5", "--tender", "code="+code)
	if exit != Unresolved || !strings.Contains(diag.String(), "cashierctl settle") {
		r.t.Fatalf("exit %d: %s", exit, diag.String())
	}
}

func TestSettleSaysWhatItClosed(t *testing.T) {
	r := newRig(t).synced()
	r.leftOpen("134500000001029003") // paying for ever
	at0 := r.run("", "--json", "settle", "--wait", "0s")
	r.want(Unresolved, at0)
	if n := len(doc[map[string][]any](t, at0.out)["open"]); n != 1 {
		t.Errorf("%d open: %s", n, at0.out)
	}
	r.want(Unresolved, r.run("", "settle", "--wait", "1ns"), "1 payments open")
	got := r.run("", "--json", "settle")
	r.want(Done, got)
	closed := doc[struct{ Closed []saleJSON }](t, got.out).Closed
	if len(closed) != 1 || closed[0].State != checkout.Voided || closed[0].HandBack != 500 {
		t.Errorf("%s", got.out)
	}
	r.leftOpen("134500000001019002") // paying, then paid
	r.want(Done, r.run("", "settle"), "is complete, receipt")
	r.want(Done, r.run("", "settle", "--wait", "0s"), "0 payments open")
}

// What an earlier process left is said by whichever command closes it.
func TestRecoverySaysWhatItClosed(t *testing.T) {
	r := newRig(t).synced()
	r.leftOpen("134500000001019002")
	var diag bytes.Buffer
	for range 20 { // the provider says PAID at the second look, at the latest
		if r.runWith(t.Context(), io.Discard, &diag, Options{}, "sync") != Done {
			t.Fatal(diag.String())
		}
		if strings.Contains(diag.String(), "is complete, receipt") {
			return
		}
	}
	t.Error(diag.String())
}

// The disk goes away in the middle of a payment: whoever waits is told once,
// and the payment is written down when it is back.
func TestATroubledDiskIsSpokenOfOnce(t *testing.T) {
	r := newRig(t).synced()
	ledger := filepath.Join(r.dir, "ledger.db")
	away := false
	hook := func(point string) {
		if point == "advance.SENT.after" && !away {
			away = true
			if err := os.Rename(ledger, ledger+".away"); err != nil {
				t.Error(err)
			}
		}
	}
	diag := &onWords{words: "cannot be written down", then: func() {
		if err := os.Rename(ledger+".away", ledger); err != nil {
			t.Error(err)
		}
	}}
	code := r.runWith(t.Context(), io.Discard, diag, Options{Hook: hook}, "sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001")
	if code != Done || strings.Count(diag.String(), "cannot be written down") != 1 {
		t.Errorf("exit %d: %s", code, diag.String())
	}
	r.want(Done, r.run("", "verify"))
}

// onWords acts when something is said for the first time.
type onWords struct {
	bytes.Buffer
	words string
	then  func()
}

func (o *onWords) Write(p []byte) (int, error) {
	if o.then != nil && bytes.Contains(p, []byte(o.words)) {
		o.then()
		o.then = nil
	}
	return o.Buffer.Write(p)
}

// What is wrong on this machine is said in its own words, before anything is
// begun, and not as a provider that cannot be reached.
func TestLocalFaultsAreNotTheProviders(t *testing.T) {
	r := newRig(t).synced()
	code := []string{"sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"}
	card := []string{"redeem", "times-card", "914095353294404024"}
	both := func(says string) {
		t.Helper()
		r.want(RefusedExit, r.run("", code...), says)
		r.want(RefusedExit, r.run("", card...), says)
	}
	r.want(Done, r.run("", "config", "set", "liantuofu.url", "http://pay.example/open/"))
	both("https")
	r.want(Done, r.run("", "config", "set", "liantuofu.url", r.servers.Endpoints().Liantuofu))
	t.Setenv(vault.PassphraseEnv, "another")
	both("another passphrase")
	if got := r.run("", "doctor"); strings.Contains(got.out, "from the keyring") || strings.Contains(got.out, "not set up: set liantuofu") {
		t.Errorf("%s", got.out)
	}
	t.Setenv(vault.PassphraseEnv, "test")
	file := filepath.Join(r.dir, "settings.toml")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(raw), r.servers.Endpoints().MerchantCode, "a&b", 1)
	if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	both("liantuofu.merchant_code")
	if n := len(r.servers.Charges()); n != 0 {
		t.Errorf("%d charges", n)
	}
	if got := doc[map[string][]saleJSON](t, r.run("", "--json", "journal", "list").out); len(got["sales"]) != 0 {
		t.Errorf("sales were begun: %+v", got)
	}

	r.dir = filepath.Join(t.TempDir(), "no key")
	e := r.servers.Endpoints()
	for _, kv := range [][2]string{{"liantuofu.url", e.Liantuofu}, {"liantuofu.app_id", e.AppID}, {"liantuofu.merchant_code", e.MerchantCode}} {
		r.want(Done, r.run("", "config", "set", kv[0], kv[1]))
	}
	r.want(RefusedExit, r.run("", card...), "secret set liantuofu.key")
}

func TestJournalIsCutOnlyWhenAsked(t *testing.T) {
	r := newRig(t).synced()
	for range 3 {
		r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	}
	for limit, want := range map[string]struct {
		sales     int
		truncated bool
	}{"0": {3, false}, "2": {2, true}, "3": {3, false}, "4": {3, false}} {
		got := doc[struct {
			Sales     []saleJSON
			Truncated bool
		}](t, r.want(Done, r.run("", "--json", "journal", "list", "--limit", limit)).out)
		if len(got.Sales) != want.sales || got.Truncated != want.truncated {
			t.Errorf("limit %s: %d sales, truncated %v", limit, len(got.Sales), got.Truncated)
		}
	}
}

func TestDoctorNamesWhatIsBroken(t *testing.T) {
	r := newRig(t).synced()
	if err := r.servers.SetFaults("pay/query=bad-signature"); err != nil {
		t.Fatal(err)
	}
	r.want(RefusedExit, r.run("", "doctor"), "cannot be believed")
	if err := os.WriteFile(filepath.Join(r.dir, "ledger.db"), bytes.Repeat([]byte("牛奶"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	got := r.run("", "--json", "doctor")
	r.want(RefusedExit, got)
	for _, c := range doc[map[string][]app.Check](t, got.out)["checks"] {
		if c.Name == "ledger" && (c.State != app.Red || !strings.Contains(c.Reason, "damaged")) {
			t.Errorf("%+v", c)
		}
	}
}

func TestReadingAFreshFolderMakesNothing(t *testing.T) {
	r := newRig(t)
	r.dir = filepath.Join(t.TempDir(), "fresh")
	for _, args := range [][]string{{"config", "get"}, {"journal", "list"}, {"product", "find", "x"}, {"verify"}, {"pay", "status", "x"}, {"doctor"}} {
		r.run("", args...)
		if _, err := os.Stat(r.dir); !os.IsNotExist(err) {
			t.Fatalf("%v made the folder: %v", args, err)
		}
	}
}

func TestWordsForWhatAQueryProved(t *testing.T) {
	for _, c := range []struct {
		leg       checkout.Leg
		says, not string
	}{
		{checkout.Leg{State: checkout.Reversed, Reason: checkout.Reason{Code: "refunded"}}, "given back", "nothing was charged"},
		{checkout.Leg{State: checkout.Reversed, Reason: checkout.Reason{Code: "reversed", RawCode: "REFUND"}}, "given back", "nothing was charged"},
		{checkout.Leg{State: checkout.Reversed, Reason: checkout.Reason{Code: "reversed", RawCode: "CLOSED"}}, "nothing was charged", "given back"},
		{checkout.Leg{State: checkout.Reversed, Reason: checkout.Reason{Code: "never_arrived"}}, "nothing was charged", "given back"},
		{checkout.Leg{State: checkout.Rejected, Class: checkout.ClassCard, Reason: checkout.Reason{Code: "refused"}}, "taken off", "charged"},
		{checkout.Leg{State: checkout.Rejected, Reason: checkout.Reason{Code: "by_hand", Message: "no such bill"}}, "a person has recorded: no such bill", "refused"},
		{checkout.Leg{State: checkout.Unknown, Class: checkout.ClassCode}, "cashierctl settle", "pay resolve"},
		{checkout.Leg{State: checkout.Manual, Class: checkout.ClassCode}, "pay resolve", "cashierctl settle"},
	} {
		got := saleWords(checkout.Sale{State: checkout.Voided, Legs: []checkout.Leg{c.leg}})
		if !strings.Contains(got, c.says) || strings.Contains(got, c.not) {
			t.Errorf("%+v: %s", c.leg, got)
		}
	}
}

func TestALostVaultIsGivenUpOnPurposeOnly(t *testing.T) {
	r := newRig(t).synced()
	r.want(RefusedExit, r.run("", "secret", "adopt", "--reason", "x"), "already")
	if err := os.Remove(filepath.Join(r.dir, vault.FileName)); err != nil {
		t.Fatal(err)
	}
	r.want(Done, r.run(r.servers.Endpoints().Key+"\n", "secret", "set", "liantuofu.key"))
	ring := []string{"sale", "ring", "--line", "10001@1", "--tender", "code=134567890123450001"}
	r.want(RefusedExit, r.run("", ring...), "secret adopt")
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	r.want(RefusedExit, r.run("", "secret", "adopt"), "Say why")
	r.want(RefusedExit, r.run("", ring...), "secret adopt")
	r.want(Done, r.run("", "secret", "adopt", "--reason", "the disk died"))
	r.want(Done, r.run("", ring...))
	r.want(Done, r.run("", "verify"))
}
