package wire

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"cashier/services/fault"
)

// Address is the checked base URL of a service. Its zero value is unusable;
// make one with ParseAddress.
type Address struct {
	service Service
	base    *url.URL
}

// ParseAddress checks a base URL as a person typed it. It must be https;
// plain http is accepted for loopback hosts, and elsewhere only when
// allowInsecure is set. User names, queries and fragments are refused, since
// they would end up in logs or be lost. Faults: Invalid.
func ParseAddress(s Service, raw string, allowInsecure bool) (Address, error) {
	u, err := checkURL(s, strings.TrimSpace(raw), allowInsecure)
	if err != nil {
		return Address{}, err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return Address{}, s.badAddress(errors.New("query or fragment in a base address"))
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	u.RawPath = ""
	return Address{service: s, base: u}, nil
}

// Join is the URL of a route below the base, with its query. A route is a
// relative path such as "api/weixin/login"; one leading slash is ignored.
// Routes that would leave the base are Invalid.
func (a Address) Join(route string, query url.Values) (string, error) {
	rel := strings.TrimPrefix(route, "/")
	if rel == "" || strings.ContainsAny(rel, "?#\\:%") || strings.HasPrefix(rel, "/") || hasDots(rel) || hasControl(rel) {
		return "", a.service.Fault(fault.Invalid, "route_setting",
			"The route “{route}” is not a path below the address of {service}. Correct it in Settings.", nil, "route", Redact(route))
	}
	u := *a.base
	u.Path += rel
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// Origin is scheme, host and port, as in "https://example.com:8443".
func (a Address) Origin() string { return origin(a.base) }

// URL is the base itself, ending in a slash.
func (a Address) URL() *url.URL {
	u := *a.base
	return &u
}

// Insecure reports that the address is plain http beyond this machine, which
// must stay visible to the person as a warning.
func (a Address) Insecure() bool {
	return a.base.Scheme == "http" && !isLoopback(a.base.Hostname())
}

// Check applies the rule of addresses to any URL: Invalid unless it is https,
// or http to loopback, or allowInsecure is set.
func (s Service) Check(raw string, allowInsecure bool) error {
	_, err := checkURL(s, raw, allowInsecure)
	return err
}

func checkURL(s Service, raw string, allowInsecure bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, s.badAddress(errors.New("unreadable address"))
	}
	if u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, s.badAddress(errors.New("no host, or a user name in the address"))
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (allowInsecure || isLoopback(u.Hostname())):
	case u.Scheme == "http":
		return nil, s.Fault(fault.Invalid, "insecure",
			"The address of {service} is not encrypted (http). Use https, or allow the insecure connection in Settings if you accept that others can read it.", nil)
	default:
		return nil, s.badAddress(errors.New("neither https nor http"))
	}
	return u, nil
}

func (s Service) badAddress(cause error) error {
	return s.Fault(fault.Invalid, "address",
		"The address of {service} is not usable. Enter it like https://example.com/ in Settings.", cause)
}

// isLoopback accepts the name localhost and loopback literals only: a name
// that merely resolves to loopback today may resolve elsewhere tomorrow.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// origin spells out the default port, so that equal origins are equal text.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host + ":" + port
}

func hasDots(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
