//go:build unix

package crashtest

import (
	"encoding/json"
	"slices"
	"testing"

	"cashier/services/hq/hqtest"
)

// A till killed around a request to HQ, and a request whose reply is lost: the
// next till sends the same again, and HQ has each complete sale once.
func TestKilledWhileUploading(t *testing.T) {
	for _, point := range []string{"upload.begin.before", "upload.begin.after", "upload.settle.before", "upload.settle.after", "upload.settle.before:2"} {
		t.Run(point, func(t *testing.T) {
			b := newBench(t)
			l := b.newTill()
			l.must("", "config", "set", "hq.upload", "on")
			for _, way := range []string{"cash", "paying", "expired"} {
				if r := l.run("", "", 0, b.ways()[way]...); r.killed {
					t.Fatal(r.err)
				}
			}
			if r := l.run("", point, 0, "upload", "send"); !r.killed {
				t.Fatalf("not killed (exit %d)\n%s%s", r.code, r.out, r.err)
			}
			if err := b.servers.SetFaults("billsaleupload=lost-reply#1"); err != nil {
				t.Fatal(err)
			}
			l.must("", "upload", "send")
			l.audit()
			var j journal
			if err := json.Unmarshal([]byte(l.must("", "--json", "journal", "list")), &j); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, s := range j.Sales {
				if s.State == "COMPLETE" {
					want = append(want, s.ReceiptNo)
				}
			}
			slices.Sort(want)
			have := b.servers.HQ.Bills()
			for part, bills := range map[string][]hqtest.Bill{"payments": have.Payments, "sales": have.Sales} {
				var got []string
				for _, bill := range bills {
					got = append(got, bill.Code)
				}
				slices.Sort(got)
				if len(want) != 2 || !slices.Equal(got, want) {
					t.Errorf("%s: HQ has %q, complete are %q", part, got, want)
				}
			}
		})
	}
}
