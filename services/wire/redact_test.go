package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRedact(t *testing.T) {
	const canary = "cAnArY-0001"
	for _, s := range []string{
		"sign=" + canary + "&random=1",
		"&key=" + canary,
		`{"password":"` + canary + `"}`,
		`{"password": "` + canary + `\"` + canary + `"}`,
		`{\"sign\":\"` + canary + `\"}`,
		`{\"sign\":\"a\\\"` + canary + `\"}`,
		`"passWord":"` + canary, // never closed
		"appSecret: " + canary,
		"openKey=" + canary,
		"GrantCode=" + canary,
		"authCode:" + canary,
		"hq.password=" + canary,
		"PIN: " + canary,
		"密码：" + canary,
		"<appSecret>" + canary + "</appSecret>",
		"<td>AppSecret</td><td>" + canary + "</td>",
		`<input name="appSecret" type="text" value="` + canary + `">`,
		`{"message":"{\"appSecret\":{\"v\":\"` + canary + `\"}}"}`,
		`appSecret: ["x","` + canary + `"]`,
		"Token:[" + canary + "]",
		"'token': '" + canary + "'",
		"Cookie: a=b; session=" + canary,
		"map[Set-Cookie:[x=" + canary + "; path=/]]",
		"Authorization: Bearer " + canary,
		`Get "https://h.example.com/open/pay?a=1&b=` + canary + `": EOF`,
		"https://user:" + canary + "@h.example.com/",
		fmt.Sprintf("%+v", struct{ Login, Password string }{"u", canary}),
	} {
		if got := Redact(s); strings.Contains(got, canary) {
			t.Errorf("%s\nbecame %s", s, got)
		}
	}
}

func TestRedactKeepsWhatSupportNeeds(t *testing.T) {
	for _, s := range []string{
		"HQ cannot be reached", "outTradeNo=T01-3-20240506-000123", "barcode 6901234567892",
		"status 500 at https://h.example.com/open/pay", "product 红富士 pinyin hongfushi", "shopping: 3",
		"monkeys are not keys", "totalAmount=12.30",
	} {
		if got := Redact(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for s, want := range map[string]string{
		"code 134567890123456789 scanned":          "code ***6789 scanned",
		"MICROPAY134567890123456789expired":        "MICROPAY***6789expired",
		"code_134567890123456789":                  "code_***6789",
		"1345 6789 0123 4567 89 is too old":        "***7 89 is too old",
		"1345-6789-0123-4567":                      "***4567",
		"wanted 93c555da0e5c037c9758435e6b8334c8.": "wanted ***.",
	} {
		if got := Redact(s); got != want {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestRedactHidesEveryNamedSecret(t *testing.T) {
	names := []string{"key", "sign", "token", "password", "payPassword", "authCode", "auth_code", "appSecret", "openKey", "pin", "pwd", "grantCode", "Signature"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		secret := "Zq" + rapid.StringMatching(`[A-Za-z0-9+/=._-]{6,40}`).Draw(t, "secret")
		quoted, _ := json.Marshal(map[string]string{name: secret})
		nested, _ := json.Marshal(string(quoted))
		before := rapid.StringMatching(`[a-z 0-9]{0,10}`).Draw(t, "before")
		for _, s := range []string{
			before + " " + name + "=" + secret + "&x=1", before + " " + name + ": " + secret,
			before + string(quoted), before + string(nested), "a=1&" + url.Values{name: {secret}}.Encode(),
		} {
			if got := Redact(s); strings.Contains(got, secret) || strings.Contains(got, url.QueryEscape(secret)) {
				t.Fatalf("%s\nbecame %s", s, got)
			}
		}
	})
}

func TestRedactIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Redact(rapid.StringMatching(`[a-z "\\=:&?/{}0-9]{0,60}(key|pin|sign)?[=:" ]{0,3}[a-z0-9"]{0,20}`).Draw(t, "s"))
		if twice := Redact(once); twice != once {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

func TestReplaceAttr(t *testing.T) {
	const canary = "cAnArY-0002"
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: ReplaceAttr}))
	log.Info("sign="+canary,
		"password", canary, "hq.pin", canary, "authCode", 134567890123456789,
		"err", fmt.Errorf("token: %s", canary),
		"request", struct{ Key string }{canary},
		slog.Group("g", "sign", canary, "url", "https://x/?a="+canary),
		"header", http.Header{"Cookie": {"s=" + canary}},
		"number", int64(134567890123456789),
		"secret code", Secret(canary))
	if got := out.String(); strings.Contains(got, canary) || strings.Contains(got, "1345678901") {
		t.Error(got)
	}
	out.Reset()
	log.Info("sale complete", "saleId", "T1-7", "fen", 1230)
	if got := out.String(); !strings.Contains(got, "T1-7") || !strings.Contains(got, "1230") {
		t.Error(got)
	}
}

func TestSecret(t *testing.T) {
	s := Secret("cAnArY")
	doc, err := json.Marshal(struct{ S Secret }{s})
	all := fmt.Sprintf("%v %+v %#v %s %q %s %v", s, struct{ S Secret }{s}, struct{ S Secret }{s}, s, s, doc, err)
	if strings.Contains(all, "cAnArY") {
		t.Error(all)
	}
	if Secret("").String() != "" {
		t.Error("an empty secret looks like one")
	}
}

func TestClean(t *testing.T) {
	err := Clean(fmt.Errorf("asking: %w", &url.Error{Op: "Get", URL: "https://x/?sign=cAnArY", Err: io.EOF}))
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "cAnArY") || !errors.Is(err, io.EOF) {
		t.Errorf("%+v", err)
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		t.Error("the original can be taken out and printed")
	}
	if Clean(nil) != nil || Clean(err) != err { //nolint:errorlint // the very same value is meant
		t.Error("nil or a clean error was changed")
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{"key=abc", `{"sign":"x`, "https://a?b", `\"pin\":\"1\"`, "1345678901234567"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Redact("password=Zq9canary " + s); strings.Contains(got, "Zq9canary") && !strings.Contains(s, "Zq9canary") {
			t.Fatalf("%q: %q", s, got)
		}
	})
}
