package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/scancode"
)

// Changes are settings and secrets by name that belong together. An empty
// setting brings the default back; a secret is one line and never empty.
type Changes struct {
	Settings map[string]string
	Secrets  map[string]string
}

// Change keeps settings and secrets on the word of whoever acts, with a line
// each in the audit trail: of a secret its name alone. What the running till has
// read already holds from the next opening. Denied without the right; a value
// that is no good changes nothing.
func (t *Till) Change(ctx context.Context, by access.Actor, c Changes) error {
	if err := by.Demand(access.Setup); err != nil {
		return err
	}
	for name, value := range c.Settings {
		if _, err := settings.Check(name, value); err != nil {
			return err
		}
	}
	if len(c.Secrets) > 0 && t.vault == nil {
		return t.noVault
	}
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		if err := t.noteOf(ctx, by, "secret.set", name, ""); err != nil {
			return err
		}
		if err := t.vault.Set(name, c.Secrets[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		if err := t.noteOf(ctx, by, "setting.set", name, settingChange(t.Settings.Get(name), c.Settings[name])); err != nil {
			return err
		}
	}
	if len(c.Settings) == 0 {
		return nil
	}
	return t.Settings.SetAll(c.Settings)
}

func settingChange(was, is string) string {
	return cmp.Or(was, "–") + " → " + cmp.Or(strings.TrimSpace(is), "–")
}

// noteOf writes into the audit trail what somebody did.
func (t *Till) noteOf(ctx context.Context, by access.Actor, what, subject, detail string) error {
	return t.Ledger.Note(ctx, checkout.Act{Actor: by, What: what, Subject: scancode.MaskText(subject), Detail: scancode.MaskText(detail), At: t.now()})
}

// SecretsSet says of each secret whether there is one, or why that is not
// known. It may block: it can ask the system's keyring.
func (t *Till) SecretsSet() (map[string]bool, error) {
	set := map[string]bool{}
	for _, name := range vault.Names() {
		_, given := t.p.Secrets[name]
		set[name] = given || t.vault != nil && t.vault.Has(name)
	}
	if t.vault == nil {
		return set, t.noVault
	}
	return set, nil
}

// VaultState is where the secrets are kept, or what stands in the way.
type VaultState struct {
	Where string // in words; "" where there is no vault
	File  bool   // the encrypted file is there: a passphrase was chosen
	Err   error  // why no secret can be read or kept; nil if they can
}

const codeLocked = "vault.locked"

// NeedsPassphrase reports whether a passphrase would help.
func (v VaultState) NeedsPassphrase() bool {
	code := fault.CodeOf(v.Err)
	return code == "vault.none" || code == codeLocked
}

// VaultState looks at the vault.
func (t *Till) VaultState() VaultState {
	v := VaultState{Err: t.noVault}
	_, err := os.Stat(t.file(vault.FileName))
	v.File = !errors.Is(err, fs.ErrNotExist)
	if t.vault != nil {
		v.Where = t.vault.Where()
	}
	return v
}

// leastPassphrase is the least length of a new passphrase, in characters.
const leastPassphrase = 8

// CheckPassphrase says why a passphrase does not open the encrypted file, or
// is too short to make one. Nothing is written: it holds once the till is opened
// with it in Params.
func (t *Till) CheckPassphrase(passphrase string) error {
	if !t.VaultState().File && utf8.RuneCountInString(passphrase) < leastPassphrase {
		return fault.New(fault.Invalid, "vault.short", "A passphrase has at least {least} characters; four words nobody would guess are good.", "least", "8")
	}
	_, err := vault.OpenAt(t.Dir, cmp.Or(passphrase, " "), cmp.Or(t.p.VaultCost, vault.DefaultCost))
	if fault.CodeOf(err) == codeLocked {
		return fault.Wrap(err, fault.Credentials, "vault.wrong", "This passphrase does not open the vault. Enter it once more, with the right case.")
	}
	return err
}

// trial is a till for one question: this one's, with changes that are not kept.
// Nothing of it has to be closed.
func (t *Till) trial(c Changes) (*Till, error) {
	s, err := t.Settings.With(c.Settings)
	if err != nil {
		return nil, err
	}
	p := t.p
	p.Secrets = map[string]string{}
	maps.Copy(p.Secrets, t.p.Secrets)
	maps.Copy(p.Secrets, c.Secrets)
	probe := &Till{Dir: t.Dir, Settings: s, Zone: t.Zone, Log: slog.New(slog.DiscardHandler), p: p, vault: t.vault, noVault: t.noVault}
	probe.openGateways()
	return probe, nil
}

// The services that TryService asks.
const (
	ServiceHQ      = "hq"
	ServicePay     = "liantuofu"
	ServiceMembers = "zvcms"
	loginOnlyShop  = "1" // a login names no shop, but a client has to
	settingHQShop  = "hq.shop_id"
)

// TryService asks one of the services as the doctor does, with changes that are
// not kept yet. It moves no money and changes nothing.
func (t *Till) TryService(ctx context.Context, service string, c Changes) (Check, error) {
	probe, err := t.trial(c)
	if err != nil {
		return Check{}, err
	}
	switch service {
	case ServiceHQ:
		return probe.checkHQ(ctx), nil
	case ServicePay:
		return probe.checkPay(ctx), nil
	case ServiceMembers:
		return probe.checkMembers(ctx), nil
	}
	return Check{}, fault.New(fault.Internal, "setup.service", "There is no service {name} to ask. Call support.", "name", service)
}

// loginTrial is a client of HQ that need not know its shop yet.
func (t *Till) loginTrial(c Changes) (*hq.Client, error) {
	s := maps.Clone(c.Settings)
	if s == nil {
		s = map[string]string{}
	}
	if s[settingHQShop] == "" && t.Settings.Get(settingHQShop) == "" {
		s[settingHQShop] = loginOnlyShop
	}
	probe, err := t.trial(Changes{s, c.Secrets})
	if err != nil {
		return nil, err
	}
	if probe.Settings.Get("hq.header_name") == "" {
		if _, err := probe.secret("hq.password")(); err != nil {
			return nil, err
		}
	}
	return probe.HQ()
}

// TryLogin logs in at HQ with changes that are not kept yet; which shop this is
// need not be known.
func (t *Till) TryLogin(ctx context.Context, c Changes) error {
	client, err := t.loginTrial(c)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Login(ctx)
}

// ShopChoice is a shop of HQ's that this till may belong to.
type ShopChoice struct {
	ID       int64
	Name     string
	Address  string
	Products int64 // how many it sells; 0 where HQ did not say
}

// HQShops are the shops HQ names. HQ lists shops only by a product they sell
// (getshoplist), so the first product of the shop given, or of shop 1, is asked
// for; a login that may not see it gets no list, which is no fault.
func (t *Till) HQShops(ctx context.Context, c Changes) ([]ShopChoice, error) {
	client, err := t.loginTrial(c)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	page, err := client.List(ctx, hq.ListQuery{PageSize: 1})
	if err != nil || len(page.Data) == 0 {
		return nil, unlessRefused(err)
	}
	shops, err := client.ShopList(ctx, int64(page.Data[0].ProductID))
	if err != nil {
		return nil, unlessRefused(err)
	}
	var out []ShopChoice
	for _, s := range shops {
		out = append(out, ShopChoice{ID: int64(s.ID), Name: string(s.Name), Address: string(s.Address)})
	}
	return out, nil
}

func unlessRefused(err error) error {
	if fault.KindOf(err) == fault.Refused {
		return nil
	}
	return err
}

// HQShop asks HQ for the products of the shop that is set in the changes.
func (t *Till) HQShop(ctx context.Context, c Changes) (ShopChoice, error) {
	probe, err := t.trial(c)
	if err != nil {
		return ShopChoice{}, err
	}
	client, err := probe.HQ()
	if err != nil {
		return ShopChoice{}, err
	}
	defer client.Close()
	page, err := client.List(ctx, hq.ListQuery{PageSize: 1})
	var answer *hq.StatusError
	switch {
	case errors.As(err, &answer) && fault.KindOf(err) != fault.Credentials:
		// An answer of HQ's own, whatever its number: with the login accepted, the
		// shop is all that was wrong with the question.
		return ShopChoice{}, fault.Wrap(err, fault.Refused, "setup.shop_refused", "HQ does not answer about shop {id}: {why} Check the number of the shop.", "id", probe.Settings.Get(settingHQShop), "why", err.Error())
	case err != nil:
		return ShopChoice{}, err
	}
	shop := ShopChoice{ID: probe.Settings.Int(settingHQShop), Products: int64(page.TotalCount)}
	if len(page.Data) > 0 {
		shop.Name, shop.Products = string(page.Data[0].ShopName), max(shop.Products, 1)
	}
	if shop.Products == 0 {
		return shop, fault.New(fault.Refused, "setup.empty_shop", "HQ knows no products of shop {id}. Check the number of the shop; if it is right, put products on sale there at HQ first.", "id", probe.Settings.Get(settingHQShop))
	}
	return shop, nil
}
