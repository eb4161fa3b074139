package wire

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/fault"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		raw      string
		insecure bool
		want     string // "" if refused
		code     string
	}{
		{raw: "https://api.example.com", want: "https://api.example.com/"},
		{raw: " https://api.example.com/open/ ", want: "https://api.example.com/open/"},
		{raw: "http://127.0.0.1:8080", want: "http://127.0.0.1:8080/"},
		{raw: "http://[::1]:8080/x", want: "http://[::1]:8080/x/"},
		{raw: "http://LOCALHOST/", want: "http://LOCALHOST/"},
		{raw: "http://api.example.com", insecure: true, want: "http://api.example.com/"},
		{raw: "http://api.example.com", code: "acme.insecure"},
		{raw: "http://localhost.example.com", code: "acme.insecure"},
		{raw: "http://127.0.0.1.example.com", code: "acme.insecure"},
		{raw: "http://2130706433/", code: "acme.insecure"},
		{raw: "HTTP://10.0.0.1", code: "acme.insecure"},
		{raw: "", code: "acme.address"},
		{raw: "api.example.com", code: "acme.address"},
		{raw: "ftp://api.example.com", code: "acme.address"},
		{raw: "https://user:pw@api.example.com", code: "acme.address"},
		{raw: "https://api.example.com/?key=1", code: "acme.address"},
		{raw: "https://api.example.com/#a", code: "acme.address"},
		{raw: "https:api.example.com", code: "acme.address"},
		{raw: "https://:443", code: "acme.address"},
		{raw: "https://a b", code: "acme.address"},
	}
	for _, tt := range tests {
		a, err := ParseAddress(acme, tt.raw, tt.insecure)
		if tt.want == "" {
			if fault.KindOf(err) != fault.Invalid || fault.CodeOf(err) != tt.code {
				t.Errorf("%q: %v", tt.raw, err)
			}
			continue
		}
		if err != nil || a.URL().String() != tt.want || a.Insecure() != tt.insecure {
			t.Errorf("%q: %v, insecure %v, %v", tt.raw, a.URL(), a.Insecure(), err)
		}
	}
}

func TestJoin(t *testing.T) {
	a, err := ParseAddress(acme, "https://api.example.com/open", false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Join("/pay/query", url.Values{"名": {"a b&c"}})
	if want := "https://api.example.com/open/pay/query?%E5%90%8D=a+b%26c"; got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "/", "//evil.example.com", "https://evil.example.com", "../admin", "a/../../b", "a?b", "a#b", `a\b`, "a%2e%2e", "a\nb"} {
		if got, err := a.Join(bad, nil); fault.KindOf(err) != fault.Invalid || got != "" {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
}

func TestJoinNeverLeavesTheBase(t *testing.T) {
	a, err := ParseAddress(acme, "https://api.example.com/open/", false)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		route := rapid.StringOfN(rapid.RuneFrom([]rune("ab./\\:@?#% \x00é")), 0, 12, -1).Draw(t, "route")
		got, err := a.Join(route, nil)
		if err == nil && !strings.HasPrefix(got, "https://api.example.com/open/") {
			t.Fatalf("%q leads to %q", route, got)
		}
	})
}

func TestOriginSpellsOutThePort(t *testing.T) {
	for raw, want := range map[string]string{
		"https://API.example.com":      "https://api.example.com:443",
		"https://api.example.com:443/": "https://api.example.com:443",
		"http://[::1]/x":               "http://[::1]:80",
	} {
		if a, err := ParseAddress(acme, raw, false); err != nil || a.Origin() != want {
			t.Errorf("%q: %q, %v", raw, a.Origin(), err)
		}
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		status       int
		read, write  fault.Kind
		rcode, wcode string
	}{
		{302, fault.Contract, fault.Unknown, "redirect", "uncertain"},
		{400, fault.Refused, fault.Refused, "rejected", "rejected"},
		{401, fault.Credentials, fault.Credentials, "credentials", "credentials"},
		{403, fault.Credentials, fault.Credentials, "credentials", "credentials"},
		{404, fault.Contract, fault.Contract, "route", "route"},
		{408, fault.Unreachable, fault.Unknown, "server", "uncertain"},
		{409, fault.Refused, fault.Unknown, "rejected", "uncertain"},
		{429, fault.Unreachable, fault.Unknown, "busy", "uncertain"},
		{500, fault.Unreachable, fault.Unknown, "server", "uncertain"},
		{504, fault.Unreachable, fault.Unknown, "server", "uncertain"},
	}
	for _, tt := range tests {
		wantFault(t, acme.Status(Reads, tt.status), tt.read, "acme."+tt.rcode)
		wantFault(t, acme.Status(Writes, tt.status), tt.write, "acme."+tt.wcode)
	}
	for _, ok := range []int{200, 201, 204} {
		if err := acme.Status(Writes, ok); err != nil {
			t.Errorf("%d: %v", ok, err)
		}
	}
}
