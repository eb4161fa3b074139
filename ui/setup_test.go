package ui_test

import (
	"context"
	"image"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/settings"
	guide "cashier/ui/start"
	"cashier/ui/text"
	"cashier/ui/widgets/form"
)

// till is a till to set up, in memory.
type till struct {
	mu       sync.Mutex
	values   map[string]string
	secrets  map[string]bool
	vault    settings.Vault
	warnings []error
	saved    []settings.Changes
	tried    []settings.Changes
	by       access.Actor
	found    settings.Finding
	card     settings.MemberCard
	cards    []settings.MemberCard
	refuse   error
	passes   []string
	backups  []settings.Backup
	made     int
	restored string
	applied  [][]string
	places   []string
	people   []settings.Person

	login   guide.HQ
	shops   []guide.Shop
	step    guide.Step
	scanner string
	demos   int
	logins  int
}

func newTill() *till {
	return &till{
		values:  map[string]string{"hq.url": "https://hq.example", "hq.tenant": "T", "hq.login": "owner", "hq.shop_id": "7", "look.theme": "light", "scanner.baud": "9600", "scanner.port": ""},
		secrets: map[string]bool{"hq.password": true}, vault: settings.Vault{Where: "the keyring"},
		card: settings.MemberCard{AppID: "wx1", HasSecret: true, Phone: "400", Prerogative: "会员价"},
	}
}

// has is a condition on what other goroutines change.
func (t *till) has(holds func() bool) func() bool {
	return func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return holds()
	}
}

func (t *till) Fields() []settings.Field {
	return []settings.Field{
		{Key: "hq.url", Section: settings.Gateways, Group: "hq", Kind: settings.Address},
		{Key: "hq.tenant", Section: settings.Gateways, Group: "hq", Kind: settings.Text},
		{Key: "hq.login", Section: settings.Gateways, Group: "hq", Kind: settings.Text},
		{Key: "hq.password", Section: settings.Gateways, Group: "hq", Kind: settings.Secret},
		{Key: "hq.shop_id", Section: settings.Gateways, Group: "hq", Kind: settings.Whole},
		{Key: "hq.page_size", Section: settings.Gateways, Group: "hq", Kind: settings.Whole, Fine: true, Default: "200"},
		{Key: "scanner.port", Section: settings.Devices, Group: "scanner", Kind: settings.Text},
		{Key: "scanner.baud", Section: settings.Devices, Group: "scanner", Kind: settings.Whole, Min: 300, Max: 4_000_000, Default: "9600"},
		{Key: "look.theme", Section: settings.Look, Group: "look", Kind: settings.Choice, Choices: []string{"light", "dark", "safe"}, Default: "light", AtOnce: true},
		{Key: "sale.pay_on_scan", Section: settings.Pay, Group: "sale", Kind: settings.Switch, Default: "true"},
		{Key: "shop.name", Section: settings.Shop, Group: "shop", Kind: settings.Text},
	}
}

func (t *till) State(context.Context) settings.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return settings.State{Values: maps.Clone(t.values), Secrets: maps.Clone(t.secrets), Vault: t.vault, Warnings: t.warnings}
}

func (t *till) Check(key, value string) error {
	whole := key == "hq.shop_id" || key == "scanner.baud" || key == "shop"
	if _, err := strconv.Atoi(value); whole && value != "" && err != nil {
		return fault.New(fault.Invalid, "settings.bad_value", "no")
	}
	if (key == "hq.url" || key == "url") && value != "" && !strings.HasPrefix(value, "http") {
		return fault.New(fault.Invalid, "settings.bad_value", "no")
	}
	return nil
}

func (t *till) Save(_ context.Context, by access.Actor, c settings.Changes) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refuse != nil {
		return t.refuse
	}
	t.by, t.saved = by, append(t.saved, c)
	maps.Copy(t.values, c.Settings)
	for k := range c.Secrets {
		t.secrets[k] = true
	}
	return nil
}

func (t *till) Unlock(_ context.Context, p string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passes = append(t.passes, p)
	if p != "open sesame" {
		return fault.New(fault.Credentials, "vault.wrong", "This passphrase does not open the vault.")
	}
	return nil
}

func (t *till) Try(_ context.Context, _ string, c settings.Changes) (settings.Finding, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried = append(t.tried, c)
	return t.found, nil
}

