package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/ui"
)

// paying scans goods and a code and returns once the desk has the sale.
func paying(t *testing.T, changes ...change) *rig {
	t.Helper()
	r := newRig(t, offers(), changes...)
	r.scan("6901")
	r.scan(code1)
	r.until(ui.EventPaying)
	r.begun("sale1")
	return r
}

// begun waits until the shell knows the sale the desk has begun.
func (r *rig) begun(id string) {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		r.desk.mu.Lock()
		_, there := r.desk.ends[id]
		sale := r.desk.sales[id]
		r.desk.mu.Unlock()
		if there {
			// What a desk does: each durable change is told.
			r.updates.f(checkout.Update{Sale: sale})
			r.until(ui.EventTray)
			return
		}
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatal("the desk was never asked")
		}
	}
}

// seconds lets the customer take a while.
func (r *rig) seconds(n int) {
	r.now = r.now.Add(time.Duration(n) * time.Second)
	r.shell.Tick()
	r.settle()
}

func TestRefusedThenCash(t *testing.T) {
	r := paying(t)
	r.desk.end("sale1", checkout.Rejected, checkout.Tendering, "余额不足")
	e := r.until(ui.EventRefused)
	if !strings.Contains(e.Text, "没有收到钱") || !strings.Contains(e.Text, "余额不足") {
		t.Errorf("the reason is %q", e.Text)
	}
	r.scan("6902") // the lines are frozen
	r.total("3.50")
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventComplete); e.Sale.ID != "sale1" {
		t.Errorf("sale %s was completed", e.Sale.ID)
	}
}

func TestRefusedThenGivenUp(t *testing.T) {
	r := paying(t)
	r.desk.end("sale1", checkout.Rejected, checkout.Tendering, "余额不足")
	r.until(ui.EventRefused)
	r.key(fyne.KeyEscape)
	r.until(ui.EventScreen)
	if len(r.desk.voids) != 1 || r.shell.Screen() != ui.SaleScreen {
		t.Errorf("voided %v, screen %v", r.desk.voids, r.shell.Screen())
	}
	r.scan("6902")
	r.total("6.70")
}

// Until a payment is settled no scan and no key does anything to the sale.
func TestWaitingIsAStateWithAClock(t *testing.T) {
	r := paying(t)
	r.scan("6902")
	r.scan(code2)
	r.key(fyne.KeyF4)
	r.key(fyne.KeyEscape) // no way out is offered yet
	r.total("3.50")
	if n := len(r.desk.started()); n != 1 || len(r.desk.cancels) != 0 {
		t.Errorf("%d payments, cancels %v", n, r.desk.cancels)
	}
	r.seconds(11)
	r.key(fyne.KeyReturn) // go on waiting
	r.key(fyne.KeyEscape) // 取消收款
	if len(r.desk.cancels) != 1 {
		t.Errorf("cancels %v", r.desk.cancels)
	}
	r.desk.end("sale1", checkout.Reversed, checkout.Tendering, "")
	if e := r.until(ui.EventRefused); !strings.Contains(e.Text, "取消") {
		t.Errorf("the reason is %q", e.Text)
	}
}

// A cancel that comes too late is a sale that is paid.
func TestPaidAfterCancel(t *testing.T) {
	r := paying(t)
	r.seconds(11)
	r.key(fyne.KeyEscape)
	r.desk.end("sale1", checkout.Paid, checkout.Complete, "")
	r.until(ui.EventComplete)
	if !r.shell.ShowsReceipt() {
		t.Error("a paid sale shows no receipt")
	}
}

func TestUnsettledFreesTheTill(t *testing.T) {
	r := paying(t)
	r.seconds(91)
	r.desk.end("sale1", checkout.Unknown, checkout.Unsettled, "timeout")
	r.until(ui.EventAside)
	r.until(ui.EventTray)
	if len(r.shell.Open()) != 1 || r.shell.Busy() || len(r.shell.Cart().Lines) != 0 {
		t.Errorf("open %v, busy %v", r.shell.Open(), r.shell.Busy())
	}
	r.scan("6902")
	r.total("3.20")
}

func TestManualLegIsSettledWithAReason(t *testing.T) {
	r := newRig(t, offers())
	r.desk.open = []checkout.Leg{{Key: "k1", SaleID: "s", Class: checkout.ClassCode, Method: "code", Amount: 500, State: checkout.Manual}}
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyReturn) // ask now
	r.until(ui.EventNotice)
	r.until(ui.EventTray)
	r.key(fyne.KeyF9)
	r.key(fyne.KeyReturn)
	if len(r.desk.solved) != 0 {
		t.Error("settled without a reason")
	}
	r.types("商户后台已支付")
	r.events = nil
	r.key(fyne.KeyReturn)
	r.until(ui.EventNotice)
	if len(r.desk.solved) != 1 || r.desk.solved[0] != "k1 PAID 商户后台已支付" {
		t.Errorf("settled %v", r.desk.solved)
	}
}

