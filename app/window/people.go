package window

import (
	"context"

	"cashier/services/access"
	page "cashier/ui/settings"
	"cashier/ui/start"
)

// List implements the settings page's Staff.
func (d setupDesk) List(context.Context) ([]page.Person, error) {
	var list []page.Person
	for _, p := range d.t.Staff.List() {
		if p.Active {
			list = append(list, page.Person{ID: p.ID, Name: p.Name, Role: p.Role})
		}
	}
	return list, nil
}

// Add implements the settings page's Staff.
func (d setupDesk) Add(ctx context.Context, by access.Actor, p page.NewPerson) error {
	_, err := d.t.Staff.Add(ctx, by, access.NewPerson{Name: p.Name, Role: p.Role, PIN: p.PIN})
	return err
}

// guideStaff is the same for the guide.
type guideStaff struct{ d setupDesk }

func (g guideStaff) List(ctx context.Context) ([]start.Person, error) {
	list, err := g.d.List(ctx)
	out := make([]start.Person, len(list))
	for i, p := range list {
		out[i] = start.Person(p)
	}
	return out, err
}

func (g guideStaff) Add(ctx context.Context, by access.Actor, p start.NewPerson) error {
	return g.d.Add(ctx, by, page.NewPerson(p))
}
