package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cashier/app"
	"cashier/app/demo"
	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/assets/demoshop"
)

var goals = []string{"P1", "P2", "P3", "P4", "P5", "P7", "P8"}

// Goals are what can be measured, by number.
func Goals() []string { return slices.Clone(goals) }

// Known reports whether a goal is one of them.
func Known(goal string) bool { return slices.Contains(goals, goal) }

// Params of Run. Products and Now are required.
type Params struct {
	Products []int    // sizes of shop, each measured by itself
	Only     []string // of Goals; none means all
	Seed     uint64   // of the shops and of what is picked from them
	Program  string   // the window's program; "" leaves out what needs a window
	Profiles string   // folder for processor profiles of the window; "" takes none
	Now      func() time.Time
	Progress io.Writer // told what is being measured; nil: nobody

	effort effort
}

// effort is how often things are done.
type effort struct {
	scans, keystrokes, likes int // in this process
	starts, painted, wheels  int // in a window
	classes                  int
	settle, idle, likesFor   time.Duration
	pictures                 int
}

var full = effort{
	scans: 20_000, keystrokes: 4_000, likes: 300, starts: 5, painted: 200, wheels: 200, classes: 46,
	settle: 3 * time.Second, idle: 20 * time.Second, likesFor: 10 * time.Second, pictures: 10_000,
}

// Report is what a run has measured.
type Report struct {
	Date    time.Time `json:"date"`
	Machine Machine   `json:"machine"`
	Seed    uint64    `json:"seed"`
	Figures []Figure  `json:"figures"`
	LeftOut []string  `json:"leftOut,omitempty"` // what was not measured, and why
}

// Run measures. It leaves nothing behind.
func Run(ctx context.Context, p Params) (Report, error) {
	if len(p.Products) == 0 || p.Now == nil {
		return Report{}, errors.New("bench: Products and Now are required")
	}
	for _, goal := range p.Only {
		if !Known(goal) {
			return Report{}, fmt.Errorf("bench: there is no goal %s", goal)
		}
	}
	if p.Progress == nil {
		p.Progress = io.Discard
	}
	if p.effort == (effort{}) {
		p.effort = full
	}
	r := &run{p: p, report: Report{Date: p.Now(), Machine: thisMachine(), Seed: p.Seed}}
	r.windows = r.canOpenWindows()
	for _, n := range p.Products {
		if err := r.size(ctx, n); err != nil {
			return r.report, fmt.Errorf("with %s products: %w", thousands(n), err)
		}
	}
	return r.report, nil
}

// run is one run; what follows n is of the size under way.
type run struct {
	p       Params
	report  Report
	windows bool

	n       int
	dir     string // of this size: shop/ and till/
	servers *demo.Servers
	till    *app.Till
}

// passphrase opens the vault of a till that holds no secret worth keeping.
const passphrase = "bench"

// cheapVault is the least cost of a vault file: a till at work has a keyring
// and derives no key from a passphrase when it starts.
const cheapVault = 10

func (r *run) wants(goal string) bool {
	return len(r.p.Only) == 0 || slices.Contains(r.p.Only, goal)
}

func (r *run) says(what string) {
	fmt.Fprintf(r.p.Progress, "%s products: %s\n", thousands(r.n), what)
}

func (r *run) found(f Figure, how limit, goal float64) {
	f.Products = r.n
	r.report.Figures = append(r.report.Figures, f.judged(how, goal))
}

// leftOut says once what was not measured, and why.
func (r *run) leftOut(what string) {
	if !slices.Contains(r.report.LeftOut, what) {
		r.report.LeftOut = append(r.report.LeftOut, what)
	}
}

// size measures a shop of n products. Its goals come in the order in which they
// can be measured: the prices have to be there first.
func (r *run) size(ctx context.Context, n int) (err error) {
	r.n = n
	if r.dir, err = os.MkdirTemp("", "cashier-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.open(ctx); err != nil {
		return err
	}
	defer r.close()
	if err := r.sync(ctx); err != nil {
		return err
	}
	if r.wants("P1") {
		if err := r.scan(); err != nil {
			return err
		}
	}
	if r.wants("P2") {
		if err := r.search(ctx); err != nil {
			return err
		}
	}
	r.till.Close() // the window's program opens the folder next
	r.till = nil
	if r.windows {
		return r.window(ctx)
	}
	return nil
}

func (r *run) open(ctx context.Context) error {
	r.says("making the shop")
	shop := filepath.Join(r.dir, "shop")
	if err := demoshop.Generate(shop, r.n, min(r.n, r.p.effort.pictures), r.p.Seed); err != nil {
		return err
	}
	var err error
	if r.servers, err = demo.Start(ctx, demo.Params{Shop: os.DirFS(shop)}); err != nil {
		return err
	}
	if err := r.setUp(); err != nil {
		r.close()
		return err
	}
	if r.till, err = app.Open(ctx, r.params()); err != nil {
		r.close()
		return err
	}
	return nil
}

func (r *run) params() app.Params {
	return app.Params{Dir: r.tillDir(), Program: "cashierctl", Passphrase: passphrase, VaultCost: cheapVault}
}

func (r *run) tillDir() string { return filepath.Join(r.dir, "till") }

// setUp writes the settings and secrets that the window's program reads too.
func (r *run) setUp() error {
	if err := os.MkdirAll(r.tillDir(), 0o700); err != nil {
		return err
	}
	s, _, err := settings.Load(r.tillDir())
	if err != nil {
		return err
	}
	e := r.servers.Endpoints()
	for _, kv := range [][2]string{
		{"hq.url", e.HQ}, {"hq.tenant", e.Tenant}, {"hq.login", e.Login}, {"hq.shop_id", fmt.Sprint(e.ShopID)},
		{"liantuofu.url", e.Liantuofu}, {"liantuofu.app_id", e.AppID}, {"liantuofu.merchant_code", e.MerchantCode},
	} {
		if err := s.Set(kv[0], kv[1]); err != nil {
			return err
		}
	}
	v, err := vault.OpenAt(r.tillDir(), passphrase, cheapVault)
	if err != nil {
		return err
	}
	return errors.Join(v.Set("hq.password", e.Password), v.Set("liantuofu.key", e.Key))
}

func (r *run) close() {
	if r.till != nil {
		r.till.Close()
		r.till = nil
	}
	_ = r.servers.Close() // it keeps no state
}
