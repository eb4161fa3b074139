package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"cashier/app/settings"
	"cashier/hardware/serialport"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// Light is how an ability stands.
type Light string

// The lights.
const (
	Green Light = "green"
	Amber Light = "amber" // works, but a person should know
	Red   Light = "red"   // does not work
)

// Check is one finding of the doctor.
type Check struct {
	Name   string `json:"name"`
	State  Light  `json:"state"`
	Reason string `json:"reason"`

	// Err is the fault behind the reason, for those who say it in other words;
	// nil where there is none.
	Err error `json:"-"`
}

// Rules are the shop's decisions about pricing.
func (t *Till) Rules() checkout.Rules {
	return checkout.Rules{CountWeigh: t.Settings.Get("pricing.count_weigh")}
}

// Doctor looks at everything around the till. It changes nothing and moves no
// money.
func (t *Till) Doctor(ctx context.Context) []Check {
	// Whoever is far away is asked at the same time: a dead network makes each
	// wait for its own deadline.
	far := []func(context.Context) Check{t.checkHQ, t.checkPay, t.checkMembers, t.checkClock}
	heard := make([]Check, len(far))
	var wg sync.WaitGroup
	for i, ask := range far {
		wg.Go(func() { heard[i] = ask(ctx) })
	}
	checks := []Check{
		t.checkFolder(), t.checkSettings(), t.checkLedger(ctx), t.checkJournal(ctx), t.checkBackups(), t.checkPrices(), t.checkPictures(), t.checkVault(), t.checkUploads(ctx),
	}
	wg.Wait()
	return append(append(checks, heard...), t.checkScanner(), t.checkScale(), t.checkPrinter())
}

func check(name string, err error, good string) Check {
	if err != nil {
		return bad(name, Red, err)
	}
	return Check{Name: name, State: Green, Reason: good}
}

// said is a finding in words that have a translation.
func said(name string, light Light, code, sentence string, kv ...string) Check {
	return bad(name, light, fault.New(fault.Invalid, code, sentence, kv...))
}

func bad(name string, light Light, err error) Check {
	return Check{Name: name, State: light, Reason: err.Error(), Err: err}
}

func (t *Till) checkFolder() Check {
	if _, err := os.Stat(t.Dir); errors.Is(err, fs.ErrNotExist) {
		return said("disk", Amber, "doctor.no_folder", "There is no folder {dir} yet; the first start makes it.", "dir", t.Dir)
	}
	f, err := os.CreateTemp(t.Dir, "doctor*")
	if err == nil {
		_, err = f.Write(make([]byte, 1<<20))
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return said("disk", Red, "doctor.unwritable", "The data folder {dir} cannot be written to: {why}. Free space or check who may write there.", "dir", t.Dir, "why", err.Error())
	}
	return Check{Name: "disk", State: Green, Reason: t.Dir}
}

func (t *Till) checkSettings() Check {
	if t.broken.settings != nil {
		return bad("settings", Red, t.broken.settings)
	}
	for _, w := range t.Warnings {
		if strings.HasPrefix(fault.CodeOf(w), "settings.") {
			return bad("settings", Amber, w)
		}
	}
	return Check{Name: "settings", State: Green, Reason: t.file(settings.FileName)}
}

func (t *Till) checkLedger(ctx context.Context) Check {
	if t.broken.ledger != nil {
		return bad("ledger", Red, t.broken.ledger)
	}
	if t.Ledger == nil {
		return said("ledger", Amber, "doctor.no_books", "No sale has been made in this folder yet.")
	}
	found, err := t.Ledger.Verify(ctx)
	if err == nil && len(found) > 0 {
		err = fault.New(fault.Internal, "doctor.broken", "{n} things are broken; `cashierctl verify` lists them", "n", strconv.Itoa(len(found)))
	}
	return check("ledger", err, filepath.Join(t.Dir, "ledger.db"))
}

// staleAfter is when prices are worth a remark.
const staleAfter = 24 * time.Hour

func (t *Till) checkPrices() Check {
	if t.broken.catalog != nil {
		return bad("prices", Red, t.broken.catalog)
	}
	at, n := t.Catalog.SyncedAt(), t.Catalog.Index().Len()
	when := at.In(t.Zone).Format(time.DateTime)
	switch {
	case at.IsZero():
		return said("prices", Red, "doctor.never_synced", "The prices have never been read from HQ: run `cashierctl sync`.")
	case t.age(at) > staleAfter, t.age(at) < 0:
		return said("prices", Amber, "doctor.old_prices", "The prices of {n} products are from {time}.", "n", strconv.Itoa(n), "time", when)
	}
	if d, held := t.Catalog.Held(); held {
		return said("prices", Amber, "doctor.held", "{n} products, {time}. HQ's list of {held} is held: it would remove {removed}. Look at the shop at HQ; `cashierctl sync --full` accepts it.",
			"n", strconv.Itoa(n), "time", when, "held", d.At.In(t.Zone).Format(time.DateTime), "removed", fmt.Sprint(d.Removed))
	}
	if aside := len(t.Catalog.SetAside()); aside > 0 {
		return said("prices", Amber, "doctor.set_aside", "{n} products, {time}; {aside} of HQ's were set aside: `cashierctl sync held` says why.", "n", strconv.Itoa(n), "time", when, "aside", strconv.Itoa(aside))
	}
	return Check{Name: "prices", State: Green, Reason: fmt.Sprintf("%d products, %s", n, when)}
}

func (t *Till) checkVault() Check {
	if t.noVault != nil {
		return bad("vault", Red, t.noVault)
	}
	return Check{Name: "vault", State: Green, Reason: t.vault.Where()}
}

func (t *Till) checkScanner() Check {
	port := t.Settings.Get("scanner.port")
	if port == "" {
		ports, err := serialport.List()
		if err != nil || len(ports) == 0 {
			return said("scanner", Amber, "doctor.no_scanner", "No scanner is set up and no serial port was found; codes can still be typed.")
		}
		return said("scanner", Amber, "doctor.scanner_unset", "No scanner is set up (scanner.port); {n} serial ports are there.", "n", strconv.Itoa(len(ports)))
	}
	if _, err := os.Stat(port); err != nil && os.PathSeparator == '/' {
		return said("scanner", Red, "doctor.scanner_gone", "The scanner's port {port} is not there: plug the scanner in, or set scanner.port.", "port", port)
	}
	return Check{Name: "scanner", State: Green, Reason: port}
}