func (t *till) Look(context.Context) []settings.Finding {
	return []settings.Finding{{Name: "disk", Light: settings.Green}, {Name: "hq", Light: settings.Red, Err: fault.New(fault.Unreachable, "hq.not_set_up", "HQ is not set up.")}}
}

func (t *till) Bundle(context.Context) (string, error) { return "/tmp/bundle.zip", nil }

func (t *till) Load(context.Context) (settings.MemberCard, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.card, t.refuse
}

func (t *till) SavePage(_ context.Context, _ access.Actor, c settings.MemberCard) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.card, t.cards = c, append(t.cards, c)
	return nil
}

func (t *till) SaveApp(_ context.Context, _ access.Actor, id, secret string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.card.AppID = id + "/" + secret
	return nil
}

func (t *till) Picture(context.Context, string) (image.Image, error) { return nil, nil }

func (t *till) Ports(context.Context) ([]settings.Port, error) {
	return []settings.Port{{Name: "/dev/ttyUSB0", Label: "Scanner"}}, nil
}

// hires are the staff of a till in memory; nobody is changed there.
type hires struct {
	till *till
	settings.Staff
}

func (h hires) Add(_ context.Context, _ access.Actor, p settings.NewPerson) error {
	h.till.mu.Lock()
	defer h.till.mu.Unlock()
	h.till.people = append(h.till.people, settings.Person{ID: p.Name, Name: p.Name, Role: p.Role, HasPIN: true})
	return nil
}

func (h hires) List(context.Context) ([]settings.Person, error) {
	h.till.mu.Lock()
	defer h.till.mu.Unlock()
	return slices.Clone(h.till.people), nil
}

func (hires) LockedFor(string) time.Duration { return 0 }

type copies struct{ *till }

func (t copies) List(context.Context) ([]settings.Backup, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.backups), nil
}

func (t copies) Make(context.Context, access.Actor) (settings.Backup, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made++
	b := settings.Backup{File: "ledger-1.db", At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Size: 4096}
	t.backups = append(t.backups, b)
	return b, nil
}

type guided struct{ *till }

func (g guided) Standing(context.Context) guide.Standing {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, _ := strconv.ParseInt(g.values["hq.shop_id"], 10, 64)
	return guide.Standing{HQ: guide.HQ{URL: g.values["hq.url"], Tenant: g.values["hq.tenant"], Login: g.values["hq.login"]},
		Password: g.secrets["hq.password"], ShopID: id, ShopName: g.values["shop.name"], Scanner: g.scanner, Passphrase: g.vault.Passphrase, New: g.vault.New}
}

func (g guided) Reached(_ context.Context, s guide.Step) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.step = s
	return nil
}

func (g guided) Demo(context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.demos++
	return nil
}

func (g guided) Login(_ context.Context, _ access.Actor, h guide.HQ) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.logins++
	if h.Password == "wrong" {
		return fault.New(fault.Credentials, "hq.credentials", "HQ did not accept the login.", "service", "HQ")
	}
	g.login = h
	g.values["hq.url"], g.secrets["hq.password"] = h.URL, true
	return nil
}

func (g guided) Shops(context.Context) ([]guide.Shop, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shops, nil
}

func (g guided) Choose(_ context.Context, _ access.Actor, id int64, name string) (guide.Shop, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if id == 404 {
		return guide.Shop{}, fault.New(fault.Refused, "setup.empty_shop", "HQ knows no products of shop {id}.", "id", "404")
	}
	g.values["hq.shop_id"], g.values["shop.name"] = strconv.FormatInt(id, 10), name
	return guide.Shop{ID: id, Name: name}, nil
}

func (g guided) Ports(context.Context) ([]guide.Port, error) {
	return []guide.Port{{Name: "/dev/ttyUSB0"}}, nil
}

func (g guided) Scanner(_ context.Context, _ access.Actor, port string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.scanner = port
	return nil
}

type hired struct{ *till }

func (c hired) List(context.Context) (out []guide.Person, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.people {
		out = append(out, guide.Person{ID: p.ID, Name: p.Name, Role: p.Role})
	}
	return out, nil
}

func (c hired) Add(ctx context.Context, by access.Actor, p guide.NewPerson) error {
	return hires{till: c.till}.Add(ctx, by, settings.NewPerson(p))
}

