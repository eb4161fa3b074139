package app

import (
	"context"
	"log/slog"
	"os/user"
	"sync"
	"time"
	_ "time/tzdata" // Windows tills have no zone database

	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/pictures"
	"cashier/services/pricing"
	"cashier/services/redeem"
	"cashier/services/scancode"
	"cashier/services/zvcms"
)

// Params of a Till.
type Params struct {
	Dir        string // data folder; made if missing
	Program    string // cashier or cashierctl
	Passphrase string // opens the encrypted vault; "" for the keyring
	Settings   map[string]string
	Secrets    map[string]string // for this process only, before the vault
	Timers     checkout.Timers
	Hook       func(point string)   // crash tests only
	Now        func() time.Time     // the wall clock; nil: the machine's. Waits do not follow it
	Uptime     func() time.Duration // of the machine; nil: as it says
	VaultCost  int                  // of a vault file written anew; 0: vault.DefaultCost
	OnUpdate   func(checkout.Update)
	StockLater bool // what HQ said of the stock is left to Catalog.ReadStock
}

// Till is a running till: every room open and tied to the others.
type Till struct {
	Dir      string
	Settings *settings.Settings
	Ledger   *localdb.Ledger
	Catalog  *catalog.Catalog
	Desk     *checkout.Desk
	Redeem   *redeem.Service
	Pictures *pictures.Service
	Codes    *scancode.Reader
	Staff    *access.Service // nil where the books of a folder were only to be read and are missing
	Log      *slog.Logger
	Zone     *time.Location
	Devices  *Devices // nil unless this is the program that has the counter

	// Warnings are what a start could mend or do without, for a person to know.
	Warnings []error

	p       Params
	vault   *vault.Vault
	noVault error // why there is no vault, or why its key is not that of the ledger
	sealer  *vault.Sealer
	hq      *hq.Client
	hqErr   error
	pay     *liantuofu.Client
	payErr  error

	member    *zvcms.Client
	memberErr error

	broken broken // of Examine only
	paying payments

	mu      sync.Mutex
	batches *pricing.Batches // made when first asked for
	closers []func() error
	closed  bool
	who     string // the number of who has signed in, "" for nobody
}

// Open takes the data folder for this process and opens everything in it.
// Nothing may be sold before Recover. On an error nothing stays open.
func Open(ctx context.Context, p Params) (t *Till, err error) {
	t = &Till{Dir: p.Dir, p: p}
	defer func() {
		if err != nil {
			t.Close()
			t = nil
		}
	}()
	if err := t.openFolder(); err != nil {
		return t, err
	}
	release, err := lock(p.Dir, holderOf(p))
	if err != nil {
		return t, err
	}
	t.onClose(func() error { release(); return nil })
	if err := t.openSettings(settings.Load); err != nil {
		return t, err
	}
	log, closeLog := openLog(t.Dir)
	t.Log = log
	t.onClose(closeLog)
	if err := t.openLedger(ctx); err != nil {
		return t, err
	}
	t.warn(t.takeNotes(ctx))
	if t.openVault(); t.noVault == nil {
		t.sealer, t.noVault = t.takeKey(ctx)
	}
	if err := t.openStaff(ctx); err != nil {
		return t, err
	}
	t.openGateways()
	db, err := localdb.OpenCatalog(ctx, localdb.CatalogParams{Path: t.file("catalog.db"), Now: t.now, Warn: t.warn})
	if err != nil {
		return t, err
	}
	t.onClose(db.Shut)
	if err := t.openCatalog(ctx, db, true); err != nil {
		return t, err
	}
	if err := t.openDesk(); err != nil {
		return t, err
	}
	if t.Pictures, err = t.openPictures(); err != nil {
		return t, err
	}
	if p.Program == "cashier" { // cashierctl sells beside no counter
		err = t.openDevices(ctx)
	}
	return t, err
}

