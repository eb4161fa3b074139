package app

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cashier/services/access"
	"cashier/services/fault"
)

var manager = access.Actor{ID: "7", Name: "周经理", Role: access.Manager, Program: "test"}

func TestAChangeIsKeptAndInTheAuditTrail(t *testing.T) {
	till := open(t, Params{Dir: t.TempDir()})
	c := Changes{Settings: map[string]string{"shop.name": "青禾鲜生", "sync.every_minutes": "5"}, Secrets: map[string]string{"hq.password": "kept-in-the-vault"}}
	if err := till.Change(t.Context(), manager, c); err != nil {
		t.Fatal(err)
	}
	if till.Settings.Get("shop.name") != "青禾鲜生" || till.Settings.Int("sync.every_minutes") != 5 {
		t.Errorf("%v", till.Settings.All())
	}
	if set, err := till.SecretsSet(); err != nil || !set["hq.password"] || set["liantuofu.key"] {
		t.Errorf("%v, %v", set, err)
	}
	for what, subject := range map[string]string{"setting.set": "shop.name", "secret.set": "hq.password"} {
		if found, err := till.Ledger.Noted(t.Context(), what, subject); err != nil || !found {
			t.Errorf("%s %s is not in the audit trail (%v)", what, subject, err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(till.Dir, "ledger.db"))
	wal, _ := os.ReadFile(filepath.Join(till.Dir, "ledger.db-wal"))
	if err != nil || bytes.Contains(append(raw, wal...), []byte("kept-in-the-vault")) {
		t.Error("the secret stands in the books", err)
	}
}

func TestAChangeThatIsNoGoodChangesNothing(t *testing.T) {
	till := open(t, Params{Dir: t.TempDir()})
	cashier := access.Actor{ID: "3", Name: "小林", Role: access.Cashier}
	good := Changes{Settings: map[string]string{"shop.name": "x"}}
	if err := till.Change(t.Context(), cashier, good); fault.KindOf(err) != fault.Denied {
		t.Errorf("a cashier: %v", err)
	}
	bad := Changes{Settings: map[string]string{"shop.name": "x", "hq.shop_id": "seven"}, Secrets: map[string]string{"hq.password": "y"}}
	if err := till.Change(t.Context(), manager, bad); fault.CodeOf(err) != "settings.bad_value" {
		t.Errorf("a bad value: %v", err)
	}
	if set, _ := till.SecretsSet(); set["hq.password"] || till.Settings.Get("shop.name") != "" {
		t.Error("something was changed all the same")
	}
}

func TestAPassphraseIsTriedBeforeItIsUsed(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring
	dir := t.TempDir()
	till, err := Open(t.Context(), Params{Dir: dir, Program: "test", VaultCost: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer till.Close()
	if v := till.VaultState(); v.File || !v.NeedsPassphrase() {
		t.Fatalf("%+v", v)
	}
	if err := till.CheckPassphrase("1234567"); fault.CodeOf(err) != "vault.short" {
		t.Errorf("seven characters: %v", err)
	}
	if err := till.CheckPassphrase("correct horse"); err != nil {
		t.Error(err)
	}
	if err := till.Change(t.Context(), manager, Changes{Secrets: map[string]string{"hq.password": "x"}}); fault.CodeOf(err) != "vault.none" {
		t.Errorf("without a vault: %v", err)
	}
	till.Close()
	again := open(t, Params{Dir: dir, Passphrase: "correct horse"})
	if v := again.VaultState(); v.Err != nil || !v.File {
		t.Errorf("%+v", v)
	}
	if err := again.CheckPassphrase("another one"); fault.CodeOf(err) != "vault.wrong" {
		t.Errorf("a wrong one: %v", err)
	}
}

// Whatever was logged or set, the bundle holds no secret, payment code or PIN.
func TestTheBundleForSupportHoldsNoSecret(t *testing.T) {
	dir := t.TempDir()
	till := open(t, Params{Dir: dir})
	const password, key, code, pin = "pa55 w/ord&\"x", "0f-secret-Key", "134567890123450001", "pin=4711"
	if err := till.Change(t.Context(), manager, Changes{
		Settings: map[string]string{"shop.name": "青禾鲜生", "zvcms.grant_code": "grant-1234", "hq.url": "https://user:hunter22@hq.example/"},
		Secrets:  map[string]string{"hq.password": password, "liantuofu.key": key},
	}); err != nil {
		t.Fatal(err)
	}
	sellForCash(t, till)
	quoted, _ := json.Marshal(password)
	f, err := os.OpenFile(filepath.Join(dir, "logs", "till.log"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	// As if somebody had written past the log's own redaction.
	for _, line := range []string{"plain " + password, "json " + string(quoted), "query " + url.QueryEscape(password), "key " + key, "code " + code, pin, "a harmless line"} {
		if _, err := io.WriteString(f, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "out.zip")
	if err := till.DiagnoseTo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all strings.Builder
	names := map[string]bool{}
	for _, file := range z.File {
		names[file.Name] = true
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
	}
	for _, want := range []string{"versions.txt", "doctor.json", "verify.json", "settings.txt", "files.txt", "till.log"} {
		if !names[want] {
			t.Errorf("%s is missing", want)
		}
	}
	for _, want := range []string{"a harmless line", "shop.name = 青禾鲜生", `"ok": true`, "ledger.db"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, secret := range []string{password, strings.Trim(string(quoted), `"`), url.QueryEscape(password), key, code, "4711", "grant-1234", "hunter22"} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%q is in the bundle", secret)
		}
	}
}

// What cashierctl sets beside a running till is in the audit trail from the next
// opening on, once.
func TestWhatIsSetBesideTheTillComesIntoTheAuditTrail(t *testing.T) {
	dir := t.TempDir()
	open(t, Params{Dir: dir}).Close()
	for _, subject := range []string{"shop.name", "hq.shop_id"} {
		if err := LeaveNote(dir, MachineActor("cashierctl"), "setting.set", subject, SettingChange("", "7")); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, notesFile), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half a li"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	till := open(t, Params{Dir: dir})
	for _, subject := range []string{"shop.name", "hq.shop_id"} {
		if found, err := till.Ledger.Noted(t.Context(), "setting.set", subject); err != nil || !found {
			t.Errorf("%s is not in the audit trail (%v)", subject, err)
		}
	}
	if len(till.Warnings) != 1 || fault.CodeOf(till.Warnings[0]) != "setup.note" {
		t.Errorf("of the broken line: %v", till.Warnings)
	}
	if _, err := os.Stat(filepath.Join(dir, notesFile)); !os.IsNotExist(err) {
		t.Error("the notes would be taken up again")
	}
	if found, err := till.VerifyBooks(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}
