package window

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"cashier/app"
	"cashier/app/settings"
	"cashier/assets"
	"cashier/hardware/serialport"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/wire"
	"cashier/ui"
	page "cashier/ui/settings"
	"cashier/ui/start"
)

// setup is what the settings page and the guide are given; nil in a benchmark
// and while a script plays.
func (r *rig) setup() *ui.Setup {
	if r.p.Measure != "" || r.p.Script != "" {
		return nil
	}
	d := setupDesk{r: r, t: r.till}
	s := &ui.Setup{
		Services: page.Services{Store: d, Doctor: d, Card: d, Ports: d, Backups: backupDesk{d}, Staff: peopleDesk{d}, About: r.about()},
		Staff:    guideStaff{peopleDesk{d}}, Guide: guideDesk{d}, Apply: r.apply, Restore: r.restore, Unlock: d.Unlock,
	}
	v := r.till.VaultState()
	s.Locked = v.File && v.NeedsPassphrase()
	if r.p.Demo {
		s.Guide = nil
	}
	return s
}

// firstPlace is where a window begins: at the guide until a till can sell.
func (r *rig) firstPlace() string {
	if r.p.Demo || r.p.Measure != "" {
		return ""
	}
	step := start.Step(r.till.Settings.Get("guide.step"))
	switch {
	case step == start.Done:
		return ""
	case step == "" && (r.till.Settings.Get("hq.url") != "" || r.till.Catalog.Index().Len() > 0):
		return "" // it was set up otherwise
	}
	return "guide/" + string(cmp.Or(step, start.AtHQ))
}

// behind are the secrets, each with the setting it is shown behind.
var behind = map[string]string{"hq.login": "hq.password", "hq.header_name": "hq.header_value", "liantuofu.merchant_code": "liantuofu.key", "zvcms.open_id": "zvcms.open_key"}

var kinds = map[settings.Kind]page.Kind{
	settings.Text: page.Text, settings.URL: page.Address, settings.Int: page.Whole, settings.Bool: page.Switch, settings.Choice: page.Choice,
	settings.Word: page.Word, settings.Zone: page.Zone, settings.Digits: page.Digits, settings.Factor: page.Factor,
}

// fields are the settings and secrets as the page shows them.
func (r *rig) fields() (fields []page.Field) {
	for _, k := range settings.Keys() {
		if k.Section == "" {
			continue
		}
		f := page.Field{
			Key: k.Name, Section: page.Section(k.Section), Group: k.Group(), Kind: kinds[k.Kind], Default: k.Default, Choices: k.Choices,
			Suggest: k.Suggest, Min: k.Min, Max: k.Max, Fine: k.Fine, AtOnce: k.AtOnce,
		}
		fields = append(fields, f)
		if secret := behind[k.Name]; secret != "" {
			fields = append(fields, page.Field{Key: secret, Section: f.Section, Group: f.Group, Kind: page.Secret, Fine: f.Fine})
		}
	}
	return fields
}

// setupDesk ties the page to one opening of the till.
type setupDesk struct {
	r *rig
	t *app.Till
}

func (d setupDesk) Fields() []page.Field { return d.r.fields() }

func (d setupDesk) State(context.Context) page.State {
	s := page.State{Values: map[string]string{}, Fixed: map[string]bool{}}
	for _, kv := range d.t.Settings.All() {
		s.Values[kv[0]], s.Fixed[kv[0]] = kv[1], d.t.Settings.Overridden(kv[0])
	}
	for key, given := range map[string]bool{"look.lang": d.r.p.Lang != "", "look.scale": d.r.p.Scale != 0, "scanner.port": d.r.p.Scanner != ""} {
		s.Fixed[key] = s.Fixed[key] || given
	}
	v := d.t.VaultState()
	s.Secrets, _ = d.t.SecretsSet() // why it is not known is said by the vault
	s.Vault = page.Vault{Where: v.Where, Err: v.Err, Passphrase: v.NeedsPassphrase(), New: !v.File}
	for _, w := range d.t.Warnings {
		if strings.HasPrefix(fault.CodeOf(w), "settings.") {
			s.Warnings = append(s.Warnings, w)
		}
	}
	return s
}

func (d setupDesk) Check(key, value string) error {
	_, err := settings.Check(key, value)
	return err
}

func (d setupDesk) Save(ctx context.Context, by access.Actor, c page.Changes) error {
	return d.t.Change(ctx, by, app.Changes(c))
}

