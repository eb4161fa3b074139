package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"cashier/hardware/display"
	"cashier/hardware/drawer"
	"cashier/hardware/printer"
	"cashier/hardware/scale"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/receipt"
)

// Devices are the scale, the printer, the drawer and the customer's display of a
// counter. Nothing of a sale ever waits for them: what they do follows a sale
// that is complete, and what goes wrong with them is told and never undoes it.
type Devices struct {
	till  *Till
	setup DeviceSetup

	scale   *scale.Serial
	display *display.Serial
	printer *printer.Printer // nil: none, because of noPrint
	queue   *printer.Queue
	drawer  drawer.Drawer // nil: none, because of noDraw
	noPrint error
	noDraw  error
	ready   chan struct{} // closed when all of these are as they stay

	weights told[scale.News]
	prints  told[PrinterNews]
	faults  told[error]

	mu     sync.Mutex
	closed bool
	before map[string]bool // sales that an earlier run left open, and those done with
	work   sync.WaitGroup
}

// PrinterNews is how the printer and what it is to print stand.
type PrinterNews struct {
	On      bool        // one is set up
	Waiting int         // papers that wait
	Failed  int         // of the latest, not printed or perhaps not whole
	Last    printer.Job // that changed
	Err     error       // why papers wait; nil where none does
}

// openDevices starts what is set up. A device that is set up wrongly is a
// warning: the till sells without it.
func (t *Till) openDevices(ctx context.Context) error {
	open, err := t.Ledger.OpenSales(ctx)
	if err != nil {
		return err
	}
	d := &Devices{till: t, setup: NewDeviceSetup(t.Settings), before: map[string]bool{}, ready: make(chan struct{})}
	for i := range open {
		d.before[open[i].ID] = true
	}
	// What is started here ends with the till, not with whoever opened it.
	ctx = context.WithoutCancel(ctx)
	p := d.setup.Scale()
	p.OnNews = d.weights.tell
	if d.scale, err = scale.Start(ctx, p); err != nil {
		t.warn(err)
	}
	if d.display, err = d.setup.Display(ctx, display.Params{}); err != nil {
		t.warn(err)
	}
	d.openPrinter(ctx)
	close(d.ready)
	t.Devices = d
	t.onClose(d.close)
	return nil
}

func (d *Devices) openPrinter(ctx context.Context) {
	const notSetUp = "not_set_up"
	if d.printer, d.noPrint = d.setup.Printer(); d.noPrint == nil {
		d.queue, d.noPrint = printer.StartQueue(ctx, printer.QueueParams{
			Device: d.printer, Store: prints{d.till.file("prints")}, OnJob: d.printed,
		})
	}
	if d.noPrint != nil && fault.CodeOf(d.noPrint) != "printer."+notSetUp {
		d.till.warn(d.noPrint)
	}
	d.prints.tell(PrinterNews{On: d.queue != nil})
	if d.drawer, d.noDraw = d.setup.Drawer(d.printer); d.noDraw != nil && fault.CodeOf(d.noDraw) != "drawer."+notSetUp {
		d.till.warn(d.noDraw)
	}
}

// close lets a paper that is being printed come to its end, within bounds.
func (d *Devices) close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.work.Wait()
	var errs []error
	if d.queue != nil {
		errs = append(errs, d.queue.Close())
	}
	if d.scale != nil {
		errs = append(errs, d.scale.Close())
	}
	if d.display != nil {
		errs = append(errs, d.display.Close())
	}
	return errors.Join(errs...)
}

// sold is told of every durable change of a sale, and returns at once. The first
// time that a sale of this run is complete, the drawer opens where cash moved,
// and a receipt is queued.
func (d *Devices) sold(s checkout.Sale) {
	if d == nil || s.State != checkout.Complete || s.ReceiptNo == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// The customer of a sale that an earlier run left open may be gone: its paper
	// is offered, and its drawer stays shut.
	if d.before[s.ID] || d.closed {
		return
	}
	d.before[s.ID] = true
	d.work.Go(func() { d.follow(s) })
}

func (d *Devices) follow(s checkout.Sale) {
	ctx := context.Background()
	if d.drawer != nil && cashMoved(s) {
		if err := d.drawer.Open(ctx); err != nil {
			d.fault(err)
		}
	}
	if d.queue == nil || !d.till.Settings.Bool("printer.auto") {
		return
	}
	if err := d.queueReceipt(ctx, s, false); err != nil {
		d.fault(err)
	}
}

func cashMoved(s checkout.Sale) bool {
	return slices.ContainsFunc(s.Legs, func(l checkout.Leg) bool {
		return l.Method == checkout.MethodCash && (l.State == checkout.Paid || l.Kept)
	})
}

// queueReceipt hands a receipt to the queue; it waits for the books only.
func (d *Devices) queueReceipt(ctx context.Context, s checkout.Sale, again bool) error {
	p := d.setup.Receipt()
	p.Zone, p.Reprint = d.till.Zone, again
	if s.Of != "" {
		if of, err := d.till.Ledger.Sale(ctx, s.Of); err == nil {
			p.OfNo = of.ReceiptNo
		}
	}
	doc, err := receipt.New(s, p)
	if err != nil {
		return err
	}
	id := s.ID
	if again {
		id = newIDAt(d.till.now())
	}
	d.queue.Add(printer.Job{ID: id, Subject: s.ID, Title: s.ReceiptNo, Reprint: again, Doc: printer.Render(doc, d.setup.Paper())})
	return nil
}

