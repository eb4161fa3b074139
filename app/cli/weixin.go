package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/wire"
)

func weixinAppGet(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("weixin app get"), 0); err != nil {
		return 0, err
	}
	t, client, err := c.readHQ(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	a, err := client.AppConfig(ctx)
	if err != nil {
		return 0, err
	}
	return Done, c.print(map[string]any{"appID": a.AppID, "hasSecret": a.HasSecret}, func(w io.Writer) {
		fmt.Fprintf(w, "%s  secret set: %t\n", a.AppID, a.HasSecret)
	})
}

func weixinAppSet(ctx context.Context, c *call) (int, error) {
	set := newFlags("weixin app set")
	id := set.String("id", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *id == "" {
		return 0, usage("weixin app set takes --id ID; the secret is one line from standard input")
	}
	t, client, err := c.asHQ(ctx, access.Setup)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	secret, err := c.line()
	if err != nil {
		return 0, err
	}
	if secret == "" {
		return 0, fault.New(fault.Invalid, "weixin.no_secret", "The app's secret is missing; nothing was changed. Give it as one line on standard input: HQ takes both together.")
	}
	if err := t.Note(ctx, "hq.weixin.app", *id, ""); err != nil {
		return 0, err
	}
	if err := client.SaveAppConfig(ctx, *id, wire.Secret(secret)); err != nil {
		return 0, err
	}
	return c.did("saved", *id)
}

func weixinCardGet(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("weixin card get"), 0); err != nil {
		return 0, err
	}
	t, client, err := c.readHQ(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	page, err := client.MemberCardPage(ctx)
	if err != nil {
		return 0, err
	}
	return c.cardPage(page)
}

func (c *call) cardPage(p hq.MemberCardPage) (int, error) {
	return Done, c.print(p, func(w io.Writer) {
		fmt.Fprintf(w, "logo         %s\nbackground   %s\nphone        %s\nprerogative  %s\ndescription  %s\n", p.LogoURL, p.BackgroundURL, p.Phone, p.Prerogative, p.Description)
	})
}

// weixinCardSet changes what is given and leaves the rest as HQ has it.
func weixinCardSet(ctx context.Context, c *call) (int, error) {
	set := newFlags("weixin card set")
	var p hq.MemberCardPage
	fields := map[string]*wire.Text{
		"logo": &p.LogoURL, "background": &p.BackgroundURL, "phone": &p.Phone, "prerogative": &p.Prerogative, "description": &p.Description,
	}
	given := map[string]string{}
	for name := range fields {
		set.Func(name, "", func(v string) error { given[name] = v; return nil })
	}
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if len(given) == 0 {
		return 0, usage("weixin card set takes at least one of --logo --background --phone --prerogative --description")
	}
	t, client, err := c.asHQ(ctx, access.Setup)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if p, err = client.MemberCardPage(ctx); err != nil {
		return 0, err
	}
	var what []string
	for name, value := range given {
		*fields[name] = wire.Text(value)
		what = append(what, name)
	}
	slices.Sort(what)
	if err := t.Note(ctx, "hq.weixin.card", strings.Join(what, " "), ""); err != nil {
		return 0, err
	}
	if err := client.SaveMemberCardPage(ctx, p); err != nil {
		return 0, err
	}
	return c.cardPage(p)
}