// openGateways makes the clients that are set up. One that is not is no error:
// its absence is said when it is used, and by doctor.
func (t *Till) openGateways() {
	s := t.Settings
	t.hq, t.hqErr = hq.New(hq.Params{
		BaseURL: s.Get("hq.url"), Tenant: s.Get("hq.tenant"), Login: s.Get("hq.login"),
		Password: t.hqPassword(), OpenID: s.Get("hq.openid"), App: s.Get("hq.app"),
		ShopID: s.Int("hq.shop_id"), ZeroBasedPages: s.Int("hq.page_base") == 0 && s.Get("hq.page_base") != "",
		Routes: s.Routes(), QuantityName: s.Get("hq.upload_quantity"), Headers: t.fixedHeader(), AllowInsecure: s.Bool("hq.allow_insecure"), Zone: t.Zone,
		PictureOrigins: t.pictureHosts(),
	})
	if s.Get("hq.url") == "" {
		t.hq, t.hqErr = nil, fault.New(fault.Invalid, "hq.not_set_up", "HQ is not set up: set hq.url, hq.tenant, hq.login, hq.shop_id and the secret hq.password.")
	}
	t.pay, t.payErr = liantuofu.New(liantuofu.Params{
		BaseURL: s.Get("liantuofu.url"), AppID: s.Get("liantuofu.app_id"), MerchantCode: s.Get("liantuofu.merchant_code"),
		Key: t.secret("liantuofu.key"), EmployeeID: s.Get("liantuofu.employee_id"), ConsumeSource: s.Get("liantuofu.consume_source"),
		AllowInsecure: s.Bool("liantuofu.allow_insecure"), Zone: t.Zone,
	})
	if s.Get("liantuofu.app_id") == "" {
		t.pay, t.payErr = nil, checkout.NotSetUp(checkout.ClassCode)
	}
	t.openMembers()
	for _, insecure := range []struct {
		name string
		on   bool
	}{
		{"HQ", t.hq != nil && t.hq.Insecure()}, {"Liantuofu", t.pay != nil && t.pay.Insecure()},
		{"zvcms", t.member != nil && t.member.Insecure()},
	} {
		if insecure.on {
			t.warn(fault.New(fault.Invalid, "gateway.insecure", "{name} is reached without encryption (allow_insecure); anyone on the way can read and change what is sent.", "name", insecure.name))
		}
	}
}

// hqPassword is nil where a fixed header alone proves who we are.
func (t *Till) hqPassword() func() (string, error) {
	if t.Settings.Get("hq.login") == "" && t.Settings.Get("hq.header_name") != "" {
		return nil
	}
	return t.secret("hq.password")
}

// fixedHeader is what proves to HQ who we are beside the session, or instead of
// it, where HQ wants that.
func (t *Till) fixedHeader() map[string]string {
	name := t.Settings.Get("hq.header_name")
	if name == "" {
		return nil
	}
	value, err := t.secret("hq.header_value")()
	if err != nil {
		t.warn(err)
		return nil
	}
	return map[string]string{name: value}
}

func (t *Till) openMembers() {
	s := t.Settings
	t.member, t.memberErr = zvcms.New(zvcms.Params{
		BaseURL: s.Get("zvcms.url"), OpenID: s.Get("zvcms.open_id"), GrantCode: s.Get("zvcms.grant_code"),
		Key: t.secret("zvcms.open_key"), ShopCode: s.Get("zvcms.shop_code"), Version: s.Get("zvcms.version"),
		UpperNames: s.Get("zvcms.name_case") == "upper", ReverseAction: s.Get("zvcms.reverse_action"),
		OperatorID: s.Int("zvcms.operator_id"), OperatorName: s.Get("zvcms.operator_name"),
		AllowInsecure: s.Bool("zvcms.allow_insecure"),
	})
	if s.Get("zvcms.open_id") == "" {
		t.member, t.memberErr = nil, checkout.NotSetUp(checkout.ClassMember)
	}
}

// secret reads a secret when it is needed; it is kept nowhere else.
func (t *Till) secret(name string) func() (string, error) {
	return func() (string, error) {
		if v, ok := t.p.Secrets[name]; ok {
			return v, nil
		}
		if t.vault == nil {
			return "", t.noVault
		}
		return t.vault.Get(name)
	}
}