// settable gives the shell a till to set up.
func settable(t *till, at string) change {
	return func(p *ui.Params, _ *rig) {
		p.At = at
		p.Setup = &ui.Setup{
			Services: settings.Services{Store: t, Doctor: t, Card: t, Ports: t, Backups: copies{t}, Staff: hires{till: t}, About: settings.About{Version: "1", Licences: []settings.Licence{{Name: "Noto", Text: "terms"}}}},
			Guide:    guided{t}, Staff: hired{t}, Unlock: t.Unlock,
			Apply:   func(keys []string, at string) { t.applied, t.places = append(t.applied, keys), append(t.places, at) },
			Restore: func(file string) { t.restored = file },
		}
	}
}

const settingsKey = fyne.KeyName("Control+,")

// wait runs what comes for the screen until something holds.
func (r *rig) wait(what string, holds func() bool) {
	r.t.Helper()
	limit := time.After(60 * time.Second)
	for !holds() {
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatalf("waited for %s; the screen is %v, the notice %q, the guide says %q", what, r.shell.Screen(), r.shell.Notice(), guideSaid(r))
		}
	}
	r.settle()
}

func guideSaid(r *rig) string {
	if r.shell.Guide() == nil {
		return ""
	}
	return r.shell.Guide().Said()
}

// section opens the settings at a section, by keys alone.
func (r *rig) section(s settings.Section) *settings.Panel {
	r.t.Helper()
	r.shell.Key(settingsKey)
	p := r.shell.Settings()
	r.wait("the settings", p.Loaded)
	for range 12 {
		if p.Section() == s {
			break
		}
		r.key(fyne.KeyDown)
	}
	if p.Section() != s {
		r.t.Fatalf("the keys do not lead to %s", s)
	}
	r.wait("the rows", func() bool { return len(p.Rows()) > 0 })
	return p
}

// to goes down to a row, by keys alone.
func (r *rig) to(row *form.Row, rows func() []*form.Row) {
	r.t.Helper()
	at := slices.Index(rows(), row)
	if at < 0 {
		r.t.Fatalf("there is no row %v", row)
	}
	for range at {
		r.key(fyne.KeyDown)
	}
}

func (r *rig) noted(row *form.Row, tone form.Tone, part string) {
	r.t.Helper()
	if got, words := row.Said(); got != tone || !strings.Contains(words, part) {
		r.t.Errorf("%s says %q (%v), want %q (%v)", row.Label(), words, got, part, tone)
	}
}

func TestAValueIsJudgedAsItIsTypedAndSavedOnlyWhenGood(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	p := r.section(settings.Gateways)
	r.key(fyne.KeyReturn)
	row := p.Row("hq.shop_id")
	r.to(row, p.Rows)
	r.types("x")
	r.noted(row, form.Invalid, "整数")
	r.key(fyne.KeyF12)
	r.settle()
	if len(on.saved) != 0 {
		t.Fatal("a value that is no good was saved")
	}
	r.key(fyne.KeyBackspace)
	r.types("8")
	r.noted(row, form.Plain, "重新打开")
	r.key(fyne.KeyF12)
	r.wait("the saving", func() bool { return len(on.applied) == 1 })
	if got := on.saved[0].Settings["hq.shop_id"]; got != "78" || len(on.saved[0].Settings) != 1 || on.by.Name != "林小雨" {
		t.Errorf("saved %v by %v", on.saved, on.by)
	}
	if !slices.Equal(on.applied[0], []string{"hq.shop_id"}) || on.places[0] != "settings/gateways" {
		t.Errorf("applied %v at %v", on.applied, on.places)
	}
	if !p.Changes().Empty() {
		t.Errorf("still changed: %v", p.Changes())
	}
}

