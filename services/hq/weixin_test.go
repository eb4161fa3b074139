package hq

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/fault"
	"cashier/services/wire"
)

func TestConfigsOrARefusal(t *testing.T) {
	for body, code := range map[string]string{
		`{"appID":"wx1","appSecret":"zzz-secret","phone":"400"}`:         "",
		`{"APPID":"wx1","PHONE":400,"status":200,"extra":{}}`:            "",
		`{"appID":null,"appSecret":null,"phone":null}`:                   "",
		`{"status":1001,"message":"无权限"}`:                                "hq.refused",
		`{"status":"1001","message":"无权限","appID":"","phone":""}`:        "hq.refused",
		`{"status":"500","message":"内部错误","appID":null,"phone":null}`:    "hq.server",
		`{"status":200,"message":""}`:                                    "hq.unreadable",
		`{"hello":1}`:                                                    "hq.unreadable",
		`null`:                                                           "hq.unreadable",
		`[]`:                                                             "hq.unreadable",
		`{"appID":{},"phone":[]}`:                                        "hq.unreadable",
		`{"status":"403","message":"","appID":"","appSecret":"","id":0}`: "",
	} {
		_, app := decodeAppConfig([]byte(body))
		_, card := decodeMemberCardPage([]byte(body))
		for what, err := range map[string]error{"app": app, "card": card} {
			if strings.Contains(body, "403") {
				if !errors.Is(err, errNotLoggedIn) {
					t.Errorf("%s, %s: %v", what, body, err)
				}
			} else if fault.CodeOf(err) != code {
				t.Errorf("%s, %s: %v", what, body, err)
			}
		}
	}
	a, err := decodeAppConfig([]byte(`{"appSecret":"zzz-secret","appID":7}`))
	if err != nil || a != (AppConfig{AppID: "7", HasSecret: true}) {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := decodeAppConfig([]byte(`{"appID":"wx1","appSecret":""}`)); err != nil || a.HasSecret {
		t.Errorf("%+v, %v", a, err)
	}
}

// The app's secret goes out whole, and is seen nowhere else.
func TestTheSecretIsSentButNeverShown(t *testing.T) {
	const secret = "zZ-sEcReT-cAnArY"
	var sent recorded
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		sent = record(t, r)
		says(`{"status":1001,"message":"bad appSecret: `+secret+`"}`)(w, r)
	})
	c := o.client(t)
	err := c.SaveAppConfig(t.Context(), "wx1", secret)
	if !strings.Contains(sent.body, `"appSecret":"`+secret+`"`) {
		t.Errorf("sent %s", sent.body)
	}
	var no *fault.Error
	if !errors.As(err, &no) || strings.Contains(fmt.Sprintf("%v %+v", no.Detail(), no.Args), secret) {
		t.Errorf("%+v", no)
	}
	said, err := c.Call(t.Context(), ActionSaveAppConfig, []wire.Arg{{Name: "appID", Value: "wx1"}, {Name: "appSecret", Value: secret}})
	if err != nil || !strings.Contains(sent.body, secret) || strings.Contains(said.Body, secret) {
		t.Errorf("%+v, %v", said, err)
	}
	o = newOffice(t, says(`{"appID":"wx1","appSecret":"`+secret+`"}`))
	if said, err := o.client(t).Call(t.Context(), ActionAppConfig, nil); err != nil || strings.Contains(said.Body, secret) || !strings.Contains(said.Body, "wx1") {
		t.Errorf("%+v, %v", said, err)
	}
	if a, err := o.client(t).AppConfig(t.Context()); err != nil || !a.HasSecret || strings.Contains(fmt.Sprintf("%#v", a), secret) {
		t.Errorf("%#v, %v", a, err)
	}
}

