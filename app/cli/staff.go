package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"cashier/app"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/scancode"
)

// personJSON is a person; wait is how many seconds no PIN is taken yet.
type personJSON struct {
	access.Person
	Wait int `json:"wait"`
}

func personView(p access.Person) personJSON { return personJSON{p, int(p.Locked.Seconds())} }

func staffList(ctx context.Context, c *call) (int, error) {
	set := newFlags("staff list")
	all := set.Bool("all", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	views := []personJSON{}
	if t.Staff != nil {
		for _, p := range t.Staff.List() {
			if p.Active || *all {
				views = append(views, personView(p))
			}
		}
	}
	return Done, c.print(map[string]any{"staff": views}, func(w io.Writer) {
		for _, v := range views {
			writePerson(w, v)
		}
		fmt.Fprintf(w, "%d people\n", len(views))
	})
}

func writePerson(w io.Writer, v personJSON) {
	fmt.Fprintf(w, "%s  %s  %s", v.ID, v.Name, v.Role)
	for _, s := range []struct {
		is   bool
		says string
	}{{!v.Active, "gone"}, {v.Active && !v.HasPIN, "no PIN"}, {v.HasBadge, "badge"}, {v.Wait > 0, fmt.Sprintf("locked for %d s", v.Wait)}} {
		if s.is {
			fmt.Fprint(w, "  "+s.says)
		}
	}
	fmt.Fprintln(w)
}

func staffAdd(ctx context.Context, c *call) (int, error) {
	set := newFlags("staff add")
	name, role := set.String("name", "", ""), set.String("role", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *name == "" || *role == "" {
		return 0, usage("staff add takes --name NAME and --role staff|cashier|manager|owner; the new PIN is one line on standard input")
	}
	return c.staffed(ctx, func(t *app.Till) (access.Person, error) {
		pin, err := c.newPIN()
		if err != nil {
			return access.Person{}, err
		}
		return t.Staff.Add(ctx, t.Actor(), access.NewPerson{Name: *name, Role: access.Role(*role), PIN: pin})
	})
}

func staffSet(ctx context.Context, c *call) (int, error) {
	set := newFlags("staff set")
	name, role := set.String("name", "", ""), set.String("role", "", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	if *name == "" && *role == "" {
		return 0, usage("staff set takes ID and --name NAME or --role staff|cashier|manager|owner")
	}
	var newName *string
	var newRole *access.Role
	if *name != "" {
		newName = name
	}
	if *role != "" {
		r := access.Role(*role)
		newRole = &r
	}
	return c.staffed(ctx, func(t *app.Till) (access.Person, error) {
		return t.Staff.Set(ctx, t.Actor(), words[0], newName, newRole)
	})
}

func staffPIN(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("staff pin"), 1)
	if err != nil {
		return 0, err
	}
	return c.staffed(ctx, func(t *app.Till) (access.Person, error) {
		pin, err := c.newPIN()
		if err != nil {
			return access.Person{}, err
		}
		return t.Staff.SetPIN(ctx, t.Actor(), words[0], pin)
	})
}

func staffBadge(ctx context.Context, c *call) (int, error) {
	set := newFlags("staff badge")
	none := set.Bool("none", false, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	return c.staffed(ctx, func(t *app.Till) (access.Person, error) {
		code := ""
		if !*none {
			if code, err = c.badge(t); err != nil {
				return access.Person{}, err
			}
		}
		return t.Staff.SetBadge(ctx, t.Actor(), words[0], code)
	})
}

// badge is the code of a badge, scanned or typed: one that the till would take
// for something else is none.
func (c *call) badge(t *app.Till) (string, error) {
	text, err := c.hidden("badge")
	if err != nil {
		return "", err
	}
	r := t.Codes.Read(text)
	if r.Kind != scancode.Badge {
		return "", fault.New(fault.Invalid, "staff.no_badge", "This is not the code of a staff badge ({kind}): it has to begin with {prefix}, the setting staff.badge_prefix.",
			"kind", r.Kind.String(), "prefix", t.Settings.Get("staff.badge_prefix"))
	}
	return r.Code, nil
}

func staffRemove(ctx context.Context, c *call) (int, error) {
	return c.staffAct(ctx, "staff remove", func(t *app.Till, id string) (access.Person, error) { return t.Staff.Remove(ctx, t.Actor(), id) })
}

func staffUnlock(ctx context.Context, c *call) (int, error) {
	return c.staffAct(ctx, "staff unlock", func(t *app.Till, id string) (access.Person, error) { return t.Staff.Unlock(ctx, t.Actor(), id) })
}

func (c *call) staffAct(ctx context.Context, name string, do func(t *app.Till, id string) (access.Person, error)) (int, error) {
	words, err := c.flags(newFlags(name), 1)
	if err != nil {
		return 0, err
	}
	return c.staffed(ctx, func(t *app.Till) (access.Person, error) { return do(t, words[0]) })
}

func (c *call) staffed(ctx context.Context, do func(*app.Till) (access.Person, error)) (int, error) {
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	p, err := do(t)
	if err != nil {
		return 0, err
	}
	v := personView(p)
	return Done, c.print(v, func(w io.Writer) { writePerson(w, v) })
}

// newPIN is the PIN to be set, one line of standard input. Where nobody has to
// sign in, the environment may hold it.
func (c *call) newPIN() (string, error) {
	if pin := os.Getenv(PINEnv); c.staff == "" && pin != "" {
		return pin, nil
	}
	pin, err := c.hidden("new PIN")
	return strings.TrimSpace(pin), err
}