// Reprint queues a receipt once more, marked as such. It fails where no printer
// is set up, for a sale that is not finished, and with "printer.still_waiting"
// while the paper is on its way.
func (d *Devices) Reprint(ctx context.Context, saleID string) error {
	if d.queue == nil {
		return d.noPrint
	}
	s, err := d.till.Ledger.Sale(ctx, saleID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(d.queue.Jobs(), func(j printer.Job) bool { return j.Subject == saleID && !j.State.Over() }) {
		return fault.New(fault.Busy, "printer.still_waiting", "The receipt {no} still waits for the printer and comes by itself; see to the printer.", "no", s.ReceiptNo)
	}
	return d.queueReceipt(ctx, s, true)
}

// TestPrint queues the test page.
func (d *Devices) TestPrint() error {
	if d.queue == nil {
		return d.noPrint
	}
	d.queue.Add(printer.Job{ID: newIDAt(d.till.now()), Title: "test", Doc: d.setup.TestPage()})
	return nil
}

// Jobs are the latest papers, the oldest first.
func (d *Devices) Jobs() []printer.Job {
	if d.queue == nil {
		return nil
	}
	return d.queue.Jobs()
}

// CheckPrinter asks the printer how it is, or, where it is not to be asked,
// whether it can be reached. It waits while something is printed.
func (d *Devices) CheckPrinter(ctx context.Context) (printer.Status, error) {
	if d.printer == nil {
		return printer.Status{}, d.noPrint
	}
	if d.till.Settings.Get("printer.status") != "on" {
		return printer.Status{}, d.printer.Reach(ctx)
	}
	return d.printer.Status(ctx)
}

// DrawerSubject is what an approval of OpenDrawer is about.
const DrawerSubject = "drawer"

// OpenDrawer opens the drawer without a sale, by the right access.NoSale or an
// approval of it. Who did it and why is in the audit trail before it opens.
func (d *Devices) OpenDrawer(ctx context.Context, by access.Actor, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "drawer.no_reason", "Say why the drawer is opened without a sale.")
	}
	if d.drawer == nil {
		return d.noDraw
	}
	by, err := by.Let(access.NoSale, DrawerSubject, access.NoSale)
	if err != nil {
		return err
	}
	err = d.till.Ledger.Note(ctx, checkout.Act{Actor: by, What: "drawer.open", Subject: DrawerSubject, Detail: reason, At: d.till.now()})
	if err != nil {
		return err
	}
	return d.drawer.Open(ctx)
}

// Tare and Zero command the scale; see scale.Scale.
func (d *Devices) Tare(ctx context.Context) error { return d.command(ctx, scale.Scale.Tare) }

// Zero makes the empty platform weigh nothing.
func (d *Devices) Zero(ctx context.Context) error { return d.command(ctx, scale.Scale.Zero) }

func (d *Devices) command(ctx context.Context, do func(scale.Scale, context.Context) error) error {
	if d.scale == nil || d.setup.Scale().Port == "" {
		return fault.New(fault.Invalid, "scale.not_set_up", "No scale is set up: set scale.port and scale.protocol.")
	}
	return do(d.scale, ctx)
}

// Weight is how the scale stands now.
func (d *Devices) Weight() scale.News {
	if d.scale == nil {
		return scale.News{}
	}
	return d.scale.Latest()
}

// ShowCustomer shows an amount on the customer's display, at once and without
// waiting.
func (d *Devices) ShowCustomer(s display.Show) {
	if d.display != nil {
		d.display.Show(s)
	}
}

// WatchScale calls f with how the scale stands and with each change, from any
// goroutine; f must return soon.
func (d *Devices) WatchScale(f func(scale.News)) (stop func()) { return d.weights.watch(f) }

// WatchPrinter does so with the printer.
func (d *Devices) WatchPrinter(f func(PrinterNews)) (stop func()) { return d.prints.watch(f) }

// WatchFaults does so with what went wrong behind a sale, such as a drawer that
// did not open.
func (d *Devices) WatchFaults(f func(error)) (stop func()) { return d.faults.watch(f) }

func (d *Devices) fault(err error) {
	d.till.Log.Warn("a device did not do its part after a sale", "err", err)
	d.faults.tell(err)
}

// printed makes news of a job that changed.
func (d *Devices) printed(j printer.Job) {
	<-d.ready // what an earlier run left behind may be news before that
	news := PrinterNews{On: true, Last: j}
	for _, o := range d.Jobs() {
		switch {
		case o.State == printer.Failed && d.till.now().Sub(o.ChangedAt) < failedFor:
			news.Failed++
		case o.State == printer.Waiting:
			news.Waiting++
			if o.Code != "" {
				news.Err = fault.New(fault.Busy, o.Code, o.Reason)
			}
		}
	}
	if j.State == printer.Failed {
		d.till.Log.Warn("a paper was not printed", "title", j.Title, "code", j.Code)
	}
	d.prints.tell(news)
}

// failedFor is how long a paper that failed is worth a remark.
const failedFor = 12 * time.Hour

// told hands news on to whoever watches, beginning with the last there was.
type told[T any] struct {
	mu   sync.Mutex
	last *T
	next int
	subs map[int]func(T)
}

func (t *told[T]) watch(f func(T)) (stop func()) {
	t.mu.Lock()
	if t.subs == nil {
		t.subs = map[int]func(T){}
	}
	id := t.next
	t.next++
	t.subs[id] = f
	last := t.last
	t.mu.Unlock()
	if last != nil {
		f(*last)
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.subs, id)
	}
}

func (t *told[T]) tell(news T) {
	t.mu.Lock()
	t.last = &news
	subs := make([]func(T), 0, len(t.subs))
	for _, f := range t.subs {
		subs = append(subs, f)
	}
	t.mu.Unlock()
	for _, f := range subs {
		f(news)
	}
}