// openCatalog opens the catalogue on its cache; writing, with the price history.
func (t *Till) openCatalog(ctx context.Context, db catalog.Store, writing bool) (err error) {
	p := catalog.Params{
		Store: db, Source: noSource{t.hqErr}, PageSize: int(t.Settings.Int("hq.page_size")), Now: t.now, Hold: t.holdRules(),
		Warn: func(err error) { t.Log.Warn("the price history is behind", "err", err) }, StockLater: t.p.StockLater,
	}
	if t.hq != nil {
		s := source{t.hq, t.Settings.Int("hq.shop_id")}
		p.Source, p.Stock = s, s
	}
	if writing {
		p.History = t.Ledger
	}
	if t.Catalog, err = catalog.Open(ctx, p); err != nil {
		return err
	}
	t.Codes, err = scancode.New(scancode.Params{
		Goods: goods{t.Catalog}, Patterns: patterns(t.Settings.Get("timescard.prefixes")),
		PayScreenOnly: !t.Settings.Bool("sale.pay_on_scan"), Badges: t.badgePrefix(),
	})
	return err
}

func (t *Till) openDesk() error {
	p := checkout.Params{
		Store: t.Ledger, Secrets: noSecrets{}, Scheduler: newScheduler(t.now), Timers: t.p.Timers, Till: t.Ledger.Till(),
		Zone: t.Zone, NewID: func() string { return newIDAt(t.now()) }, Program: t.p.Program, Log: t.Log, OnUpdate: t.updated,
	}
	if t.p.Timers.ManualAfter == 0 {
		p.Timers = checkout.DefaultTimers()
	}
	var cards checkout.CardGateway
	if t.sealer != nil {
		p.Secrets = t.sealer
		if t.pay != nil {
			pay := gateway{t.pay, t.Settings.Get("liantuofu.qr_channel")}
			p.Codes, p.Cards, cards = onceReconciled{pay, t.Unreconciled}, pay, pay
		}
		if t.member != nil {
			p.Members = memberGateway{t.member}
		}
	}
	var err error
	if t.Desk, err = checkout.New(p); err != nil {
		return err
	}
	t.onClose(func() error { t.Desk.Close(); return nil })
	t.Redeem, err = redeem.New(redeem.Params{Cards: cards, Desk: t.Desk, Today: func() time.Time { return t.now().In(t.Zone) }})
	return err
}

// noSecrets stands where there is no vault. Without one no gateway is tied to
// the desk, so it is never asked for more than a refusal.
type noSecrets struct{}

func (noSecrets) Digest(string) string { return "" }
func (noSecrets) Seal(string) (string, error) {
	return "", fault.New(fault.Credentials, "vault.none", "There is no vault to keep this in.")
}
func (noSecrets) Unseal(string) (string, error) { return noSecrets{}.Seal("") }

// MachineActor is the machine's user, acting as owner through a program.
func MachineActor(program string) access.Actor {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return access.MachineOwner(name, program)
}

// Vault is where secrets are kept, or why there is no such place.
func (t *Till) Vault() (*vault.Vault, error) {
	if t.vault == nil {
		return nil, t.noVault
	}
	return t.vault, nil
}

// PayError is why payment codes and cards cannot be taken, nil where this till
// has everything they need.
func (t *Till) PayError() error {
	if t.payErr != nil {
		return t.payErr
	}
	if t.noVault != nil {
		return t.noVault
	}
	if _, err := t.secret("liantuofu.key")(); err != nil {
		return err
	}
	return t.Unreconciled(context.Background())
}

// MemberError is why nothing can be taken from members' accounts, nil where
// this till has everything that needs.
func (t *Till) MemberError() error {
	if t.memberErr != nil {
		return t.memberErr
	}
	if t.noVault != nil {
		return t.noVault
	}
	_, err := t.secret("zvcms.open_key")()
	return err
}

// Close closes everything in the reverse order of opening.
func (t *Till) Close() {
	t.mu.Lock()
	closers := t.closers
	t.closers, t.closed = nil, true
	t.mu.Unlock()
	for i := len(closers) - 1; i >= 0; i-- {
		if err := closers[i](); err != nil && t.Log != nil {
			t.Log.Error("closing", "err", err)
		}
	}
}

// onClose reports false where the till is closed already.
func (t *Till) onClose(f func() error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closers = append(t.closers, f)
	return !t.closed
}

func (t *Till) warn(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Warnings = append(t.Warnings, err)
}
