package hq

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// AppConfig is the tenant's WeChat mini-program as HQ knows it (HQ help page
// weixin). HQ sends the app's secret as well; only whether there is one is kept.
type AppConfig struct {
	AppID     string
	HasSecret bool
}

// MemberCardPage is the page of the member card in the mini-program (HQ help
// page weixin).
type MemberCardPage struct {
	ID            wire.Int  `json:"id"` // HQ's own; its meaning is not documented
	LogoURL       wire.Text `json:"logoUrl"`
	BackgroundURL wire.Text `json:"backgroundUrl"`
	Phone         wire.Text `json:"phone"`       // 客服电话
	Prerogative   wire.Text `json:"prerogative"` // 特权说明
	Description   wire.Text `json:"description"` // 使用须知
}

// AppConfig reads the mini-program's configuration (getappconfig).
func (c *Client) AppConfig(ctx context.Context) (AppConfig, error) {
	var a AppConfig
	err := c.get(ctx, ActionAppConfig, nil, func(b []byte) (err error) {
		a, err = decodeAppConfig(b)
		return err
	})
	return a, err
}

// SaveAppConfig replaces the mini-program's id and secret (saveappconfig).
// Invalid, and nothing is sent, if either is empty: HQ would store the nothing.
func (c *Client) SaveAppConfig(ctx context.Context, appID string, secret wire.Secret) error {
	if strings.TrimSpace(appID) == "" || secret == "" {
		return service.Fault(fault.Invalid, "app_config",
			"The mini-program needs both its AppID and its secret; nothing was sent. Enter both: HQ replaces what it has.", nil)
	}
	return c.post(ctx, ActionSaveAppConfig, struct {
		AppID     string `json:"appID"`
		AppSecret string `json:"appSecret"`
	}{appID, string(secret)})
}

// MemberCardPage reads the member card's page (getmembercardconfig).
func (c *Client) MemberCardPage(ctx context.Context) (MemberCardPage, error) {
	var p MemberCardPage
	err := c.get(ctx, ActionMemberCardConfig, nil, func(b []byte) (err error) {
		p, err = decodeMemberCardPage(b)
		return err
	})
	return p, err
}

// SaveMemberCardPage replaces the member card's page whole
// (savemembercardconfig): read it first and change what is to be changed.
func (c *Client) SaveMemberCardPage(ctx context.Context, p MemberCardPage) error {
	return c.post(ctx, ActionSaveMemberCardConfig, p)
}

func decodeAppConfig(b []byte) (AppConfig, error) {
	var w struct {
		AppID     wire.Text `json:"appID"`
		AppSecret wire.Text `json:"appSecret"`
	}
	if err := decodeConfig(b, &w, "appID", "appSecret"); err != nil {
		return AppConfig{}, err
	}
	return AppConfig{AppID: string(w.AppID), HasSecret: w.AppSecret != ""}, nil
}

func decodeMemberCardPage(b []byte) (MemberCardPage, error) {
	var p MemberCardPage
	if err := decodeConfig(b, &p, "id", "logoUrl", "backgroundUrl", "phone", "prerogative", "description"); err != nil {
		return MemberCardPage{}, err
	}
	return p, nil
}

// decodeConfig reads an object that has at least one of the named fields. One
// that has none of them, or a status that speaks of a refusal, is a result: an
// empty configuration shown in its place would invite to be saved.
func decodeConfig(b []byte, into any, named ...string) error {
	if err := refusal(b); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return service.NotJSON(err)
	}
	known, hasStatus := false, false
	for name := range fields {
		is := func(other string) bool { return strings.EqualFold(name, other) }
		known = known || slices.ContainsFunc(named, is)
		hasStatus = hasStatus || is("status")
	}
	if !known {
		return instead(b, hasStatus)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return service.NotJSON(err)
	}
	return nil
}
