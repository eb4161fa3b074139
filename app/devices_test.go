package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/app/settings"
	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
	"cashier/hardware/scale"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// counter is a till with its devices, and a printer that a drawer hangs on.
func counter(t *testing.T, s map[string]string) (*Till, *printersim.Sim) {
	t.Helper()
	sim, err := printersim.NewTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	all := map[string]string{"printer.target": sim.Target(), "drawer.via": "printer", "shop.name": "鲜果园", "receipt.foot": "谢谢惠顾|欢迎再来"}
	for name, v := range s {
		all[name] = v
	}
	till, err := Open(t.Context(), Params{Dir: t.TempDir(), Program: "cashier", Passphrase: "test", VaultCost: 4, Settings: all})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(till.Close)
	return till, sim
}

// awaitPrinted waits until the paper holds all of these.
func awaitPrinted(t *testing.T, sim *printersim.Sim, all ...string) string {
	t.Helper()
	guard := time.After(30 * time.Second)
	for {
		changed := sim.Changed()
		paper := sim.Paper()
		if !slices.ContainsFunc(all, func(s string) bool { return !strings.Contains(paper, s) }) {
			return paper
		}
		select {
		case <-changed:
		case <-guard:
			t.Fatalf("printed:\n%s\nwant %q", paper, all)
		}
	}
}

