package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cashier/services/checkout"
)

// A till loses its books in the middle of a day and has them back.
func TestABackupAndTheWayBack(t *testing.T) {
	r := newRig(t).synced()
	ring := func(tender string) result {
		return r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", tender)
	}
	r.want(Done, ring("cash=100"))
	made := doc[backupJSON](t, r.want(Done, r.run("", "--json", "backup")).out)
	if made.Good == nil || !*made.Good || made.Size == 0 {
		t.Errorf("%+v", made)
	}
	r.want(Done, r.run("", "backup", "--to", t.TempDir()), "checked")
	r.want(Done, ring("cash=50"))
	code := doc[saleJSON](t, r.want(Done, ring("code=134567890123450001")).out)
	r.want(Done, r.run("", "redeem", "times-card", "914095353294404024", "--count", "2"), "COMPLETE")
	r.want(Done, r.run("", "verify"), "0 broken")
	before := r.run("", "--json", "journal", "list").out

	ledger := filepath.Join(r.dir, "ledger.db")
	raw, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[100:], strings.Repeat("x", 3000))
	if err := os.WriteFile(ledger, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r.want(RefusedExit, ring("cash=100"), "is damaged", "cashierctl restore "+made.File)
	r.want(RefusedExit, r.run("", "doctor"), "cashierctl restore "+made.File)
	list := doc[map[string][]backupJSON](t, r.want(Done, r.run("", "--json", "backup", "list", "--check")).out)["backups"]
	if len(list) != 1 || !*list[0].Good {
		t.Errorf("%+v", list)
	}

	r.want(Usage, r.run("", "restore"))
	r.want(Usage, r.run("", "restore", made.File, "--confirm-reconciled"))
	r.want(Usage, r.run("", "restore", made.File, "--journal", "x", "--no-journal"))
	r.want(RefusedExit, r.run("", "restore", made.File, "--journal", t.TempDir()), "second journal is not there")
	got := doc[map[string]any](t, r.want(Done, r.run("", "--json", "restore", made.File)).out)
	if got["epoch"].(float64) != 2 || got["sales"].(float64) != 1 || got["replayed"].(float64) != 3 {
		t.Errorf("%v", got)
	}
	if after := r.run("", "--json", "journal", "list").out; after != before {
		t.Errorf("other sales:\n%s\nwere:\n%s", after, before)
	}
	r.want(Done, r.run("", "verify"), "0 broken")

	r.want(RefusedExit, ring("code=134567890123450002"), "were restored")
	r.want(RefusedExit, r.run("", "redeem", "times-card", "914095353294404024"), "were restored")
	if cash := doc[saleJSON](t, r.want(Done, ring("cash=100")).out); cash.State != checkout.Complete || !strings.Contains(cash.ReceiptNo, "-2-000001") {
		t.Errorf("%+v", cash)
	}
	r.want(Done, r.run("", "pay", "query", code.Legs[0].Key), "PAID")
	r.want(RefusedExit, r.run("", "restore", "--confirm-reconciled"), "Say why")
	r.want(Done, r.run("", "restore", "--confirm-reconciled", "--reason", "bill compared by hand"))
	r.want(Done, ring("code=134567890123450003"))
	r.want(Done, r.run("", "verify"), "0 broken")
	if charges := r.servers.Charges(); len(charges) != 3 {
		t.Errorf("the bank's list: %+v", charges)
	}
}

// A line of the second journal that was changed is found by verify and doctor.
func TestVerifyReadsTheSecondJournal(t *testing.T) {
	r := newRig(t).synced()
	for range 2 {
		r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "journal", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(raw), `"state":"COMPLETE"`, `"state":"VOIDED"  `, 1)
	if err := os.WriteFile(files[0], []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	r.want(RefusedExit, r.run("", "verify"), filepath.Base(files[0])+":2", "was changed after it was written")
	r.want(RefusedExit, r.run("", "doctor"), "red    journal")
	// Selling goes on.
	r.want(Done, r.run("", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
}

// The bill says that nothing happened which the restored books do not know:
// payment codes are taken again, without anybody's word.
func TestACleanBillEndsTheWaitAfterARestore(t *testing.T) {
	r := newRig(t).synced()
	ring := func(code string) result {
		return r.run("", "sale", "ring", "--line", "10001@1.25", "--tender", "code="+code)
	}
	r.want(Done, ring("134567890123450001"))
	made := doc[backupJSON](t, r.want(Done, r.run("", "--json", "backup")).out)
	r.want(Done, ring("134567890123450002"))
	r.want(Done, r.run("", "restore", made.File, "--no-journal"))
	r.want(RefusedExit, ring("134567890123450003"), "were restored")
	// The second sale is on the bill and not in these books.
	r.want(RefusedExit, r.run("", "reconcile"))
	r.want(RefusedExit, ring("134567890123450003"), "were restored")

	r.want(Done, r.run("", "restore", made.File))
	r.want(RefusedExit, ring("134567890123450003"), "were restored")
	r.want(Done, r.run("", "reconcile"))
	r.want(Done, ring("134567890123450003"))
	r.want(Done, r.run("", "verify"), "0 broken")
}
