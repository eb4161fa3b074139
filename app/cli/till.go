package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/skip2/go-qrcode"

	"cashier/app"
	"cashier/app/vault"
	"cashier/services/checkout"
)

func (c *call) params() app.Params {
	return app.Params{
		Dir: c.dir, Program: "cashierctl", Passphrase: os.Getenv(vault.PassphraseEnv),
		Timers: checkout.DefaultTimers().Scaled(max(1, c.options.TimerDiv)), Hook: c.options.Hook, VaultCost: c.options.VaultCost,
		OnUpdate: c.updated,
	}
}

// updated tells whoever waits that the disk is what they are waiting for.
func (c *call) updated(u checkout.Update) {
	if u.Trouble != nil {
		c.trouble.Do(func() {
			fmt.Fprintln(c.Err, "cashierctl: What became of a payment cannot be written down; this is tried again until it can. "+u.Trouble.Error())
		})
	}
	if u.QR != "" {
		c.qr.Do(func() { c.showQR(u) })
	}
	c.ended(u.Sale)
}

// showQR draws the code that the customer scans.
func (c *call) showQR(u checkout.Update) {
	open, _ := u.Sale.OpenLeg()
	fmt.Fprintf(c.Err, "cashierctl: the customer scans this to pay %s: %s\n", open.Amount.Yuan(), u.QR)
	if code, err := qrcode.New(u.QR, qrcode.Medium); err == nil {
		fmt.Fprint(c.Err, code.ToSmallString(false))
	}
}

// ended says, once, how a sale ended that an earlier process had left open.
func (c *call) ended(s checkout.Sale) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if over(s) && c.left[s.ID] {
		delete(c.left, s.ID)
		fmt.Fprintln(c.Err, "cashierctl: "+closedWords(s))
	}
}

func over(s checkout.Sale) bool { return s.State == checkout.Complete || s.State == checkout.Voided }

// write opens the till for writing and says what an earlier process left
// behind and has now come to its end.
func (c *call) write(ctx context.Context) (*app.Till, error) {
	t, before, err := c.open(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := c.sayClosed(ctx, t, before); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// sayClosed says which of these sales have come to their end.
func (c *call) sayClosed(ctx context.Context, t *app.Till, before []checkout.Sale) error {
	closed, err := closedOf(ctx, t, before)
	for _, s := range closed {
		c.ended(s)
	}
	return err
}

// open opens the till for writing and takes up whatever an earlier process
// left behind. before is what that was; aloud says how each of it ends.
func (c *call) open(ctx context.Context, aloud bool) (t *app.Till, before []checkout.Sale, err error) {
	if t, err = app.Open(ctx, c.params()); err != nil {
		return nil, nil, err
	}
	c.warnings(t.Warnings)
	if err = c.signIn(ctx, t); err == nil {
		before, err = t.Ledger.OpenSales(ctx)
	}
	if err == nil {
		if aloud {
			c.await(before)
		}
		_, err = t.Desk.Recover(ctx)
	}
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, before, nil
}

func (c *call) await(sales []checkout.Sale) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = map[string]bool{}
	for _, s := range sales {
		c.left[s.ID] = true
	}
}

// closedOf lists which of these sales have come to their end.
func closedOf(ctx context.Context, t *app.Till, before []checkout.Sale) ([]checkout.Sale, error) {
	var closed []checkout.Sale
	for _, s := range before {
		now, err := t.Ledger.Sale(context.WithoutCancel(ctx), s.ID)
		if err != nil {
			return nil, err
		}
		if over(now) {
			closed = append(closed, now)
		}
	}
	return closed, nil
}

func (c *call) read(ctx context.Context) (*app.Till, error) {
	t, err := app.OpenRead(ctx, c.params())
	if err != nil {
		return nil, err
	}
	c.warnings(t.Warnings)
	return t, nil
}

// readBooks is read where there is nothing to say without the till's books.
func (c *call) readBooks(ctx context.Context) (*app.Till, error) {
	t, err := c.read(ctx)
	if err == nil && t.Ledger == nil {
		t.Close()
		return nil, errNoLedger()
	}
	return t, err
}