func TestASaleOpensTheDrawerAndPrints(t *testing.T) {
	till, sim := counter(t, nil)
	s := sellForCash(t, till)
	paper := awaitPrinted(t, sim, "[kick]", "鲜果园", s.ReceiptNo, "欢迎再来", "非发票", "[cut]")
	if !strings.HasPrefix(paper, "[kick]") || strings.Contains(paper, "重印") || strings.Count(paper, "[cut]") != 1 {
		t.Errorf("%s", paper)
	}
	// News of the same sale again is no reason for another paper or a kick.
	till.Devices.sold(s)
	sim.Forget()
	if err := till.Devices.Reprint(t.Context(), s.ID); fault.CodeOf(err) == "printer.still_waiting" {
		t.Log("the first paper is not settled yet") // the printer is faster than the queue
		awaitJobs(t, till, printer.Printed)
		err = till.Devices.Reprint(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	paper = awaitPrinted(t, sim, s.ReceiptNo, "[cut]")
	if strings.Count(paper, "重印") != 2 || strings.Contains(paper, "[kick]") {
		t.Errorf("%s", paper)
	}
	if jobs := till.Devices.Jobs(); len(jobs) != 2 || jobs[0].Reprint || !jobs[1].Reprint || jobs[0].Subject != s.ID {
		t.Errorf("%+v", jobs)
	}
}

// awaitJobs waits until every paper is in that state.
func awaitJobs(t *testing.T, till *Till, state printer.State) PrinterNews {
	t.Helper()
	news := make(chan PrinterNews, 64)
	stop := till.Devices.WatchPrinter(func(n PrinterNews) { news <- n })
	defer stop()
	guard := time.After(30 * time.Second)
	for {
		select {
		case n := <-news:
			if jobs := till.Devices.Jobs(); len(jobs) > 0 && !slices.ContainsFunc(jobs, func(j printer.Job) bool { return j.State != state || state == printer.Waiting && j.Code == "" }) {
				return n
			}
		case <-guard:
			t.Fatalf("%+v", till.Devices.Jobs())
		}
	}
}

// A printer that is away costs the sale nothing: it is told, and the paper comes
// when the printer does.
func TestAPrinterThatIsAway(t *testing.T) {
	till, sim := counter(t, nil)
	if err := sim.Vanish(); err != nil {
		t.Fatal(err)
	}
	faults := make(chan error, 8)
	till.Devices.WatchFaults(func(err error) { faults <- err })
	s := sellForCash(t, till)
	if s.State != checkout.Complete || s.ReceiptNo == "" {
		t.Fatalf("%+v", s)
	}
	if err := <-faults; fault.CodeOf(err) != "printer.missing" {
		t.Errorf("the drawer: %v", err)
	}
	if n := awaitJobs(t, till, printer.Waiting); n.Waiting != 1 || fault.CodeOf(n.Err) != "printer.missing" {
		t.Errorf("%+v", n)
	}
	if err := sim.Return(); err != nil {
		t.Fatal(err)
	}
	paper := awaitPrinted(t, sim, s.ReceiptNo, "[cut]")
	if strings.Contains(paper, "[kick]") {
		t.Error("the drawer opened long after the sale")
	}
	awaitJobs(t, till, printer.Printed)
}

func TestWhatOpensTheDrawer(t *testing.T) {
	leg := func(method string, state checkout.State, kept bool) checkout.Sale {
		return checkout.Sale{Legs: []checkout.Leg{{Method: method, State: state, Kept: kept}}}
	}
	for i, tt := range []struct {
		sale checkout.Sale
		want bool
	}{
		{leg(checkout.MethodCash, checkout.Paid, false), true},
		{leg(checkout.MethodCash, checkout.Rejected, true), true},
		{leg(checkout.MethodCash, checkout.Reversed, false), false},
		{leg(checkout.MethodCode, checkout.Paid, false), false},
		{leg(checkout.MethodOther, checkout.Paid, false), false},
	} {
		if got := cashMoved(tt.sale); got != tt.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}

// What an earlier run left open has no customer at the counter any more; what is
// not complete has no paper.
func TestWhatIsNotPrintedByItself(t *testing.T) {
	till, sim := counter(t, map[string]string{"drawer.via": ""})
	d := till.Devices
	d.before["old"] = true
	for _, s := range []checkout.Sale{
		{ID: "old", State: checkout.Complete, ReceiptNo: "1"},
		{ID: "a", State: checkout.Tendering, ReceiptNo: "2"}, {ID: "b", State: checkout.Voided, ReceiptNo: "3"}, {ID: "c", State: checkout.Complete},
	} {
		d.sold(s)
	}
	d.work.Wait()
	if jobs := d.Jobs(); len(jobs) > 0 || sim.Received() > 0 {
		t.Errorf("%+v", jobs)
	}
}

func TestReceiptsOnlyWhenAsked(t *testing.T) {
	till, sim := counter(t, map[string]string{"printer.auto": "false", "drawer.via": ""})
	s := sellForCash(t, till)
	till.Devices.work.Wait()
	if jobs := till.Devices.Jobs(); len(jobs) > 0 {
		t.Errorf("%+v", jobs)
	}
	if err := till.Devices.Reprint(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	awaitPrinted(t, sim, s.ReceiptNo, "[cut]")
}

func TestOpeningTheDrawerWithoutASale(t *testing.T) {
	till, sim := counter(t, nil)
	d := till.Devices
	if err := d.OpenDrawer(t.Context(), till.Actor(), ""); fault.CodeOf(err) != "drawer.no_reason" {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.OpenDrawer(t.Context(), access.Actor{}, "换零钱"); fault.KindOf(err) != fault.Denied {
		t.Errorf("by nobody: %v", err)
	}
	if len(sim.Events()) > 0 {
		t.Errorf("%+v", sim.Events())
	}
	if err := d.OpenDrawer(t.Context(), till.Actor(), "换零钱"); err != nil {
		t.Fatal(err)
	}
	awaitPrinted(t, sim, "[kick]")
	if noted, err := till.Ledger.Noted(t.Context(), "drawer.open", DrawerSubject); err != nil || !noted {
		t.Errorf("the audit trail: %t, %v", noted, err)
	}
}

// Whatever is set up wrongly, the till opens and sells.
func TestDevicesThatAreSetUpWrongly(t *testing.T) {
	till, _ := counter(t, map[string]string{"printer.target": "lpt:1", "drawer.via": "somewhere", "scale.port": "/dev/null", "scale.baud": "1", "display.port": "/dev/null"})
	var codes []string
	for _, w := range till.Warnings {
		codes = append(codes, fault.CodeOf(w))
	}
	for _, want := range []string{"printer.target", "drawer.via", "serial.settings"} {
		if !slices.Contains(codes, want) {
			t.Errorf("no word of %s: %v", want, codes)
		}
	}
	sellForCash(t, till)
	d := till.Devices
	for name, err := range map[string]error{
		"printer.target": d.TestPrint(), "drawer.via": d.OpenDrawer(t.Context(), till.Actor(), "x"), "scale.not_set_up": d.Tare(t.Context()),
	} {
		if fault.CodeOf(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d.Weight().Link != scale.Off {
		t.Errorf("%+v", d.Weight())
	}
}

func TestATillWithoutDevices(t *testing.T) {
	till, _ := counter(t, map[string]string{"printer.target": "", "drawer.via": ""})
	if len(till.Warnings) > 0 {
		t.Errorf("%v", till.Warnings)
	}
	s := sellForCash(t, till)
	if err := till.Devices.Reprint(t.Context(), s.ID); fault.CodeOf(err) != "printer.not_set_up" {
		t.Errorf("%v", err)
	}
	if err := till.Devices.Zero(t.Context()); fault.CodeOf(err) != "scale.not_set_up" {
		t.Errorf("%v", err)
	}
}

func TestPrintsAreKept(t *testing.T) {
	p := prints{filepath.Join(t.TempDir(), "prints")}
	if jobs, err := p.Jobs(t.Context()); err != nil || len(jobs) > 0 {
		t.Fatalf("%v, %v", jobs, err)
	}
	begin := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i := range printsKept + 3 {
		j := printer.Job{ID: fmt.Sprint("j", i), State: printer.Printed, Doc: []byte{0x1b, '@'}, At: begin.Add(time.Duration(i) * time.Second)}
		if err := p.Save(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range map[string]string{"broken.json": "{", "other.json": `{"id":"another"}`, "readme.txt": "x"} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := p.Jobs(t.Context())
	if err != nil || len(jobs) != printsKept || jobs[0].ID != "j3" || string(jobs[0].Doc) != "\x1b@" {
		t.Errorf("%d jobs from %+v, %v", len(jobs), jobs[0], err)
	}
	left, _ := filepath.Glob(filepath.Join(p.dir, "j*.json"))
	if len(left) != printsKept {
		t.Errorf("%d files", len(left))
	}
	if file := p.file("../../etc/passwd"); filepath.Dir(file) != p.dir {
		t.Errorf("an id leads to %s", file)
	}
}

// The settings offer exactly the protocols there are.
func TestScaleProtocolsInTheSettings(t *testing.T) {
	var names []string
	for _, p := range scale.Protocols() {
		names = append(names, p.Name)
	}
	for _, k := range settings.Keys() {
		if k.Name == "scale.protocol" && !slices.Equal(k.Choices, names) {
			t.Errorf("settings %v, protocols %v", k.Choices, names)
		}
	}
}