// The forms a good reply may take on its way, for every question.
func TestEveryQuestionReadsOddReplies(t *testing.T) {
	for name, u := range others(wire.Reads) {
		for form, serve := range map[string]http.HandlerFunc{
			"byte order mark": says("\xef\xbb\xbf" + u.said),
			"blanks around":   says(" \r\n" + u.said + "\n\n"),
			"gzip": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = z.Write([]byte(u.said))
				_ = z.Close()
			},
			"in pieces": func(w http.ResponseWriter, _ *http.Request) {
				for _, b := range []byte(u.said) {
					_, _ = w.Write([]byte{b})
					_ = http.NewResponseController(w).Flush()
				}
			},
			"more than was asked": says(strings.Replace(u.said, "{", `{"unheardOf":{"a":[1,null]},`, 1)),
		} {
			t.Run(name+"/"+form, func(t *testing.T) {
				if err := u.call(t, newOffice(t, serve).client(t)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestPriceLogsInTheShopsTime(t *testing.T) {
	east := time.FixedZone("+9", 9*60*60)
	at := time.Date(2026, 1, 15, 10, 11, 7, 0, wire.China)
	for text, want := range map[string]struct {
		zone *time.Location
		at   time.Time
		out  string
	}{
		"2026-01-15 10:11:07":        {nil, at, "2026-01-15 10:11:07"},
		"2026-01-15T10:11:07.45":     {nil, at.Add(450 * time.Millisecond), "2026-01-15 10:11:07"},
		"2026-01-15 11:11:07":        {east, at, "2026-01-15 11:11:07"},
		"2026-01-15T10:11:07+08:00":  {east, at, "2026-01-15 11:11:07"},
		"2026-01-15T02:11:07Z":       {nil, at, "2026-01-15 10:11:07"},
		`\/Date(1768443067000)\/`:    {east, at, "2026-01-15 11:11:07"},
		"":                           {nil, time.Time{}, ""},
		"0001-01-01T00:00:00":        {east, time.Time{}, ""},
		"2026/1/15 10:11:07":         {nil, at, "2026-01-15 10:11:07"},
		"2026-01-15T10:11:07.000000": {nil, at, "2026-01-15 10:11:07"},
	} {
		o := newOffice(t, says(`[{"shopProductPriceLogs":[{"id":13,"createTime":"`+text+`"}]}]`))
		p := o.params()
		p.Zone = want.zone
		shops, err := dial(t, p).ShopList(t.Context(), 2)
		if err != nil || len(shops) != 1 || len(shops[0].PriceLogs) != 1 {
			t.Errorf("%s: %+v, %v", text, shops, err)
			continue
		}
		l := shops[0].PriceLogs[0]
		b, err := l.MarshalJSON()
		if !l.CreateTime.Equal(want.at) || err != nil || !strings.Contains(string(b), `"createTime":"`+want.out+`"`) {
			t.Errorf("%s: %v, %s, %v", text, l.CreateTime, b, err)
		}
	}
	if _, err := decodeShops([]byte(`[{"shopProductPriceLogs":[{"createTime":"昨天"}]}]`), nil); fault.KindOf(err) != fault.Contract {
		t.Error(err)
	}
}

// Of the classes from 5 to 12, three have products, each told in another way.
func TestClasses(t *testing.T) {
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/api/shop/shopproduct/getlist" || q.Get("pageSize") != "1" || q.Get("pageIndex") != "1" || q.Get("shopId") != "7" {
			t.Error(r.URL)
		}
		switch q.Get("productClassId") {
		case "5":
			says(`{"data":[`+appleDoc+`],"totalCount":40}`)(w, r)
		case "7":
			says(`{"data":[{"productClass":"蔬菜","price":"面议"}],"totalCount":"2"}`)(w, r)
		case "9":
			says(`{"data":[`+appleDoc+`]}`)(w, r)
		case "11":
			says(`{"status":1001,"message":"无此分类"}`)(w, r)
		default:
			says(emptyPage)(w, r)
		}
	})
	var progress []string
	note := func(done, of int64) { progress = append(progress, fmt.Sprintf("%d/%d", done, of)) }
	found, err := o.client(t).Classes(t.Context(), 5, 10, note)
	want := []Class{{5, "水果", 40}, {7, "", 2}, {9, "水果", 1}}
	if diff := cmp.Diff(want, found); diff != "" || err != nil || strings.Join(progress, " ") != "1/6 2/6 3/6 4/6 5/6 6/6" {
		t.Errorf("%v %v\n%s", err, progress, diff)
	}
	found, err = o.client(t).Classes(t.Context(), 9, 12, nil)
	if len(found) != 1 || fault.KindOf(err) != fault.Refused {
		t.Errorf("%v, %v", found, err)
	}
}