func TestASecretIsEnteredMaskedAndNeverShown(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	p := r.section(settings.Gateways)
	r.key(fyne.KeyReturn)
	r.to(p.Row("hq.password"), p.Rows)
	r.key(fyne.KeyReturn)
	r.types("canary")
	for _, i := range inks(r.shell.Content(), fyne.Position{}, 0, 768) {
		if strings.Contains(i.text, "canary") {
			t.Errorf("%q is on the screen", i.text)
		}
	}
	// What is typed can be tried before it is kept.
	on.found = settings.Finding{Light: settings.Red, Err: fault.New(fault.Credentials, "hq.credentials", "no", "service", "HQ")}
	try := p.Row("try.hq")
	for range 2 { // over the shop's number
		r.key(fyne.KeyDown)
	}
	r.key(fyne.KeyReturn)
	r.wait("the test", func() bool { _, words := try.Said(); return strings.Contains(words, "不接受") })
	if on.tried[0].Secrets["hq.password"] != "canary" || len(on.saved) != 0 {
		t.Errorf("tried %v, saved %v", on.tried, on.saved)
	}
	r.key(fyne.KeyF12)
	r.wait("the saving", on.has(func() bool { return len(on.saved) == 1 }))
	if on.saved[0].Secrets["hq.password"] != "canary" {
		t.Errorf("saved %v", on.saved)
	}
}

func TestOnlyWhoMaySetUpOpensTheSettings(t *testing.T) {
	role := access.Cashier
	r := newRig(t, offers(), settable(newTill(), ""), func(p *ui.Params, _ *rig) {
		p.Actor = func() access.Actor { return access.Actor{ID: "2", Name: "小王", Role: role} }
	})
	r.shell.Key(settingsKey)
	r.settle()
	if r.shell.Screen() != ui.SaleScreen || r.shell.Notice() == "" {
		t.Errorf("a cashier is at %v, told %q", r.shell.Screen(), r.shell.Notice())
	}
	role = access.Manager
	r.section(settings.Shop)
	if r.shell.Screen() != ui.SettingsScreen {
		t.Errorf("a manager is at %v", r.shell.Screen())
	}
	r.key(fyne.KeyEscape)
	if r.shell.Screen() != ui.SaleScreen {
		t.Errorf("Escape leads to %v", r.shell.Screen())
	}
}

func TestNothingIsLostByLeaving(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	p := r.section(settings.Look)
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyRight)
	r.key(fyne.KeyEscape)
	r.key(fyne.KeyEscape)
	if r.shell.Sheet() == "" || r.shell.Screen() != ui.SettingsScreen {
		t.Fatal("it was left without a question")
	}
	r.types("2")
	if p.Changes().Settings["look.theme"] != "dark" {
		t.Errorf("lost: %v", p.Changes())
	}
	r.key(fyne.KeyEscape)
	r.types("1")
	if r.shell.Screen() != ui.SaleScreen || !p.Changes().Empty() {
		t.Errorf("at %v with %v", r.shell.Screen(), p.Changes())
	}
}

func TestAScanWhileSettingUpSellsNothing(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	r.section(settings.Devices)
	r.scans.f(ui.Scan{Code: "6901", Raw: []byte("6901")})
	if e := r.until(ui.EventTested); e.Text != "6901" {
		t.Errorf("%q", e.Text)
	}
	seen := ""
	for _, i := range inks(r.shell.Content(), fyne.Position{}, 0, 768) {
		seen += i.text + "\n"
	}
	if !strings.Contains(seen, "36 39 30 31") {
		t.Errorf("the bytes are not shown:\n%s", seen)
	}
	r.scans.f(ui.Scan{Code: code1, Raw: []byte(code1)})
	if e := r.until(ui.EventTested); strings.Contains(e.Text, code1) {
		t.Errorf("a payment code is shown: %q", e.Text)
	}
	r.total("0")
	if len(r.desk.started()) != 0 || r.shell.Screen() != ui.SettingsScreen {
		t.Errorf("%v was begun, at %v", r.desk.started(), r.shell.Screen())
	}
}

func TestADamagedSettingsFileIsSaidInTheWindow(t *testing.T) {
	on := newTill()
	aside := fault.New(fault.Invalid, "settings.set_aside", "It was kept as {file}.", "file", "settings.toml.1.bak")
	on.warnings = []error{aside}
	r := newRig(t, offers(), settable(on, ""), func(p *ui.Params, _ *rig) { p.Notices = []error{aside} })
	r.section(settings.Shop)
	seen := ""
	for _, i := range inks(r.shell.Content(), fyne.Position{}, 0, 768) {
		seen += i.text
	}
	if !strings.Contains(seen, "settings.toml.1.bak") {
		t.Errorf("not said:\n%s", seen)
	}
}

