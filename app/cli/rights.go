package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/fault"
)

// PINEnv names the variable that holds the PIN of who acts.
const PINEnv = "CASHIER_PIN"

// need is what a command asks of who acts. No right: it reads, or has the till
// do what it does by itself. Sometimes: only in part, which the command or the
// service behind it finds out; what does not need it asks nobody.
type need struct {
	right     access.Right
	sometimes bool
}

// needs has every command; docs/rights.md repeats it and is held to it.
var needs = map[string]need{
	"config get": {}, "config set": {right: access.Setup},
	"secret set": {right: access.Setup}, "secret adopt": {right: access.Resolve, sometimes: true},
	"sync": {right: access.Prices, sometimes: true}, "sync held": {}, "sync stock": {},
	"sync accept": {right: access.Prices}, "sync reset-download": {right: access.Setup},
	"product find": {}, "product show": {}, "product add": {right: access.Prices}, "product remove": {right: access.Prices},
	"price set": {right: access.Prices}, "price import": {right: access.Prices}, "price adjust": {right: access.Prices},
	"price batch send": {right: access.Prices}, "price batch cancel": {right: access.Prices}, "price batch undo": {right: access.Prices}, "price batch resolve": {right: access.Prices},
	"price export": {}, "price batch list": {}, "price batch show": {}, "price log": {}, "price history": {},
	"stock list": {}, "shop list": {},
	"weixin app get": {}, "weixin app set": {right: access.Setup}, "weixin card get": {}, "weixin card set": {right: access.Setup},
	"hq classes": {right: access.Setup, sometimes: true},
	"hq call":    {right: access.Diagnostics, sometimes: true}, "liantuofu call": {right: access.Diagnostics, sometimes: true},
	"zvcms call": {right: access.Diagnostics, sometimes: true}, "contracts": {},
	"sale ring": {right: access.Sell}, "sale tender": {right: access.Sell}, "sale void": {right: access.Void}, "sale refund": {right: access.Refund},
	"consume": {right: access.Redeem}, "redeem times-card": {right: access.Redeem},
	"pay status": {}, "pay query": {}, "pay cancel": {right: access.Sell}, "pay refund": {right: access.Refund}, "pay resolve": {right: access.Resolve},
	"settle": {}, "reconcile": {},
	"upload list": {}, "upload send": {}, "upload retry": {right: access.Setup}, "upload accept": {right: access.Resolve},
	"journal list": {}, "journal show": {}, "verify": {},
	"backup": {right: access.Backup}, "backup list": {}, "restore": {right: access.Restore, sometimes: true},
	"staff list": {}, "staff add": {right: access.Manage}, "staff set": {right: access.Manage}, "staff badge": {right: access.Manage},
	"staff remove": {right: access.Manage}, "staff pin": {right: access.Manage, sometimes: true}, "staff unlock": {right: access.Manage},
	"device list": {}, "device watch": {}, "device test": {right: access.NoSale, sometimes: true}, // the drawer
	"doctor": {}, "diagnose": {}, "simulate": {}, "bench": {}, "demo-shop": {},
}

// signIn makes who the command line names act, once there are staff, and demands
// what the command always needs.
func (c *call) signIn(ctx context.Context, t *app.Till) error {
	n := needs[c.words]
	if c.staff != "" && n.right != "" {
		pin, err := c.pin()
		if err != nil {
			return err
		}
		if _, err := t.SignIn(ctx, c.staff, pin); err != nil {
			return err
		}
	}
	if n.right == "" || n.sometimes {
		return nil
	}
	return t.Actor().Demand(n.right)
}

// folder is the till's folder for a change of what is beside the books, by
// somebody with the right. It is nil where there are no staff: then the machine's
// user may, beside a running till as well.
func (c *call) folder(ctx context.Context, r access.Right) (*app.Till, error) {
	staffed, err := app.StaffedFolder(ctx, c.dir)
	if err == nil && !staffed && c.staff != "" {
		err = fault.New(fault.Invalid, "staff.none", "No staff are set up on this till, so that nobody signs in; leave --staff out.")
	}
	if err != nil || !staffed {
		return nil, err
	}
	t, err := app.OpenBooks(ctx, c.params())
	if err != nil {
		return nil, err
	}
	c.warnings(t.Warnings)
	if err = c.signIn(ctx, t); err == nil {
		err = t.Actor().Demand(r)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// pin is the PIN of who acts: from the environment, or one line of standard
// input. It is never an argument, which other processes can see.
func (c *call) pin() (string, error) {
	if pin := os.Getenv(PINEnv); pin != "" {
		return pin, nil
	}
	pin, err := c.hidden("PIN of staff " + c.staff)
	return strings.TrimSpace(pin), err
}

// hidden is the next line of standard input; typed on a terminal it is asked for
// and not shown.
func (c *call) hidden(what string) (string, error) {
	f, ok := c.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return c.line()
	}
	fmt.Fprint(c.Err, "cashierctl: "+what+": ")
	typed, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(c.Err)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "input.failed", "Standard input could not be read: {why}.", "why", err.Error())
	}
	return string(typed), nil
}