func TestOnlyManualLegsAreSettledByHand(t *testing.T) {
	r := newRig(t, offers())
	r.desk.open = []checkout.Leg{{Key: "k1", Class: checkout.ClassCode, Method: "code", Amount: 500, State: checkout.Unknown}}
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyF9)
	if r.shell.Sheet() != "" {
		t.Error("a leg that is still followed was offered to be settled by hand")
	}
}

func TestSecondUseOfACodeAsks(t *testing.T) {
	r := paying(t)
	r.desk.end("sale1", checkout.Rejected, checkout.Tendering, "余额不足")
	r.until(ui.EventRefused)
	r.scan(code1)
	if r.shell.Sheet() == "" || len(r.desk.started()) != 1 {
		t.Fatal("the second use of a payment code was not asked about")
	}
	r.types("2")
	if r.shell.Sheet() != "" || len(r.desk.started()) != 1 {
		t.Error("no is not no")
	}
	r.scan(code1)
	r.types("1")
	r.until(ui.EventPaying)
}

func TestPaymentThatCouldNotBegin(t *testing.T) {
	r := newRig(t, offers())
	r.desk.refuse = fault.New(fault.Invalid, "liantuofu.not_set_up", "Liantuofu is not set up.")
	r.scan("6901")
	r.scan(code1)
	r.until(ui.EventNotice)
	if r.shell.Screen() != ui.SaleScreen || r.shell.Busy() || !strings.Contains(r.shell.Notice(), "现金可照常收取") {
		t.Errorf("screen %v, busy %v, notice %q", r.shell.Screen(), r.shell.Busy(), r.shell.Notice())
	}
	r.total("3.50")
}

func TestRedemptionIsOneConfirm(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.scan(card1)
	r.until(ui.EventCard)
	r.key(fyne.KeyReturn)
	r.until(ui.EventRedeemed)
	if r.cards.calls != 1 || r.cards.left != 9 {
		t.Errorf("%d calls, %d left", r.cards.calls, r.cards.left)
	}
	r.key(fyne.KeyReturn) // the finished card is put away, not redeemed again
	r.key(fyne.KeyReturn)
	r.settle()
	if r.cards.calls != 1 {
		t.Error("a redemption was repeated")
	}
	r.scan("6902") // the cart was kept
	r.total("6.70")
}

func TestCountOfARedemption(t *testing.T) {
	tests := []struct {
		name string
		do   func(r *rig)
		left int64
	}{
		{"stepped", func(r *rig) { r.types("++-") }, 8},
		{"typed", func(r *rig) { r.types("4") }, 6},
		{"more than there is", func(r *rig) { r.types("11") }, 10},
		{"none", func(r *rig) { r.types("0") }, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, offers())
			r.scan(card1)
			r.until(ui.EventCard)
			tt.do(r)
			r.key(fyne.KeyReturn)
			if tt.left != 10 {
				r.until(ui.EventRedeemed)
			}
			if r.cards.left != tt.left {
				t.Errorf("%d left, want %d", r.cards.left, tt.left)
			}
		})
	}
}

func TestCardThatCannotBeRead(t *testing.T) {
	r := newRig(t, offers())
	r.cards.err = fault.New(fault.Unreachable, "redeem.unreachable", "Liantuofu cannot be reached. ({why})", "why", "timeout")
	r.scan(card1)
	r.until(ui.EventNotice)
	if !strings.Contains(r.shell.Notice(), "次数没有扣减") {
		t.Errorf("notice %q", r.shell.Notice())
	}
}

func TestDiskTroubleIsSaid(t *testing.T) {
	r := newRig(t, offers())
	r.updates.f(checkout.Update{Trouble: fault.New(fault.Internal, "disk.unwritable", "The data folder {dir} cannot be written to: {why}.", "dir", "/till", "why", "full")})
	r.until(ui.EventNotice)
	if !strings.Contains(r.shell.Notice(), "/till") {
		t.Errorf("notice %q", r.shell.Notice())
	}
}

// The due amount is what the desk is asked for, whatever was typed before.
func TestGoodsScannedOnThePayScreenCount(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("5")
	r.scan("6902")
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventComplete); e.Sale.Total != money.Fen(670) || e.Sale.Change() != 0 {
		t.Errorf("total %s, change %s", e.Sale.Total, e.Sale.Change())
	}
}
