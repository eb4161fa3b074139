// Package settings keeps what a shop decides about its till in one TOML file:
// known keys only, checked as they are set, written atomically. Secrets are
// not settings; they live in the vault.
//
// It touches the file system and nothing else of ours but services/fault.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"cashier/services/fault"
)

// FileName is the settings file inside the data folder.
const FileName = "settings.toml"

// Kind is what a key's value must look like.
type Kind uint8

// The kinds of values.
const (
	Text Kind = iota
	URL
	Int
	Bool
	Choice
)

// Key is one setting.
type Key struct {
	Name    string
	Kind    Kind
	Default string
	Choices []string
	Doc     string
}

// Keys lists every setting but the hq.route.* family.
func Keys() []Key { return slices.Clone(keys) }

var keys = []Key{
	{Name: "hq.url", Kind: URL, Doc: "address of HQ, such as https://api.freshif.com"},
	{Name: "hq.tenant", Doc: "enterprise code at HQ"},
	{Name: "hq.login", Doc: "user name at HQ; its password is the secret hq.password"},
	{Name: "hq.shop_id", Kind: Int, Doc: "id of this shop at HQ"},
	{Name: "hq.page_size", Kind: Int, Default: "200", Doc: "products per page when the prices are read"},
	{Name: "hq.page_base", Kind: Int, Default: "1", Doc: "number of the first page: 1 or 0"},
	{Name: "hq.app", Doc: "app identifier sent with the login, where HQ wants one"},
	{Name: "hq.openid", Doc: "WeChat openid sent with the login, where HQ wants one"},
	{Name: "hq.allow_insecure", Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "liantuofu.url", Kind: URL, Default: "https://api.liantuofu.com/open/", Doc: "address of the payment gateway"},
	{Name: "liantuofu.app_id", Doc: "appId of the partner"},
	{Name: "liantuofu.merchant_code", Doc: "merchantCode of this shop; its key is the secret liantuofu.key"},
	{Name: "liantuofu.employee_id", Kind: Int, Doc: "consumeEmployeeId sent with redemptions"},
	{Name: "liantuofu.allow_insecure", Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "zvcms.url", Kind: URL, Default: "https://openapi.zvcms.com/api/v2", Doc: "address of the member gateway"},
	{Name: "zvcms.open_id", Doc: "OpenId; its key is the secret zvcms.open_key"},
	{Name: "zvcms.grant_code", Doc: "GrantCode"},
	{Name: "zvcms.shop_code", Doc: "multiMark of this shop"},
	{Name: "zvcms.allow_insecure", Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "scanner.port", Doc: "serial port of the scanner: /dev/ttyUSB0, COM3, or a pty"},
	{Name: "scanner.baud", Kind: Int, Default: "9600", Doc: "speed of the scanner's port"},
	{Name: "pricing.count_weigh", Kind: Choice, Choices: []string{"", "piece", "weight"}, Doc: "what the price of a 计数取重 product is for; unset: such a product is not sold"},
	{Name: "sale.pay_on_scan", Kind: Bool, Default: "true", Doc: "a payment code scanned on the sale screen pays at once"},
	{Name: "timescard.prefixes", Default: "91", Doc: "prefixes of 18-digit times-card codes, separated by commas"},
	{Name: "shop.name", Doc: "printed on receipts"},
	{Name: "shop.zone", Default: "Asia/Shanghai", Doc: "time zone that decides the business date"},
	{Name: "sync.every_minutes", Kind: Int, Default: "10", Doc: "minutes between price syncs in the background; 0: only when asked"},
	{Name: "look.lang", Kind: Choice, Default: "zh", Choices: []string{"zh", "en"}, Doc: "language of the screens"},
	{Name: "look.scale", Default: "1.0", Doc: "size of the screens: 1.0 to 2.0"},
}

const routePrefix = "hq.route."

func lookup(name string) (Key, bool) {
	if i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name }); i >= 0 {
		return keys[i], true
	}
	if rest, ok := strings.CutPrefix(name, routePrefix); ok && rest != "" && !strings.ContainsAny(rest, ". \t") {
		return Key{Name: name, Doc: "path of one HQ action that the public documents leave open"}, true
	}
	return Key{}, false
}

// Settings are the values of one till. Safe for concurrent use.
type Settings struct {
	path string

	mu     sync.RWMutex
	values map[string]string
}

// Load reads the settings of a data folder; a folder without any has the
// defaults. A file that cannot be understood is set aside as .bak and the
// defaults apply; warning then says so.
func Load(dir string) (s *Settings, warning error, err error) {
	s = &Settings{path: filepath.Join(dir, FileName), values: map[string]string{}}
	raw, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil, nil
	case err != nil:
		return nil, nil, fault.Wrap(err, fault.Internal, "settings.unreadable", "The settings file {file} cannot be read; check who may read it.", "file", s.path)
	}
	values, bad := parse(raw)
	if bad == nil {
		s.values = values
		return s, nil, nil
	}
	aside := fmt.Sprintf("%s.%s.bak", s.path, time.Now().UTC().Format("20060102-150405"))
	if err := os.Rename(s.path, aside); err != nil {
		return nil, nil, fault.Wrap(err, fault.Internal, "settings.broken", "The settings file {file} is damaged and cannot be set aside; rename it yourself.", "file", s.path)
	}
	return s, fault.Wrap(bad, fault.Invalid, "settings.set_aside", "The settings file could not be understood. It was kept as {file}; the defaults apply until it is mended.", "file", aside), nil
}

