package cli

import (
	"strings"
	"testing"
)

type uploadsJSON struct {
	Sending               bool
	Waiting, Parked, Done int
	Oldest                string
	Items                 []struct {
		SaleID, ReceiptNo, Part, State, Words, Hash string
		MaybeSent                                   bool
		Tries, Status                               int
		Rows                                        []map[string]any
	}
}

func (r *rig) uploads(args ...string) uploadsJSON {
	r.t.Helper()
	return doc[uploadsJSON](r.t, r.want(Done, r.run("", append([]string{"--json", "upload", "list"}, args...)...)).out)
}

func TestSalesAreReportedToHQ(t *testing.T) {
	r := newRig(t).synced()
	if b := r.uploads(); b.Sending || b.Waiting != 0 || len(b.Items) != 0 {
		t.Errorf("%+v", b)
	}
	cash := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10001@1.25", "--line", "10197*2", "--tender", "cash=100")).out)
	code := doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--tender", "code=134567890123450001")).out)

	// Off, nothing is sent, and everything is kept.
	r.want(RefusedExit, r.run("", "upload", "send"), "hq.upload")
	b := r.uploads()
	if b.Sending || b.Waiting != 4 || b.Oldest == "" || len(b.Items) != 4 || b.Items[0].SaleID != cash.SaleID || b.Items[3].SaleID != code.SaleID || b.Items[0].State != "WAITING" {
		t.Errorf("%+v", b)
	}
	r.want(Done, r.run("", "upload", "list"), "4 wait, 0 were refused, 0 are at HQ; hq.upload is off", cash.ReceiptNo)
	dry := doc[uploadsJSON](t, r.want(Done, r.run("", "--json", "upload", "send", "--dry-run")).out)
	if len(dry.Items) != 4 || len(dry.Items[0].Rows) != 1 || len(dry.Items[1].Rows) != 2 || dry.Items[0].Rows[0]["code"] != cash.ReceiptNo || dry.Items[0].Rows[0]["paymentType"] != 1.0 ||
		dry.Items[2].Rows[0]["paymentType"] != 9.0 || dry.Items[1].Rows[1]["qty"] != 2.0 || dry.Items[0].Rows[0]["deviceCode"] == "" {
		t.Errorf("%+v", dry)
	}
	if have := r.servers.HQ.Bills(); len(have.Payments)+len(have.Sales) != 0 {
		t.Fatalf("%+v", have)
	}

	// The settings that are corrected before the first sending count.
	r.want(Done, r.run("", "config", "set", "hq.upload", "on"))
	r.want(Done, r.run("", "config", "set", "hq.upload_device", "POS-7"))
	r.faults("billpaymentupload=lost-reply#1")
	got := doc[map[string]any](t, r.want(Done, r.run("", "--json", "upload", "send")).out)
	if got["sent"] != 4.0 || got["already"] != 2.0 || got["waiting"] != 0.0 || got["done"] != 4.0 {
		t.Errorf("%v", got)
	}
	have := r.servers.HQ.Bills()
	if len(have.Payments) != 2 || len(have.Sales) != 2 || have.Payments[0].Code != cash.ReceiptNo || have.Payments[1].Code != code.ReceiptNo || len(have.Sales[0].Rows) != 2 ||
		!strings.Contains(string(have.Payments[0].Rows[0]), `"deviceCode":"POS-7"`) {
		t.Errorf("%+v", have)
	}
	if b := r.uploads("--state", "done"); !b.Sending || len(b.Items) != 4 || b.Items[0].Hash == "" || b.Items[0].MaybeSent {
		t.Errorf("%+v", b)
	}
	r.want(Done, r.run("", "upload", "send"), "0 sent")
	r.want(Done, r.run("", "verify"), "0 broken")
}

func TestWhatHQRefusesIsShown(t *testing.T) {
	r := newRig(t).synced()
	r.want(Done, r.run("", "config", "set", "hq.upload", "on"))
	ring := func() saleJSON {
		return doc[saleJSON](t, r.want(Done, r.run("", "--json", "sale", "ring", "--line", "10197", "--tender", "cash=100")).out)
	}
	one := ring()
	r.faults("billpaymentupload=status:904")
	r.want(RefusedExit, r.run("", "upload", "send"), "1 refused")
	r.faults("")
	b := r.uploads()
	if b.Parked != 1 || b.Done != 1 || len(b.Items) != 1 || b.Items[0].State != "PARKED" || b.Items[0].Status != 904 || b.Items[0].Words != "日结完成" || b.Items[0].MaybeSent {
		t.Errorf("%+v", b)
	}
	r.want(Done, r.run("", "upload", "list", "--state", "parked"), "日结完成 (904)")
	r.want(RefusedExit, r.run("", "upload", "retry", "nobody"), "upload list")
	r.want(Done, r.run("", "upload", "retry", one.SaleID))
	r.want(Done, r.run("", "upload", "send"), "1 sent")

	two := ring()
	r.faults("billsaleupload=refused,billpaymentupload=status:604")
	r.want(NotReached, r.run("", "upload", "send"), "sent again")
	r.faults("")
	r.want(RefusedExit, r.run("", "upload", "accept", two.SaleID), "Say why")
	r.want(Done, r.run("", "upload", "accept", two.SaleID, "--reason", "entered by hand"))
	r.want(Done, r.run("", "upload", "send"), "1 sent")
	if have := r.servers.HQ.Bills(); len(have.Payments) != 1 || len(have.Sales) != 2 {
		t.Errorf("%+v", have)
	}

	ring()
	r.servers.HQ.EndSessions()
	r.faults("*=request-lost")
	got := r.run("", "--json", "upload", "send")
	r.want(NotReached, got)
	if v := doc[map[string]any](t, got.out); v["waiting"] != 2.0 || v["error"] == nil {
		t.Errorf("%v", v)
	}
	for _, args := range [][]string{{"upload", "list", "--state", "gone"}, {"upload", "list", "--limit", "-1"}, {"upload", "retry"}, {"upload", "accept"}, {"upload"}} {
		r.want(Usage, r.run("", args...))
	}
}
