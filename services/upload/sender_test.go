package upload

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

func TestWhatAnAnswerMeans(t *testing.T) {
	for name, tt := range map[string]struct {
		answer Answer
		want   verdict
	}{
		"200":                        {Answer{}, stored},
		"801":                        {duplicate, already},
		"a card's refusal":           {said(fault.Refused, 605), refused},
		"HTTP 400":                   {said(fault.Refused, 400), refused},
		"the day is closed":          {said(fault.Refused, 904), refused},
		"the day is being closed":    {said(fault.Busy, 902), closing},
		"HQ's own fault":             {said(fault.Unknown, 500), unclear},
		"702":                        {said(fault.Unknown, 702), unclear},
		"703":                        {said(fault.Unknown, 703), unclear},
		"1003":                       {said(fault.Unknown, 1003), unclear},
		"HTTP 503, or no JSON":       {said(fault.Unknown, 0), unclear},
		"silence":                    {silence, unclear},
		"701":                        {said(fault.Unknown, 701), odd},
		"a status of no page":        {said(fault.Unknown, 777), odd},
		"nobody there":               {notThere, shut},
		"a wrong password":           {said(fault.Credentials, 0), shut},
		"no such route":              {said(fault.Contract, 0), shut},
		"a setting that is no route": {said(fault.Invalid, 0), shut},
		"a defect":                   {Answer{Err: errAny}, shut},
	} {
		if got := judge(tt.answer); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestInOneRequestPerPart(t *testing.T) {
	b := newBench(t)
	b.sells("A", "B", "C")
	if r := b.flushed(); r != (Report{Done: 6}) {
		t.Errorf("%+v", r)
	}
	if want := []string{"payment A,B,C", "sale A,B,C"}; !slices.Equal(b.requests, want) {
		t.Errorf("%q", b.requests)
	}
	b.sells("D")
	b.flushed()
	if b.atHQ(Payments) != "A B C D" || b.atHQ(Sales) != "A B C D" || len(b.requests) != 4 {
		t.Errorf("%q %q %q", b.atHQ(Payments), b.atHQ(Sales), b.requests)
	}
	b.sameBytes()
}

// A request is bounded, and a sale is never cut in two.
func TestRequestsAreBounded(t *testing.T) {
	b := newBench(t)
	long := func(serial string, lines int) {
		s := checkout.Sale{ID: serial, State: checkout.Complete, ReceiptNo: serial, ClosedAt: eight}
		for range lines {
			s.Lines = append(s.Lines, checkout.Line{ProductID: 1, Qty: 1})
		}
		b.complete(s)
	}
	long("A", 150)
	long("B", 50)
	long("C", 1)
	long("D", 500)
	long("E", 1)
	if r := b.flushed(); r.Done != 10 || r.Empty != 5 {
		t.Errorf("%+v", r)
	}
	if want := []string{"sale A,B", "sale C", "sale D", "sale E"}; !slices.Equal(b.requests, want) {
		t.Errorf("%q", b.requests)
	}
	for n := range 50 {
		b.sells("many-" + string(rune('a'+n)))
	}
	b.flushed()
	for _, r := range b.requests {
		if strings.Count(r, ",") >= window {
			t.Errorf("%q", r)
		}
	}
}

// Between HQ's reply and its record the power is cut: the same bytes go again,
// and 801 makes that harmless.
func TestKilledBetweenReplyAndRecord(t *testing.T) {
	for _, point := range []string{"begin.before", "begin.after", "settle.before", "settle.after"} {
		b := newBench(t)
		b.sells("A", "B")
		b.cutAt(point)
		if !b.killed(func() { b.flushed() }) {
			t.Fatalf("%s: never came there", point)
		}
		b.device = "another till" // what may have arrived is not written anew
		r := b.flushed()
		if b.states() != "DONE DONE DONE DONE" || b.atHQ(Payments) != "A B" || b.atHQ(Sales) != "A B" {
			t.Errorf("%s: %s, %s, %s", point, b.states(), b.atHQ(Payments), b.atHQ(Sales))
		}
		if want := map[string]int{"begin.before": 0, "begin.after": 0, "settle.before": 2, "settle.after": 0}[point]; r.Already != want {
			t.Errorf("%s: %+v", point, r)
		}
		b.sameBytes()
		if old := strings.Contains(b.have[Payments]["A"], "POS1"); old != (point != "begin.before") {
			t.Errorf("%s: sent %s", point, b.have[Payments]["A"])
		}
	}
}

// A number of ours that HQ has from somebody else is never taken for ours.
func TestANumberThatIsNotOurs(t *testing.T) {
	for _, apart := range []bool{false, true} {
		b := newBench(t)
		b.apart = apart
		b.have[Payments]["B"], b.have[Sales]["B"] = `{"code":"B","device":"POS9"}`, `{"code":"B","device":"POS9"}`
		b.sells("A", "B", "C")
		r := b.flushed()
		if i := b.item(3); i.State != Parked || i.Status != 801 || i.Words != "原因" || i.Open {
			t.Errorf("apart %v: %+v", apart, i)
		}
		if !strings.Contains(b.have[Payments]["B"], "POS9") || b.have[Payments]["A"] == "" || b.have[Sales]["C"] == "" || r.Parked < 2 {
			t.Errorf("apart %v: %+v, %+v", apart, r, b.have)
		}
		if !apart && b.states() != "DONE DONE PARKED PARKED DONE DONE" {
			t.Errorf("%s", b.states())
		}
		// It stays so, and holds nobody up.
		b.sells("D")
		b.flushed()
		if b.have[Payments]["D"] == "" || b.item(3).State != Parked {
			t.Errorf("apart %v: %s", apart, b.states())
		}
	}
}

// One row that HQ will not have is found among its company and set aside, with
// HQ's words; the company arrives, whether or not HQ had stored it at once.
func TestOneRefusedAmongOthers(t *testing.T) {
	for _, no := range []Answer{answeredNo, said(fault.Refused, 400), said(fault.Unknown, 777)} {
		for _, apart := range []bool{false, true} {
			b := newBench(t)
			b.apart = apart
			b.bad["B"] = no
			b.sells("A", "B", "C")
			if r := b.flushed(); r.Done != 4 || r.Parked != 2 {
				t.Errorf("%d, apart %v: %+v", no.Status, apart, r)
			}
			if b.states() != "DONE DONE PARKED PARKED DONE DONE" || b.item(3).Status != no.Status || b.item(3).Words != "原因" {
				t.Errorf("%d, apart %v: %s, %+v", no.Status, apart, b.states(), b.item(3))
			}
			if b.have[Payments]["A"] == "" || b.have[Payments]["C"] == "" {
				t.Errorf("%d, apart %v: %+v", no.Status, apart, b.have)
			}
		}
	}
}

// While HQ is the reason, nothing passes the first, nothing is parked, and what
// provably was not sent is not held to have been.
func TestHQIsNotThere(t *testing.T) {
	for name, tt := range map[string]struct {
		answer Answer
		kind   fault.Kind
		tries  int
		open   bool
	}{
		"nobody there":   {notThere, fault.Unreachable, 0, false},
		"wrong password": {said(fault.Credentials, 0), fault.Credentials, 0, false},
		"no such route":  {said(fault.Contract, 0), fault.Contract, 0, false},
		"silence":        {silence, fault.Unreachable, 3, true},
		"HTTP 500":       {said(fault.Unknown, 0), fault.Unreachable, 3, true},
		"closing":        {said(fault.Busy, 902), fault.Unreachable, 3, true},
	} {
		b := newBench(t)
		b.reply = func(int, []string) *reply { return &reply{answer: tt.answer} }
		b.sells("A", "B")
		_, err := b.flush()
		if fault.KindOf(err) != tt.kind || err == nil {
			t.Errorf("%s: %v", name, err)
		}
		if i := b.item(1); b.states() != "WAITING WAITING WAITING WAITING" || i.Open != tt.open || i.Tries != tt.tries {
			t.Errorf("%s: %s, %+v", name, b.states(), i)
		}
		want := 3
		if tt.kind != fault.Unreachable {
			want = 1 // asking again would not help
		}
		if len(b.requests) != want {
			t.Errorf("%s: %q", name, b.requests)
		}
		b.reply = nil
		b.flushed()
		if b.states() != "DONE DONE DONE DONE" || b.atHQ(Payments) != "A B" || b.atHQ(Sales) != "A B" {
			t.Errorf("%s: then %s", name, b.states())
		}
	}
}

// A sale that HQ stumbles over each time lets the others pass, and is tried again.
func TestOneThatHQStumblesOver(t *testing.T) {
	b := newBench(t)
	b.reply = func(_ int, codes []string) *reply {
		if slices.Contains(codes, "A") {
			return &reply{answer: said(fault.Unknown, 500)}
		}
		return nil
	}
	b.sells("A", "B")
	for range 10 {
		_, _ = b.flush()
	}
	if b.states() != "WAITING WAITING DONE DONE" || !b.item(1).Due.Equal(eight.Add(setAside)) || b.item(1).Unclear != patience {
		t.Errorf("%s, %+v", b.states(), b.item(1))
	}
	b.reply = nil
	if b.flushed(); b.states() != "WAITING WAITING DONE DONE" {
		t.Errorf("not aside: %s", b.states())
	}
	b.clock = b.clock.Add(setAside)
	if b.flushed(); b.states() != "DONE DONE DONE DONE" {
		t.Errorf("never again: %s", b.states())
	}
}

// An HQ that nobody hears is away: no row is to blame, however long it lasts.
func TestSilenceKeepsTheOrder(t *testing.T) {
	b := newBench(t)
	b.reply = func(int, []string) *reply { return &reply{answer: silence} }
	b.sells("A", "B")
	for range 3 * patience {
		_, _ = b.flush()
	}
	if i := b.item(1); i.Unclear != 0 || !i.Due.IsZero() || i.Tries < patience {
		t.Errorf("%+v", i)
	}
	for _, r := range b.requests[1:] {
		if r != "payment A" {
			t.Errorf("%q passed", r)
		}
	}
}

func TestWhatCannotBeWrittenHoldsNobodyUp(t *testing.T) {
	b := newBench(t)
	b.sells("A", "unwritable", "C")
	b.flushed()
	if b.states() != "DONE DONE PARKED PARKED DONE DONE" || b.item(3).Words != "It cannot be written." || b.item(3).Tries != 0 {
		t.Errorf("%s, %+v", b.states(), b.item(3))
	}
}

// Books that were restored do not know what the lost ones sent.
func TestAfterARestore(t *testing.T) {
	b := newBench(t)
	b.have[Payments]["A"] = `{"code":"A"}`
	b.sells("A", "B")
	for i := range b.items {
		b.items[i].Open = true
	}
	if r := b.flushed(); r.Done != 4 || r.Already != 1 || b.states() != "DONE DONE DONE DONE" {
		t.Errorf("%+v, %s", r, b.states())
	}
}

// ctx may end while HQ has the request: what became of it is recorded.
func TestStoppedWhileSending(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	b.reply = func(int, []string) *reply { stop(); return &reply{stored: true} }
	b.sells("A")
	_, err := b.sender.Flush(ctx)
	if err == nil || fault.CodeOf(err) == "" || b.states() != "DONE WAITING" {
		t.Errorf("%v, %s", err, b.states())
	}
}

func TestPreviewSendsNothing(t *testing.T) {
	b := newBench(t)
	b.sells("A", "B")
	p, err := b.sender.Preview(t.Context(), 3)
	if err != nil || len(p) != 3 || string(p[0].Body) != `[{"code":"A","device":"POS1","what":"1 ¥1.00"}]` || p[2].Item.Sale.ReceiptNo != "B" {
		t.Errorf("%+v, %v", p, err)
	}
	if len(b.requests) != 0 || b.item(1).Tries != 0 {
		t.Errorf("%q, %+v", b.requests, b.item(1))
	}
	b.sells("unwritable")
	if p, err := b.sender.Preview(t.Context(), 10); fault.CodeOf(err) != "hq.bill_row" || len(p) != 4 {
		t.Errorf("%d, %v", len(p), err)
	}
}

// Run sends what comes, gets over an HQ that goes away, tells of it once, and
// ends.
func TestRun(t *testing.T) {
	b := newBench(t)
	var told []string
	b.sender.p.OnHeld = func(err error) { told = append(told, fault.CodeOf(err)) }
	ctx, stop := context.WithCancel(t.Context())
	arrived := make(chan string, 100)
	b.reply = func(n int, codes []string) *reply {
		switch {
		case n <= 5:
			return &reply{answer: notThere}
		case n <= 8:
			return &reply{answer: silence, stored: n == 8}
		}
		arrived <- strings.Join(codes, " ")
		return nil
	}
	ended := make(chan struct{})
	go func() { defer close(ended); b.sender.Run(ctx) }()
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-arrived:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%q never came", want)
		}
	}
	b.sells("A")
	wait("A") // the payment again, 801
	wait("A")
	b.sells("B")
	wait("B")
	wait("B")
	stop()
	<-ended
	if want := []string{"hq.unreachable", "upload.unclear", ""}; !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
	if b.atHQ(Payments) != "A B" || b.atHQ(Sales) != "A B" {
		t.Errorf("%q %q", b.atHQ(Payments), b.atHQ(Sales))
	}
}

func TestNewRefuses(t *testing.T) {
	b := newBench(t)
	for _, p := range []Params{{}, {Store: b.memory, HQ: b.office}, {HQ: b.office, Now: time.Now}, {Store: b.memory, Now: time.Now}} {
		if _, err := New(p); err == nil {
			t.Errorf("%+v", p)
		}
	}
}