func (d setupDesk) Unlock(_ context.Context, passphrase string) error {
	if err := d.t.CheckPassphrase(passphrase); err != nil {
		return err
	}
	d.r.again.mu.Lock()
	defer d.r.again.mu.Unlock()
	d.r.again.passphrase = passphrase
	return nil
}

func (d setupDesk) Try(ctx context.Context, service string, c page.Changes) (page.Finding, error) {
	check, err := d.t.TryService(ctx, service, app.Changes(c))
	return finding(check), err
}

func (d setupDesk) Look(ctx context.Context) (found []page.Finding) {
	for _, c := range d.t.Doctor(ctx) {
		found = append(found, finding(c))
	}
	return found
}

func finding(c app.Check) page.Finding {
	return page.Finding{Name: c.Name, Light: page.Light(c.State), Reason: c.Reason, Err: c.Err}
}

// Bundle writes the zip where a person finds it: on the desktop where there is
// one, else in the data folder.
func (d setupDesk) Bundle(ctx context.Context) (string, error) {
	dir := d.t.Dir
	if home, err := os.UserHomeDir(); err == nil {
		if info, err := os.Stat(filepath.Join(home, "Desktop")); err == nil && info.IsDir() {
			dir = filepath.Join(home, "Desktop")
		}
	}
	to := filepath.Join(dir, d.t.DiagnosisName())
	return to, d.t.DiagnoseTo(ctx, to)
}

func (d setupDesk) Load(ctx context.Context) (page.MemberCard, error) {
	client, err := d.t.HQ()
	if err != nil {
		return page.MemberCard{}, err
	}
	card, err := client.MemberCardPage(ctx)
	if err != nil {
		return page.MemberCard{}, err
	}
	a, err := client.AppConfig(ctx)
	return page.MemberCard{
		AppID: a.AppID, HasSecret: a.HasSecret, Logo: string(card.LogoURL), Background: string(card.BackgroundURL),
		Phone: string(card.Phone), Prerogative: string(card.Prerogative), Description: string(card.Description),
	}, err
}

// SavePage changes the page as HQ has it now: it has an id of HQ's own.
func (d setupDesk) SavePage(ctx context.Context, by access.Actor, c page.MemberCard) error {
	client, err := d.t.HQ()
	if err != nil {
		return err
	}
	had, err := client.MemberCardPage(ctx)
	if err != nil {
		return err
	}
	return d.t.SaveMemberCardPage(ctx, by, hq.MemberCardPage{
		ID: had.ID, LogoURL: wire.Text(c.Logo), BackgroundURL: wire.Text(c.Background), Phone: wire.Text(c.Phone),
		Prerogative: wire.Text(c.Prerogative), Description: wire.Text(c.Description),
	})
}

func (d setupDesk) SaveApp(ctx context.Context, by access.Actor, id, secret string) error {
	return d.t.SaveAppConfig(ctx, by, id, secret)
}

func (d setupDesk) Picture(ctx context.Context, ref string) (image.Image, error) {
	return d.t.Pictures.Fetch(ctx, ref)
}

func (d setupDesk) Ports(context.Context) (ports []page.Port, err error) {
	found, err := serialport.List()
	for _, p := range found {
		ports = append(ports, page.Port{Name: p.Best(), Label: p.Label})
	}
	return ports, err
}

// backupDesk is the backups' part of it.
type backupDesk struct{ setupDesk }

func (d backupDesk) List(context.Context) (list []page.Backup, err error) {
	all, err := d.t.Backups()
	for _, b := range all {
		list = append(list, page.Backup{File: b.Path, At: b.At, Size: b.Size})
	}
	return list, err
}

func (d backupDesk) Make(ctx context.Context, by access.Actor) (page.Backup, error) {
	if err := by.Demand(access.Setup); err != nil {
		return page.Backup{}, err
	}
	b, err := d.t.Backup(ctx, "")
	return page.Backup{File: b.Path, At: b.At, Size: b.Size}, err
}

// guideDesk ties the guide to one opening of the till.
type guideDesk struct{ setupDesk }

func (d guideDesk) Standing(ctx context.Context) start.Standing {
	state, s := d.State(ctx), d.t.Settings
	standing := start.Standing{
		HQ:       start.HQ{URL: s.Get("hq.url"), Tenant: s.Get("hq.tenant"), Login: s.Get("hq.login")},
		Password: state.Secrets["hq.password"], ShopID: s.Int("hq.shop_id"), ShopName: s.Get("shop.name"), Scanner: s.Get("scanner.port"),
		Passphrase: state.Vault.Passphrase, New: state.Vault.New,
	}
	if !standing.Passphrase {
		standing.Vault = state.Vault.Err
	}
	return standing
}

