package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"cashier/app"
	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/assets/demoshop"
	"cashier/services/access"
	"cashier/services/fault"
)

func configGet(_ context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("config get"), -1)
	if err != nil {
		return 0, err
	}
	s, err := c.settings()
	if err != nil {
		return 0, err
	}
	all := s.All()
	switch {
	case len(words) > 1:
		return 0, usage("config get takes one KEY or none")
	case len(words) == 1 && !settings.Known(words[0]):
		return 0, fault.New(fault.Invalid, "settings.unknown_key", "There is no setting {key}. `cashierctl config get` lists all of them.", "key", words[0])
	case len(words) == 1:
		return Done, c.print(map[string]string{words[0]: s.Get(words[0])}, func(w io.Writer) { fmt.Fprintln(w, s.Get(words[0])) })
	}
	values := map[string]string{}
	for _, kv := range all {
		values[kv[0]] = kv[1]
	}
	return Done, c.print(values, func(w io.Writer) {
		for _, kv := range all {
			fmt.Fprintf(w, "%s = %s\n", kv[0], kv[1])
		}
	})
}

// settings reads them for looking at; a file that cannot be understood leaves
// the defaults and a warning.
func (c *call) settings() (*settings.Settings, error) {
	s, warnings, err := settings.Read(c.dir)
	if fault.CodeOf(err) == "settings.broken" {
		warnings, err = append(warnings, err), nil
	}
	c.warnings(warnings)
	return s, err
}

func (c *call) warnings(warnings []error) {
	for _, w := range warnings {
		fmt.Fprintln(c.Err, "cashierctl: "+w.Error())
	}
}

func configSet(ctx context.Context, c *call) (int, error) {
	if len(c.args) != 2 {
		return 0, usage("config set takes KEY and VALUE")
	}
	if err := c.makeFolder(); err != nil {
		return 0, err
	}
	t, err := c.folder(ctx, access.Setup)
	if err != nil {
		return 0, err
	}
	if t != nil {
		defer t.Close()
	}
	s, warnings, err := settings.Load(c.dir)
	c.warnings(warnings)
	if err != nil {
		return 0, err
	}
	was := s.Get(c.args[0])
	if err := s.Set(c.args[0], c.args[1]); err != nil {
		return 0, err
	}
	if err := c.noteChange(ctx, t, "setting.set", c.args[0], app.SettingChange(was, c.args[1])); err != nil {
		return 0, err
	}
	return Done, c.print(map[string]string{c.args[0]: s.Get(c.args[0])}, func(io.Writer) {})
}

// noteChange has the audit trail say who has changed what beside the books: at
// once where somebody had to sign in for it, else at the next opening.
func (c *call) noteChange(ctx context.Context, t *app.Till, what, subject, detail string) error {
	if t == nil {
		return app.LeaveNote(c.dir, app.MachineActor(c.params().Program), what, subject, detail)
	}
	return t.Note(ctx, what, subject, detail)
}

func (c *call) makeFolder() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fault.Wrap(err, fault.Internal, "disk.unwritable", "The data folder {dir} cannot be made: {why}.", "dir", c.dir, "why", err.Error())
	}
	return nil
}

func secretSet(ctx context.Context, c *call) (int, error) {
	if len(c.args) != 1 {
		return 0, usage("secret set takes KEY; the secret itself is read from standard input")
	}
	if err := c.makeFolder(); err != nil {
		return 0, err
	}
	t, err := c.folder(ctx, access.Setup)
	if err != nil {
		return 0, err
	}
	if t != nil {
		defer t.Close()
	}
	v, err := vault.OpenAt(c.dir, os.Getenv(vault.PassphraseEnv), cmp.Or(c.options.VaultCost, vault.DefaultCost))
	if err != nil {
		return 0, err
	}
	secret, err := c.hidden(c.args[0])
	if err == nil {
		err = v.Set(c.args[0], secret)
	}
	if err == nil {
		err = c.noteChange(ctx, t, "secret.set", c.args[0], "")
	}
	if err != nil {
		return 0, err
	}
	return Done, c.print(map[string]any{"secret": c.args[0], "set": true}, func(w io.Writer) {
		fmt.Fprintf(w, "kept in %s\n", v.Where())
	})
}

func secretAdopt(ctx context.Context, c *call) (int, error) {
	set := newFlags("secret adopt")
	why := set.String("reason", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	by := t.Actor()
	if t.VaultLost() { // whose PINs nobody can check
		by = app.MachineActor("cashierctl")
	}
	if err := t.AdoptVault(ctx, by, *why); err != nil {
		return 0, err
	}
	return Done, c.print(map[string]bool{"adopted": true}, func(w io.Writer) {
		fmt.Fprintln(w, "adopted; set the secrets that are missing in it")
	})
}

func doctor(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("doctor"), 0); err != nil {
		return 0, err
	}
	t := app.Examine(ctx, c.params())
	defer t.Close()
	checks := t.Doctor(ctx)
	code := Done
	for _, k := range checks {
		if k.State == app.Red {
			code = RefusedExit
		}
	}
	return code, c.print(map[string]any{"checks": checks}, func(w io.Writer) {
		for _, k := range checks {
			fmt.Fprintf(w, "%-5s  %-10s %s\n", k.State, k.Name, k.Reason)
		}
	})
}

func diagnose(ctx context.Context, c *call) (int, error) {
	set := newFlags("diagnose")
	out := set.String("out", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *out == "" {
		return 0, usage("diagnose needs --out FILE, the zip to write")
	}
	t := app.Examine(ctx, c.params())
	defer t.Close()
	if err := t.DiagnoseTo(ctx, *out); err != nil {
		return 0, err
	}
	return Done, c.print(map[string]string{"file": *out}, func(w io.Writer) {
		fmt.Fprintf(w, "%s; it holds no secrets and may be given to support\n", *out)
	})
}

func demoShop(_ context.Context, c *call) (int, error) {
	set := newFlags("demo-shop")
	n := set.Int("products", 1000, "")
	pictures := set.Int("pictures", 0, "")
	seed := set.Uint64("seed", 1, "")
	out := set.String("out", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *out == "" || *n < 1 {
		return 0, usage("demo-shop needs --out DIR, and at least one product")
	}
	if err := demoshop.Generate(*out, *n, *pictures, *seed); err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "demo_shop.failed", "The shop was not made: {why}.", "why", err.Error())
	}
	return Done, c.print(map[string]any{"dir": *out, "products": *n, "pictures": *pictures, "seed": *seed}, func(w io.Writer) {
		fmt.Fprintf(w, "%d products in %s\n", *n, *out)
	})
}
