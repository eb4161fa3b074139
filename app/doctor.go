package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
		return Check{name, Red, err.Error()}
	}
	return Check{name, Green, good}
}

func (t *Till) checkFolder() Check {
	if _, err := os.Stat(t.Dir); errors.Is(err, fs.ErrNotExist) {
		return Check{"disk", Amber, fmt.Sprintf("There is no folder %s yet; the first start makes it.", t.Dir)}
	}
	f, err := os.CreateTemp(t.Dir, "doctor*")
	if err == nil {
		_, err = f.Write(make([]byte, 1<<20))
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return Check{"disk", Red, fmt.Sprintf("The data folder %s cannot be written to: %v. Free space or check who may write there.", t.Dir, err)}
	}
	return Check{"disk", Green, t.Dir}
}

func (t *Till) checkSettings() Check {
	if t.broken.settings != nil {
		return Check{"settings", Red, t.broken.settings.Error()}
	}
	for _, w := range t.Warnings {
		if strings.HasPrefix(fault.CodeOf(w), "settings.") {
			return Check{"settings", Amber, w.Error()}
		}
	}
	return Check{"settings", Green, t.file(settings.FileName)}
}

func (t *Till) checkLedger(ctx context.Context) Check {
	if t.broken.ledger != nil {
		return Check{"ledger", Red, t.broken.ledger.Error()}
	}
	if t.Ledger == nil {
		return Check{"ledger", Amber, "No sale has been made in this folder yet."}
	}
	found, err := t.Ledger.Verify(ctx)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%d things are broken; `cashierctl verify` lists them", len(found))
	}
	return check("ledger", err, filepath.Join(t.Dir, "ledger.db"))
}

// staleAfter is when prices are worth a remark.
const staleAfter = 24 * time.Hour

func (t *Till) checkPrices() Check {
	if t.broken.catalog != nil {
		return Check{"prices", Red, t.broken.catalog.Error()}
	}
	at, n := t.Catalog.SyncedAt(), t.Catalog.Index().Len()
	switch {
	case at.IsZero():
		return Check{"prices", Red, "The prices have never been read from HQ: run `cashierctl sync`."}
	case t.age(at) > staleAfter, t.age(at) < 0:
		return Check{"prices", Amber, fmt.Sprintf("The prices of %d products are from %s.", n, at.In(t.Zone).Format(time.DateTime))}
	}
	if d, held := t.Catalog.Held(); held {
		return Check{"prices", Amber, fmt.Sprintf("%d products, %s. HQ's list of %s is held: it would remove %d. Look at the shop at HQ; `cashierctl sync --full` accepts it.",
			n, at.In(t.Zone).Format(time.DateTime), d.At.In(t.Zone).Format(time.DateTime), d.Removed)}
	}
	if aside := len(t.Catalog.SetAside()); aside > 0 {
		return Check{"prices", Amber, fmt.Sprintf("%d products, %s; %d of HQ's were set aside: `cashierctl sync held` says why.", n, at.In(t.Zone).Format(time.DateTime), aside)}
	}
	return Check{"prices", Green, fmt.Sprintf("%d products, %s", n, at.In(t.Zone).Format(time.DateTime))}
}

func (t *Till) checkVault() Check {
	if t.noVault != nil {
		return Check{"vault", Red, t.noVault.Error()}
	}
	return Check{"vault", Green, t.vault.Where()}
}

func (t *Till) checkScanner() Check {
	port := t.Settings.Get("scanner.port")
	if port == "" {
		ports, err := serialport.List()
		if err != nil || len(ports) == 0 {
			return Check{"scanner", Amber, "No scanner is set up and no serial port was found; codes can still be typed."}
		}
		return Check{"scanner", Amber, fmt.Sprintf("No scanner is set up (scanner.port); %d serial ports are there.", len(ports))}
	}
	if _, err := os.Stat(port); err != nil && os.PathSeparator == '/' {
		return Check{"scanner", Red, fmt.Sprintf("The scanner's port %s is not there: plug the scanner in, or set scanner.port.", port)}
	}
	return Check{"scanner", Green, port}
}