// boxes are the settings behind the guide's boxes.
var boxes = map[string]string{"url": "hq.url", "tenant": "hq.tenant", "login": "hq.login", "shop": "hq.shop_id", "name": "shop.name", "port": "scanner.port"}

func (d guideDesk) Check(box, value string) error {
	if key := boxes[box]; key != "" {
		return d.setupDesk.Check(key, value)
	}
	return nil
}

func (d guideDesk) Reached(_ context.Context, s start.Step) error {
	return d.t.Settings.Set("guide.step", string(s))
}

// Demo starts this program once more, as a demo with a folder of its own.
func (d guideDesk) Demo(context.Context) error {
	self, err := os.Executable()
	if err == nil {
		cmd := exec.Command(self, "--demo", "--lang", d.r.lang()) //nolint:noctx // this program itself; it outlives the click
		if err = cmd.Start(); err == nil {
			go func() { _ = cmd.Wait() }() // how it ends is its own affair
			return nil
		}
	}
	return fault.Wrap(err, fault.Internal, "setup.demo", "The demo shop could not be opened: {why}. Run cashier --demo in a terminal.", "why", err.Error())
}

func (d guideDesk) Login(ctx context.Context, by access.Actor, h start.HQ) error {
	c := app.Changes{Settings: map[string]string{"hq.url": h.URL, "hq.tenant": h.Tenant, "hq.login": h.Login}, Secrets: map[string]string{}}
	if h.Password != "" {
		c.Secrets["hq.password"] = h.Password
	}
	if err := d.t.TryLogin(ctx, c); err != nil {
		return err
	}
	return d.t.Change(ctx, by, c)
}

func (d guideDesk) Shops(ctx context.Context) (shops []start.Shop, err error) {
	found, err := d.t.HQShops(ctx, app.Changes{})
	for _, s := range found {
		shops = append(shops, start.Shop(s))
	}
	return shops, err
}

func (d guideDesk) Choose(ctx context.Context, by access.Actor, id int64, name string) (start.Shop, error) {
	c := app.Changes{Settings: map[string]string{"hq.shop_id": strconv.FormatInt(id, 10)}}
	found, err := d.t.HQShop(ctx, c)
	if err != nil {
		return start.Shop{}, err
	}
	found.Name = cmp.Or(name, found.Name)
	c.Settings["shop.name"] = found.Name
	return start.Shop(found), d.t.Change(ctx, by, c)
}

func (d guideDesk) Ports(ctx context.Context) (ports []start.Port, err error) {
	found, err := d.setupDesk.Ports(ctx)
	for _, p := range found {
		ports = append(ports, start.Port(p))
	}
	return ports, err
}

func (d guideDesk) Scanner(ctx context.Context, by access.Actor, port string) error {
	return d.t.Change(ctx, by, app.Changes{Settings: map[string]string{"scanner.port": port}})
}

// lang is the language in force.
func (r *rig) lang() string { return cmp.Or(r.p.Lang, r.till.Settings.Get("look.lang")) }

// about says what this program is made of.
func (r *rig) about() page.About {
	a := page.About{Version: "–", Details: [][2]string{
		{"set.about.system", runtime.GOOS + " " + runtime.GOARCH}, {"set.about.folder", r.till.Dir}, {"set.about.till", r.till.Ledger.Till().ID},
	}}
	if info, ok := debug.ReadBuildInfo(); ok {
		a.Version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				a.Version += " " + s.Value[:min(12, len(s.Value))]
			}
		}
		var b strings.Builder
		for _, d := range info.Deps {
			fmt.Fprintf(&b, "%s  %s\n", d.Path, d.Version)
		}
		a.Licences = append(a.Licences, page.Licence{Name: "Go modules", Text: b.String()})
	}
	names, err := fs.Glob(assets.Licences, "licences/*.txt")
	if err != nil {
		return a
	}
	texts := map[string]string{}
	for _, name := range names {
		if raw, err := assets.Licences.ReadFile(name); err == nil {
			texts[strings.TrimSuffix(path.Base(name), ".txt")] = string(raw)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		a.Licences = append(a.Licences, page.Licence{Name: name, Text: texts[name]})
	}
	return a
}
