package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"

	"cashier/services/fault"
)

func TestFileKeepsSecretsAndNothingInClear(t *testing.T) {
	dir := t.TempDir()
	v, err := Open(dir, "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	const canary = "canary-7f3a"
	if err := v.Set("liantuofu.key", canary); err != nil {
		t.Fatal(err)
	}
	s1, err := v.Sealer()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir, "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Get("liantuofu.key"); got != canary || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	s2, err := again.Sealer()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s1.Seal("914095353294404024")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := s2.Unseal(sealed); plain != "914095353294404024" || err != nil {
		t.Errorf("%q, %v", plain, err)
	}
	if s1.Digest("134500000000000001") != s2.Digest("134500000000000001") || s1.Digest("1") == s1.Digest("2") {
		t.Error("digests must be stable and distinct")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		if bytes.Contains(raw, []byte(canary)) || bytes.Contains(raw, []byte("liantuofu")) {
			t.Errorf("%s holds the secret in clear", f)
		}
	}
}

func TestWrongPassphraseAndDamage(t *testing.T) {
	dir := t.TempDir()
	v, _ := Open(dir, "right")
	if err := v.Set("hq.password", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "wrong"); fault.CodeOf(err) != "vault.locked" {
		t.Errorf("wrong passphrase: %v", err)
	}
	path := filepath.Join(dir, FileName)
	raw, _ := os.ReadFile(path)
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "right"); fault.CodeOf(err) != "vault.locked" {
		t.Errorf("damaged: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	v, _ := Open(t.TempDir(), "p")
	for name, value := range map[string]string{"hq.passwort": "x", "till.key": "x", "hq.password": "", "liantuofu.key": "a\nb"} {
		if err := v.Set(name, value); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := v.Get("hq.password"); fault.CodeOf(err) != "vault.missing" {
		t.Errorf("missing: %v", err)
	}
	s, _ := v.Sealer()
	for _, sealed := range []string{"", "!", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := s.Unseal(sealed); fault.CodeOf(err) != "vault.unseal" {
			t.Errorf("Unseal(%q): %v", sealed, err)
		}
	}
}

func TestNoKeyringSaysWhatToDo(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if keyringReachable() {
		t.Skip("the keyring of this operating system needs no session bus")
	}
	if _, err := Open(t.TempDir(), ""); fault.CodeOf(err) != "vault.none" {
		t.Error(err)
	}
}

func TestKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	keyring.MockInit()
	v, err := Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Set("hq.password", "p"); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Get("hq.password"); got != "p" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := v.Sealer(); err != nil {
		t.Error(err)
	}
}

// Every one of them has read the vault before any writes, as processes that
// start together do.
func TestParallelChangesLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	var mu sync.Mutex
	marks := map[string]bool{}
	for _, name := range Names() {
		v, err := OpenAt(dir, "p", 4)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			s, err := v.Sealer()
			if err != nil {
				t.Error(err)
				return
			}
			if err := v.Set(name, "x"); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			marks[s.Mark()] = true
		})
	}
	all.Wait()
	v, err := OpenAt(dir, "p", 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if !v.Has(name) {
			t.Errorf("%s is lost", name)
		}
	}
	if mark, err := v.Mark(); err != nil || len(marks) != 1 || !marks[mark] {
		t.Errorf("keys %v, kept %q, %v", marks, mark, err)
	}
}

func TestLookingMakesNothing(t *testing.T) {
	dir := t.TempDir()
	v, err := OpenAt(dir, "p", 4)
	if err != nil {
		t.Fatal(err)
	}
	if mark, err := v.Mark(); mark != "" || err != nil {
		t.Errorf("%q, %v", mark, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%v", files)
	}
}
