package window

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/ui"
	"cashier/ui/pay"
)

// scriptLimit bounds the whole script, and each thing it waits for.
const (
	scriptLimit = 150 * time.Second
	stepLimit   = 60 * time.Second
)

// script plays one customer after another on the real window, through a real
// serial line.
type script struct {
	r     *rig
	ctx   context.Context // the life of one script
	shots int
	last  image.Image
}

// play runs the script and returns the exit code: 0 only if the books and the
// gateway agree with what the window showed.
func (r *rig) play(ctx context.Context) int {
	ctx, stop := context.WithTimeout(ctx, scriptLimit)
	defer stop()
	s := &script{r: r, ctx: ctx}
	for _, step := range []struct {
		name string
		do   func() (string, error)
	}{
		{"sync", s.sync}, {"goods", s.goods}, {"payment code", s.payByCode}, {"QR code", s.payByQR}, {"times card", s.redeem}, {"cash", s.cash},
	} {
		said, err := step.do()
		if err != nil {
			fmt.Fprintf(r.p.Out, "%s: FAILED: %v\n", step.name, err)
			_ = s.shot("failed") // the failure is said already
			return 1
		}
		fmt.Fprintf(r.p.Out, "%s: %s\n", step.name, said)
	}
	return 0
}

// wait returns the next event of a kind.
func (s *script) wait(kind ui.EventKind) (ui.Event, error) {
	limit := time.NewTimer(stepLimit)
	defer limit.Stop()
	seen := ""
	for {
		select {
		case e := <-s.r.events:
			if e.Kind == kind {
				return e, nil
			}
			if e.Kind == ui.EventNotice {
				seen = e.Text
			}
		case <-limit.C:
			return ui.Event{}, fmt.Errorf("nothing came of it (waiting for %q; last notice: %q)", kind, seen)
		case <-s.ctx.Done():
			return ui.Event{}, s.ctx.Err()
		}
	}
}

// forget drops the events so far, so that the next wait is for what follows.
func (s *script) forget() {
	for {
		select {
		case <-s.r.events:
		default:
			return
		}
	}
}

func (s *script) scan(code string) error { return s.r.demo.sim.Scan(code) }

func (s *script) key(name fyne.KeyName) {
	fyne.DoAndWait(func() { s.r.shell.Key(name) })
}