func parse(raw []byte) (map[string]string, error) {
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	values := map[string]string{}
	if err := flatten("", tree, values); err != nil {
		return nil, err
	}
	for name, v := range values {
		if _, err := check(name, v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func flatten(prefix string, tree map[string]any, into map[string]string) error {
	for k, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			if err := flatten(prefix+k+".", v, into); err != nil {
				return err
			}
		case string:
			into[prefix+k] = v
		case int64, bool, float64:
			into[prefix+k] = fmt.Sprint(v)
		default:
			return fmt.Errorf("%s%s: a %T is no setting", prefix, k, v)
		}
	}
	return nil
}

// Get is the value of a key, its default where none is set, "" for an unknown key.
func (s *Settings) Get(name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if v, ok := s.values[name]; ok {
		return v
	}
	k, _ := lookup(name)
	return k.Default
}

// Int is Get as a number; 0 where nothing is set.
func (s *Settings) Int(name string) int64 {
	n, _ := strconv.ParseInt(s.Get(name), 10, 64)
	return n
}

// Bool is Get as a yes or no.
func (s *Settings) Bool(name string) bool { return s.Get(name) == "true" }

// Routes are the HQ routes that are set, by action.
func (s *Settings) Routes() map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	routes := map[string]string{}
	for name, v := range s.values {
		if action, ok := strings.CutPrefix(name, routePrefix); ok {
			routes[action] = v
		}
	}
	return routes
}

// All is every key with its value in force, in the order of Keys.
func (s *Settings) All() [][2]string {
	var all [][2]string
	for _, k := range keys {
		all = append(all, [2]string{k.Name, s.Get(k.Name)})
	}
	routes := s.Routes()
	var names []string
	for action := range routes {
		names = append(names, action)
	}
	slices.Sort(names)
	for _, action := range names {
		all = append(all, [2]string{routePrefix + action, routes[action]})
	}
	return all
}

// Known reports whether there is such a setting.
func Known(name string) bool {
	_, ok := lookup(name)
	return ok
}

// Set checks a value and keeps it on disk. An empty value brings the default back.
func (s *Settings) Set(name, value string) error {
	value, err := check(name, value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values := map[string]string{}
	for k, v := range s.values {
		values[k] = v
	}
	if values[name] = value; value == "" {
		delete(values, name)
	}
	if err := write(s.path, values); err != nil {
		return fault.Wrap(err, fault.Internal, "settings.not_saved", "The setting could not be saved: {why}. Free space on the disk or check who may write to {file}.", "why", err.Error(), "file", s.path)
	}
	s.values = values
	return nil
}

// Override sets a value for this process only.
func (s *Settings) Override(name, value string) error {
	value, err := check(name, value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
	return nil
}

func check(name, value string) (string, error) {
	k, ok := lookup(name)
	if !ok {
		return "", fault.New(fault.Invalid, "settings.unknown_key", "There is no setting {key}. `cashierctl config get` lists all of them.", "key", name)
	}
	value = strings.TrimSpace(value)
	if value == "" {
		return "", nil
	}
	bad := func(want string) (string, error) {
		return "", fault.New(fault.Invalid, "settings.bad_value", "{key} must be {want}, not “{value}”.", "key", name, "want", want, "value", value)
	}
	switch k.Kind {
	case Int:
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 {
			return bad("a whole number, 0 or more")
		}
	case Bool:
		if value != "true" && value != "false" {
			return bad("true or false")
		}
	case URL:
		if u, err := url.Parse(value); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return bad("an address such as https://host/")
		}
	case Choice:
		if !slices.Contains(k.Choices, value) {
			return bad("one of " + strings.Join(k.Choices, " "))
		}
	case Text:
	}
	return value, nil
}

// write replaces the file in one step: a reader sees the old one or the new one.
func write(path string, values map[string]string) error {
	tree := map[string]any{}
	for name, v := range values {
		parts := strings.Split(name, ".")
		at := tree
		for _, p := range parts[:len(parts)-1] {
			sub, ok := at[p].(map[string]any)
			if !ok {
				sub = map[string]any{}
				at[p] = sub
			}
			at = sub
		}
		at[parts[len(parts)-1]] = v
	}
	raw, err := toml.Marshal(tree)
	if err != nil {
		return err
	}
	return WriteFile(path, raw)
}

// WriteFile replaces a file atomically and durably, readable by its owner only.
func WriteFile(path string, raw []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(raw); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
