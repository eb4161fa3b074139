package wire

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/fault"
)

var testService = Service{Code: "svc", Name: "Service"}

var testAction = Action{Name: "do", Method: "POST", Body: Flat, Fields: []Field{
	{Name: "id", Type: Whole, Required: true}, {Name: "price", Type: Number}, {Name: "on", Type: Flag},
	{Name: "ids", Type: Wholes}, {Name: "names", Type: Strings}, {Name: "text"},
}}

func TestActionRefusesWhatItDoesNotHave(t *testing.T) {
	for name, c := range map[string]struct {
		args []Arg
		code string
	}{
		"good":    {[]Arg{{"id", "1"}}, ""},
		"unknown": {[]Arg{{"id", "1"}, {"prise", "2"}}, "svc.argument_unknown"},
		"twice":   {[]Arg{{"id", "1"}, {"id", "1"}}, "svc.argument_twice"},
		"missing": {[]Arg{{"price", "2"}}, "svc.argument_missing"},
	} {
		if err := testAction.Check(testService, c.args); fault.CodeOf(err) != c.code && (err != nil || c.code != "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestActionWritesEachFieldByItsType(t *testing.T) {
	args := []Arg{{"id", "9007199254740993"}, {"price", "2.50"}, {"on", "true"}, {"ids", "1, 390962138708451328"}, {"names", "a,b"}, {"text", `1"2`}}
	b, err := testAction.JSON(testService, args)
	if want := `{"id":9007199254740993,"ids":[1,390962138708451328],"names":["a","b"],"on":true,"price":2.5,"text":"1\"2"}`; err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
	listed, ids := testAction, Action{Body: IDs, Fields: []Field{{Name: "ids", Type: Wholes}}}
	listed.Body = Listed
	if b, err := listed.JSON(testService, []Arg{{"id", "7"}}); err != nil || string(b) != `[{"id":7}]` {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := ids.JSON(testService, []Arg{{"ids", "1,2"}}); err != nil || string(b) != `[1,2]` {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []Arg{{"id", ""}, {"id", "1.5"}, {"price", "cheap"}, {"on", "yes"}, {"ids", "1,x"}} {
		if _, err := testAction.JSON(testService, []Arg{bad}); fault.CodeOf(err) != "svc.argument_value" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestSecretsAreNotDescribed(t *testing.T) {
	a := Action{Name: "do", Fields: []Field{{Name: "ids"}, {Name: "word", Secret: true}, {Name: "cardNo"}, {Name: "none", Secret: true}, {Name: "codes", Type: Strings, Secret: true}}}
	args := []Arg{{"ids", "7,8"}, {"word", "open sesame"}, {"cardNo", "914095353294404024"}, {"none", ""}, {"codes", "660000000001, 123"}}
	if got, want := a.Describe(args), "ids=7,8 word=*** cardNo=***4024 none= codes=***0001,***"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := a.Secrets(args); len(got) != 3 || got[0] != "open sesame" {
		t.Errorf("%q", got)
	}
}

func TestByStatus(t *testing.T) {
	for status, deed := range map[int]Outcome{302: Open, 307: Open, 400: Refused, 401: Refused, 403: Refused, 404: Refused, 405: Refused, 408: Open, 409: Open, 429: Open, 500: Open, 502: Open} {
		if o, settled := ByStatus(Writes, status); o != deed || !settled {
			t.Errorf("deed, %d: %s, %t", status, o, settled)
		}
		if o, settled := ByStatus(Reads, status); o != Refused || !settled {
			t.Errorf("question, %d: %s, %t", status, o, settled)
		}
	}
	if o, settled := ByStatus(Writes, 200); o != Open || settled {
		t.Errorf("%s, %t", o, settled)
	}
}

// What a person looks for must not be smoothed away, and no secret with it.
func TestReadableShowsQuirksAsTheyCame(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":1,"a":2}`:                               `{"a":1,"a":2}`,
		`{"a":{"b":1,"B":2}}`:                         `{"a":{"b":1,"B":2}}`,
		`{"a":1} trailing`:                            `{"a":1} trailing`,
		`{"a":1}{"a":2}`:                              `{"a":1}{"a":2}`,
		`{"a":1,"a":2,"appSecret":["x1","y2"]}`:       `{"a":1,"a":2,"appSecret":***}`,
		`{"token" : {"v":"]x1"},"a":1} y2`:            `{"token" : ***,"a":1} y2`,
		`{"to\u006ben":["x1"]} y2`:                    `{"to\u006ben":"***"} y2`,
		`{"password":["x1`:                            `{"password":***`,
		`{"sign":"x1","a":1,"a":"code s3cr3t"}`:       `{"sign":***,"a":1,"a":"code ***"}`,
		`s3cr3t s3cr3t`:                               `*** ***`,
		"{\"appSecret\":[\"x1\"],\"b\":\"<s3cr3t>\"}": "{\n  \"appSecret\": \"***\",\n  \"b\": \"<***>\"\n}",
		`{"s3cr3t":"a","n":2468135}`:                  "{\n  \"***\": \"a\",\n  \"n\": \"***135\"\n}",
		`{"token":[],"keys":null}`:                    "{\n  \"keys\": null,\n  \"token\": []\n}",
	} {
		if got := Readable(Reply{Body: []byte(body)}, "s3cr3t", "", "2468").Body; got != want {
			t.Errorf("%s\nis shown as %s\nwant        %s", body, got, want)
		}
	}
}

// A secret that was passed comes back in none of the ways a server may repeat it.
func TestReadableHidesWhatWasPassed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := "Zq" + rapid.StringMatching(`[A-Za-z0-9+/"\\<&= ]{4,20}`).Draw(t, "secret") + "qZ"
		quoted, _ := json.Marshal(secret)
		var unescaped bytes.Buffer
		enc := json.NewEncoder(&unescaped)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(secret)
		plainly := strings.TrimSpace(unescaped.String())
		for _, body := range []string{
			secret, `{"x":` + string(quoted) + `}`, `{"x":[` + plainly + `]}`, `{"x":` + plainly + `} more`, url.QueryEscape(secret),
			`{"x":1,"x":` + string(quoted) + `}`, `{` + plainly + `:1}`,
		} {
			got := Readable(Reply{Body: []byte(body)}, secret).Body
			for _, form := range []string{secret, strings.Trim(string(quoted), `"`), plainly[1 : len(plainly)-1], url.QueryEscape(secret)} {
				if strings.Contains(got, form) {
					t.Fatalf("%s shows %s", got, form)
				}
			}
		}
	})
}

func FuzzReadable(f *testing.F) {
	for _, seed := range []string{`{"token":["a",{"b":"]"}],"a":1}`, `{"a":1} {"key":{`, `"sign":"\"`, `[{"password":[`, "\ufeff{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		Readable(Reply{Body: body}, "s3cr3t") // whatever comes, it ends and shows something bounded
		hidden := hideNested([]byte(`{"appSecret":["pr1v4te"],"x":` + string(body)))
		if bytes.Contains(hidden[:min(len(hidden), 20)], []byte("pr1v4te")) {
			t.Fatalf("%s", hidden)
		}
	})
}

func TestReadableHidesSecretsAtEveryDepth(t *testing.T) {
	body := "\ufeff" + `[{"appKey":"k-abcdef","shop":{"appSecret":"s-abcdef","id":9007199254740993,"code":134567890123456788,"authPayCode":281234567890123456,"note":"sign=abcdef0123 and 134567890123456789"}, "coupons":[{"cardId":"390962138708451328"}],"token":""}]`
	said := Readable(Reply{Status: 200, Body: []byte(body)})
	for _, secret := range []string{"k-abcdef", "s-abcdef", "abcdef0123", "134567890123456789", "134567890123456788", "3456"} {
		if strings.Contains(said.Body, secret) {
			t.Errorf("%s is shown in %s", secret, said.Body)
		}
	}
	if !strings.Contains(said.Body, "9007199254740993") || said.HTTPStatus != 200 {
		t.Errorf("%+v", said)
	}
	if said := Readable(Reply{Status: 502, Body: []byte("<html>key=abc</html>")}); said.Body != "<html>key=***</html>" && strings.Contains(said.Body, "abc") {
		t.Errorf("%+v", said)
	}
}