// sync waits for the prices and for the scanner's cable.
func (s *script) sync() (string, error) {
	if s.r.till.Catalog.Index().Len() == 0 {
		if _, err := s.wait(ui.EventSynced); err != nil {
			return "", err
		}
	}
	var st ui.ScannerStatus
	for st != ui.ScannerOnline {
		fyne.DoAndWait(func() { st = s.r.shell.Scanner() })
		if st != ui.ScannerOnline {
			if _, err := s.wait(ui.EventScanner); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("%d products", s.r.till.Catalog.Index().Len()), s.shot("shelf")
}

// counted are products sold by the piece whose number no other product has.
func (s *script) counted(n int) ([]catalog.Product, error) {
	ix := s.r.till.Catalog.Index()
	var out []catalog.Product
	for _, p := range ix.All() {
		if p.Pricing == catalog.ByCount && p.Code != "" && len(ix.ByCode(p.Code)) == 1 && p.Price > 0 {
			out = append(out, p)
		}
		if len(out) == n {
			return out, nil
		}
	}
	return nil, fmt.Errorf("the shop has only %d products to count", len(out))
}

// goods scans three products.
func (s *script) goods() (string, error) {
	ps, err := s.counted(3)
	if err != nil {
		return "", err
	}
	s.forget()
	for _, p := range ps {
		if err := s.scan(p.Code); err != nil {
			return "", err
		}
		if _, err := s.wait(ui.EventAdded); err != nil {
			return "", err
		}
	}
	var cart checkout.Cart
	fyne.DoAndWait(func() { cart = s.r.shell.Cart() })
	if len(cart.Lines) != len(ps) {
		return "", fmt.Errorf("%d lines after %d scans", len(cart.Lines), len(ps))
	}
	return fmt.Sprintf("%d lines, %s", len(cart.Lines), cart.Total()), s.shot("sale")
}

// paymentCode is what the phone of the shop's richest customer shows.
func (s *script) paymentCode() string {
	return "13" + s.wallet() + fmt.Sprintf("%012d", time.Now().UnixNano()%1e12)
}

// wallet is that customer's.
func (s *script) wallet() string {
	wallet := "0001"
	var most money.Fen
	for _, w := range s.r.demo.servers.Shop.Wallets {
		if w.Balance > most {
			wallet, most = w.ID, w.Balance
		}
	}
	return wallet
}

// payByCode scans a payment code on the sale screen: no key is pressed.
func (s *script) payByCode() (string, error) {
	s.forget()
	before := len(s.r.demo.servers.Charges())
	if err := s.scan(s.paymentCode()); err != nil {
		return "", err
	}
	e, err := s.wait(ui.EventComplete)
	if err != nil {
		return "", err
	}
	sale, err := s.r.till.Ledger.Sale(s.ctx, e.Sale.ID)
	if err != nil {
		return "", err
	}
	charges := s.r.demo.servers.Charges()[before:]
	if sale.State != checkout.Complete || len(charges) != 1 || charges[0].Amount != sale.Total.Yuan() {
		return "", fmt.Errorf("sale %s is %s and the gateway has %d charges for it", sale.ID, sale.State, len(charges))
	}
	return fmt.Sprintf("%s %s, receipt %s, one charge at the gateway, 0 keys", sale.State, sale.Total, sale.ReceiptNo), s.shot("paid")
}

// payByQR shows a code of ours, which the customer scans: two keys.
func (s *script) payByQR() (string, error) {
	ps, err := s.counted(1)
	if err != nil {
		return "", err
	}
	s.forget()
	before := len(s.r.demo.servers.Charges())
	if err := s.scan(ps[0].Code); err != nil {
		return "", err
	}
	if _, err := s.wait(ui.EventAdded); err != nil {
		return "", err
	}
	s.key(fyne.KeyReturn)
	s.key(pay.QRKey)
	e, err := s.wait(ui.EventQR)
	if err != nil {
		return "", err
	}
	if err := s.shot("qr"); err != nil {
		return "", err
	}
	leg, _ := e.Sale.OpenLeg()
	if err := s.r.demo.servers.Liantuofu.PayQR(leg.Key, s.wallet()); err != nil {
		return "", err
	}
	if e, err = s.wait(ui.EventComplete); err != nil {
		return "", err
	}
	sale, err := s.r.till.Ledger.Sale(s.ctx, e.Sale.ID)
	if err != nil {
		return "", err
	}
	if n := len(s.r.demo.servers.Charges()) - before; sale.State != checkout.Complete || n != 1 || sale.Paid() != sale.Total {
		return "", fmt.Errorf("sale %s is %s with %s paid of %s, and the gateway has %d charges for it", sale.ID, sale.State, sale.Paid(), sale.Total, n)
	}
	return fmt.Sprintf("%s %s, receipt %s, one charge at the gateway, 2 keys", sale.State, sale.Total, sale.ReceiptNo), nil
}

// redeem scans a times card and confirms with one key.
func (s *script) redeem() (string, error) {
	card, left, err := s.usableCard()
	if err != nil {
		return "", err
	}
	s.forget()
	if err := s.scan(card.CardNo); err != nil {
		return "", err
	}
	if _, err := s.wait(ui.EventCard); err != nil {
		return "", err
	}
	if err := s.shot("card"); err != nil {
		return "", err
	}
	s.key(fyne.KeyReturn)
	e, err := s.wait(ui.EventRedeemed)
	if err != nil {
		return "", err
	}
	after, _ := s.r.demo.servers.Liantuofu.Remaining(card.CardNo)
	if e.Sale.State != checkout.Complete || after != left-1 {
		return "", fmt.Errorf("redemption is %s, %d times left of %d", e.Sale.State, after, left)
	}
	return fmt.Sprintf("%s %s, %d left, 1 key", e.Sale.State, card.CardName, after), s.shot("redeemed")
}

func (s *script) usableCard() (shopdata.TimesCard, int64, error) {
	for _, c := range s.r.demo.servers.Shop.TimesCards {
		left, ok := s.r.demo.servers.Liantuofu.Remaining(c.CardNo)
		if end, err := c.Expires(); ok && left > 1 && err == nil && (end.IsZero() || end.After(time.Now())) {
			return c, left, nil
		}
	}
	return shopdata.TimesCard{}, 0, fmt.Errorf("the shop has no card with times left")
}

// cash sells one product for exact cash: two keys.
func (s *script) cash() (string, error) {
	ps, err := s.counted(1)
	if err != nil {
		return "", err
	}
	s.forget()
	if err := s.scan(ps[0].Code); err != nil {
		return "", err
	}
	if _, err := s.wait(ui.EventAdded); err != nil {
		return "", err
	}
	s.key(fyne.KeyReturn)
	if err := s.shot("pay"); err != nil {
		return "", err
	}
	s.key(fyne.KeyReturn)
	e, err := s.wait(ui.EventComplete)
	if err != nil {
		return "", err
	}
	sale, err := s.r.till.Ledger.Sale(s.ctx, e.Sale.ID)
	if err != nil {
		return "", err
	}
	if sale.State != checkout.Complete || sale.Paid() != sale.Total {
		return "", fmt.Errorf("sale %s is %s with %s paid of %s", sale.ID, sale.State, sale.Paid(), sale.Total)
	}
	return fmt.Sprintf("%s %s, receipt %s, 2 keys", sale.State, sale.Total, sale.ReceiptNo), s.shot("cash")
}

// shot saves what the window shows once it has been painted: a picture that
// differs from the last one and no longer changes.
func (s *script) shot(name string) error {
	var now, before image.Image
	limit := time.Now().Add(stepLimit / 4)
	for {
		fyne.DoAndWait(func() { now = capture(s.r.window.Canvas()) })
		if before != nil && same(now, before) && (s.last == nil || !same(now, s.last)) {
			break
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the window did not come to rest for picture %q", name)
		}
		before = now
		select {
		case <-time.After(300 * time.Millisecond): // pictures of products arrive meanwhile
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	s.last = now
	s.shots++
	file := filepath.Join(s.r.p.Script, fmt.Sprintf("%02d-%s.png", s.shots, name))
	if photographed(s.ctx, file) {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, now); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// photographed takes a picture of the screen itself, as a person sees it, where
// ImageMagick is there to take one. It alone proves that OpenGL has painted.
func photographed(ctx context.Context, file string) bool {
	camera, err := exec.LookPath("import")
	if err != nil || runtime.GOOS != "linux" || os.Getenv("DISPLAY") == "" {
		return false
	}
	return exec.CommandContext(ctx, camera, "-silent", "-window", "root", file).Run() == nil
}

// capture is what the window shows. Drivers that draw in software keep no front
// buffer to read back and hand out one flat colour; what is on the canvas is
// then painted once more, by the toolkit's software painter.
func capture(c fyne.Canvas) image.Image {
	if shot := c.Capture(); !flat(shot) {
		return shot
	}
	again := software.NewCanvas()
	again.SetPadded(false)
	again.SetScale(c.Scale())
	again.Resize(c.Size()) // before the content, which else would be laid out anew
	again.SetContent(c.Content())
	return again.Capture()
}

// flat reports whether an image is a single colour.
func flat(m image.Image) bool {
	b := m.Bounds()
	first := m.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y += 5 {
		for x := b.Min.X; x < b.Max.X; x += 5 {
			if m.At(x, y) != first {
				return false
			}
		}
	}
	return true
}

// same compares every seventh pixel, which no change of a screen escapes.
func same(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X + y%7; x < a.Bounds().Max.X; x += 7 {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}
