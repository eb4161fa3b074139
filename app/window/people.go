package window

import (
	"context"
	"time"

	"cashier/services/access"
	page "cashier/ui/settings"
	"cashier/ui/start"
)

// peopleDesk is the staff's part of the settings page.
type peopleDesk struct{ setupDesk }

func (d peopleDesk) List(context.Context) ([]page.Person, error) {
	var list []page.Person
	by := d.t.Actor()
	for _, p := range d.t.Staff.List() {
		if p.Active {
			list = append(list, page.Person{ID: p.ID, Name: p.Name, Role: p.Role, HasPIN: p.HasPIN, HasBadge: p.HasBadge, Own: by.Is(p.ID), Since: p.Since, Wrong: p.Wrong})
		}
	}
	return list, nil
}

func (d peopleDesk) Add(ctx context.Context, by access.Actor, p page.NewPerson) error {
	_, err := d.t.Staff.Add(ctx, by, access.NewPerson{Name: p.Name, Role: p.Role, PIN: p.PIN})
	return err
}

func (d peopleDesk) Set(ctx context.Context, by access.Actor, id string, name *string, role *access.Role) error {
	_, err := d.t.Staff.Set(ctx, by, id, name, role)
	return err
}

func (d peopleDesk) SetPIN(ctx context.Context, by access.Actor, id, pin string) error {
	_, err := d.t.Staff.SetPIN(ctx, by, id, pin)
	return err
}

func (d peopleDesk) SetBadge(ctx context.Context, by access.Actor, id, code string) error {
	_, err := d.t.Staff.SetBadge(ctx, by, id, code)
	return err
}

func (d peopleDesk) Unlock(ctx context.Context, by access.Actor, id string) error {
	_, err := d.t.Staff.Unlock(ctx, by, id)
	return err
}

func (d peopleDesk) Remove(ctx context.Context, by access.Actor, id string) error {
	_, err := d.t.Staff.Remove(ctx, by, id)
	return err
}

func (d peopleDesk) LockedFor(id string) time.Duration { return d.t.Staff.LockedFor(id) }

// guideStaff is the same for the guide.
type guideStaff struct{ d peopleDesk }

func (g guideStaff) List(ctx context.Context) ([]start.Person, error) {
	list, err := g.d.List(ctx)
	out := make([]start.Person, len(list))
	for i, p := range list {
		out[i] = start.Person{ID: p.ID, Name: p.Name, Role: p.Role}
	}
	return out, err
}

func (g guideStaff) Add(ctx context.Context, by access.Actor, p start.NewPerson) error {
	return g.d.Add(ctx, by, page.NewPerson(p))
}
