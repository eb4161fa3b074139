package app

import (
	"context"

	"cashier/services/access"
	"cashier/services/hq"
	"cashier/services/wire"
)

// SaveAppConfig replaces the mini-program's id and secret at HQ, on the word of
// whoever acts. The audit trail has the id alone.
func (t *Till) SaveAppConfig(ctx context.Context, by access.Actor, id, secret string) error {
	client, err := t.asSetup(by)
	if err != nil {
		return err
	}
	if err := t.noteOf(ctx, by, "hq.weixin.app", id, ""); err != nil {
		return err
	}
	return client.SaveAppConfig(ctx, id, wire.Secret(secret))
}

// SaveMemberCardPage replaces the page of the member card at HQ.
func (t *Till) SaveMemberCardPage(ctx context.Context, by access.Actor, p hq.MemberCardPage) error {
	client, err := t.asSetup(by)
	if err != nil {
		return err
	}
	if err := t.noteOf(ctx, by, "hq.weixin.card", "", ""); err != nil {
		return err
	}
	return client.SaveMemberCardPage(ctx, p)
}

func (t *Till) asSetup(by access.Actor) (*hq.Client, error) {
	if err := by.Demand(access.Setup); err != nil {
		return nil, err
	}
	return t.HQ()
}