func TestTheMemberCardIsSavedWhole(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	p := r.section(settings.CardPage)
	r.wait("the card", func() bool { return p.Row("card.phone") != nil })
	r.key(fyne.KeyReturn)
	r.to(p.Row("card.phone"), p.Rows)
	r.types("8")
	r.key(fyne.KeyF12)
	r.wait("the saving", on.has(func() bool { return len(on.cards) == 1 }))
	if on.cards[0].Phone != "4008" || on.cards[0].Prerogative != "会员价" {
		t.Errorf("%+v", on.cards)
	}
}

func TestABackupIsMadeAndBroughtBackOnlyWhenAsked(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""))
	p := r.section(settings.Backing)
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyReturn)
	r.wait("the backup", func() bool { return len(p.Rows()) == 2 })
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	if r.shell.Sheet() == "" || on.restored != "" {
		t.Fatal("not asked first")
	}
	r.types("2")
	if on.restored != "" {
		t.Fatal("restored against the answer")
	}
	r.key(fyne.KeyReturn)
	r.types("1")
	if on.restored != "ledger-1.db" || on.made != 1 {
		t.Errorf("made %d, restored %q", on.made, on.restored)
	}
}

func TestTheVaultAsksForItsPassphrase(t *testing.T) {
	on := newTill()
	r := newRig(t, offers(), settable(on, ""), func(p *ui.Params, _ *rig) { p.Setup.Locked = true })
	if r.shell.Sheet() == "" {
		t.Fatal("not asked")
	}
	r.types("no")
	r.key(fyne.KeyReturn)
	r.wait("the refusal", on.has(func() bool { return len(on.passes) == 1 }))
	r.settle()
	if r.shell.Sheet() == "" || len(on.applied) != 0 {
		t.Fatal("a wrong passphrase was taken")
	}
	for range 2 {
		r.key(fyne.KeyBackspace)
	}
	r.types("open sesame")
	r.key(fyne.KeyReturn)
	r.wait("the opening", func() bool { return len(on.applied) == 1 })
	if r.shell.Sheet() != "" || on.applied[0] != nil {
		t.Errorf("%q stands, applied %v", r.shell.Sheet(), on.applied)
	}
}

// The whole guide with the keyboard alone.
func TestTheGuideLeadsANewTillToItsFirstSale(t *testing.T) {
	on := newTill()
	on.values, on.secrets = map[string]string{}, map[string]bool{}
	on.shops = []guide.Shop{{ID: 3, Name: "滨江店"}, {ID: 5, Name: "大学城店"}}
	r := newRig(t, nil, settable(on, "guide/hq"))
	g := r.shell.Guide()
	r.wait("the guide", g.Ready)
	r.types("hq.example")
	r.noted(g.Rows()[1], form.Invalid, "https://")
	for range len("hq.example") {
		r.key(fyne.KeyBackspace)
	}
	r.types("https://hq.example")
	r.key(fyne.KeyReturn)
	r.types("T")
	r.key(fyne.KeyReturn)
	r.types("owner")
	r.key(fyne.KeyReturn)
	r.types("wrong")
	r.key(fyne.KeyF12)
	r.wait("the refusal", func() bool { return g.Ready() && strings.Contains(g.Said(), "不接受登录") })
	if g.Step() != guide.AtHQ || on.values["hq.url"] != "" {
		t.Fatalf("went on to %s with %v", g.Step(), on.values)
	}
	for range len("wrong") {
		r.key(fyne.KeyBackspace)
	}
	r.types("right")
	r.key(fyne.KeyF12)
	r.wait("the shops", func() bool { return g.Step() == guide.AtShop && g.Ready() && len(g.Rows()) == 3 })
	if on.step != guide.AtShop || on.login.Password != "right" {
		t.Fatalf("at %s, logged in as %+v", on.step, on.login)
	}
	// Left and taken up again where it was.
	r.key(fyne.KeyEscape)
	if r.shell.Screen() != ui.SaleScreen {
		t.Fatalf("Escape leads to %v", r.shell.Screen())
	}
	r.key(fyne.KeyReturn)
	r.wait("the guide again", func() bool { return r.shell.Screen() == ui.GuideScreen && g.Ready() && len(g.Rows()) == 3 })
	r.key(fyne.KeyRight)
	r.key(fyne.KeyRight)
	r.key(fyne.KeyF12)
	r.wait("the shop", func() bool { return len(on.applied) == 1 })
	if on.values["hq.shop_id"] != "5" || on.values["shop.name"] != "大学城店" || on.places[0] != "guide/shop" {
		t.Fatalf("%v at %v", on.values, on.places)
	}

	// The window is opened anew there, with a shop to read from.
	r = newRig(t, nil, settable(on, "guide/shop"))
	r.shop.offers = offers()
	g = r.shell.Guide()
	r.wait("the guide", g.Ready)
	r.key(fyne.KeyF12)
	r.until(ui.EventSynced)
	r.key(fyne.KeyF12)
	r.wait("the devices", func() bool { return g.Step() == guide.AtDevices && g.Ready() })
	r.key(fyne.KeyF12)
	r.wait("the staff", func() bool { return g.Step() == guide.AtStaff && g.Ready() && len(g.Rows()) == 4 })
	r.types("周老板")
	r.key(fyne.KeyDown)
	r.types("1234")
	r.noted(g.Rows()[1], form.Invalid, "太容易")
	for range 4 {
		r.key(fyne.KeyBackspace)
	}
	r.types("4711")
	r.key(fyne.KeyDown)
	r.types("4712")
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	r.settle()
	if len(on.people) != 0 {
		t.Fatal("two different PINs were taken")
	}
	r.key(fyne.KeyUp)
	r.key(fyne.KeyBackspace)
	r.types("1")
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	r.wait("the owner", func() bool { return g.Ready() && strings.Contains(g.Said(), "周老板") })
	r.key(fyne.KeyF12)
	r.wait("the till", func() bool { return r.shell.Screen() == ui.SaleScreen })
	if on.step != guide.Done || on.people[0].Role != access.Owner {
		t.Errorf("at %q with %v", on.step, on.people)
	}
	r.scan("6901")
	r.total("3.50")
}

