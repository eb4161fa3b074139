package wire

import (
	"strings"
	"testing"

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