func TestTheGuideSaysWhatHQSaysOfAShop(t *testing.T) {
	on := newTill()
	on.values["hq.shop_id"] = ""
	r := newRig(t, nil, settable(on, "guide/shop"))
	g := r.shell.Guide()
	r.wait("the guide", g.Ready)
	r.types("404")
	r.key(fyne.KeyF12)
	r.wait("the refusal", func() bool { return strings.Contains(g.Said(), "404") })
	if len(on.applied) != 0 || g.Step() != guide.AtShop {
		t.Errorf("went on: %v, %s", on.applied, g.Step())
	}
}

func TestTheDemoIsOneKeyAway(t *testing.T) {
	on := newTill()
	r := newRig(t, nil, settable(on, "guide/hq"))
	r.wait("the guide", r.shell.Guide().Ready)
	r.key(fyne.KeyUp)
	r.key(fyne.KeyReturn)
	r.wait("the demo", on.has(func() bool { return on.demos == 1 }))
}

// Every section and step fits on the screens that tills have, in both languages.
func TestTheSettingsFit(t *testing.T) {
	for _, lang := range []string{text.Chinese, text.English} {
		words, err := text.Load(lang)
		must(t, err)
		for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1024, Height: 768}} {
			on := newTill()
			on.vault = settings.Vault{Err: fault.New(fault.Credentials, "vault.none", "no"), Passphrase: true, New: true}
			on.backups = []settings.Backup{{File: "a.db", At: time.Now(), Size: 1 << 22}}
			on.people = []settings.Person{{Name: "周老板", Role: access.Owner}}
			r := newRig(t, offers(), settable(on, ""), func(p *ui.Params, _ *rig) { p.Text = words })
			r.window.Resize(size)
			p := r.section(settings.Gateways)
			for range 10 {
				r.wait("the rows of "+string(p.Section()), func() bool { return len(p.Rows()) > 0 })
				r.wait("what is read", func() bool { return p.Section() != settings.CardPage || p.Row("card.phone") != nil })
				r.clear(lang+" "+string(p.Section()), size)
				r.key(fyne.KeyDown)
			}
			for _, s := range []guide.Step{guide.AtHQ, guide.AtShop, guide.AtDevices, guide.AtStaff} {
				on.vault = settings.Vault{}
				r := newRig(t, nil, settable(on, "guide/"+string(s)), func(p *ui.Params, _ *rig) { p.Text = words })
				r.window.Resize(size)
				r.wait("the guide", r.shell.Guide().Ready)
				r.settle()
				r.clear(lang+" guide "+string(s), size)
			}
		}
	}
}
