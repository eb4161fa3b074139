package settings

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

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
	Word   // Text that a gateway signs: no & or = and no control characters
	Zone   // a time zone by its name, such as Asia/Shanghai
	Digits // groups of digits, separated by commas
	Factor // a decimal from 1 to 2
)

// Section is where a settings screen shows a key.
type Section string

// The sections that keys belong to. A key without one is the program's own.
const (
	Gateways Section = "gateways"
	Shop     Section = "shop"
	Pay      Section = "pay"
	Devices  Section = "devices"
	People   Section = "people"
	Look     Section = "look"
	Backup   Section = "backup"
)

// Key is one setting.
type Key struct {
	Name    string
	Kind    Kind
	Default string
	Choices []string
	Suggest []string // values worth offering; others are as good
	Min     int64    // of an Int
	Max     int64    // of an Int; 0: any
	Doc     string

	Section Section
	Fine    bool // seldom changed: a screen folds it away
	AtOnce  bool // read whenever it is needed; the others hold from the next start
}

// Group is the first part of a key's name: whom it is about.
func (k Key) Group() string {
	group, _, _ := strings.Cut(k.Name, ".")
	return group
}

// Keys lists every setting but the hq.route.* family.
func Keys() []Key { return slices.Clone(keys) }

var keys = []Key{
	{Name: "hq.url", Section: Gateways, Kind: URL, Doc: "address of HQ, such as https://api.freshif.com"},
	{Name: "hq.tenant", Section: Gateways, Doc: "enterprise code at HQ"},
	{Name: "hq.login", Section: Gateways, Doc: "user name at HQ; its password is the secret hq.password"},
	{Name: "hq.shop_id", Section: Gateways, Kind: Int, Doc: "id of this shop at HQ"},
	{Name: "hq.page_size", Section: Gateways, Fine: true, Kind: Int, Default: "200", Doc: "products per page when the prices are read"},
	{Name: "hq.page_base", Section: Gateways, Fine: true, Kind: Choice, Default: "1", Choices: []string{"1", "0"}, Doc: "number of the first page: 1 or 0"},
	{Name: "hq.app", Section: Gateways, Fine: true, Doc: "app identifier sent with the login, where HQ wants one"},
	{Name: "hq.openid", Section: Gateways, Fine: true, Doc: "WeChat openid sent with the login, where HQ wants one"},
	{Name: "hq.header_name", Section: Gateways, Fine: true, Doc: "name of a fixed header sent to HQ, where it wants one; its value is the secret hq.header_value"},
	{Name: "hq.classes", Section: Gateways, Fine: true, Doc: "class ids of HQ that are known, such as 3=蔬菜,5=水果; `hq classes --save` finds them"},
	{Name: "hq.upload", Section: Gateways, Kind: Choice, Default: "off", Choices: []string{"on", "off"}, Doc: "report every sale to HQ; off: they are queued all the same"},
	{Name: "hq.upload_device", Section: Gateways, Fine: true, Doc: "deviceCode in what is reported; unset: the till's id"},
	{Name: "hq.upload_stall", Section: Gateways, Fine: true, Kind: Int, Default: "0", Doc: "stallId in what is reported; 0: none"},
	{Name: "hq.upload_quantity", Section: Gateways, Fine: true, Default: "qty", Doc: "name of the quantity in the lines that are reported, where HQ calls it otherwise"},
	{Name: "hq.upload_times_card", Section: Gateways, Fine: true, Kind: Choice, Default: "9", Choices: []string{"2", "9"}, Doc: "paymentType of what a times card paid: 2 member card, 9 other"},
	{Name: "hq.allow_insecure", Section: Gateways, Fine: true, Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "liantuofu.url", Section: Gateways, Fine: true, Kind: URL, Default: "https://api.liantuofu.com/open/", Doc: "address of the payment gateway"},
	{Name: "liantuofu.app_id", Section: Gateways, Kind: Word, Doc: "appId of the partner"},
	{Name: "liantuofu.merchant_code", Section: Gateways, Kind: Word, Doc: "merchantCode of this shop; its key is the secret liantuofu.key"},
	{Name: "liantuofu.employee_id", Section: Gateways, Fine: true, Kind: Int, Doc: "consumeEmployeeId sent with redemptions"},
	{Name: "liantuofu.consume_source", Section: Gateways, Fine: true, Kind: Choice, Default: "1", Choices: []string{"0", "1", "2"}, Doc: "consumeSource of redemptions: 0 phone, 1 plug-in, 2 web page"},
	{Name: "liantuofu.qr_channel", Section: Pay, Kind: Choice, Default: "WXPAY", Choices: []string{"WXPAY", "ALIPAY", "UNIONPAY", "BESTPAY"}, Doc: "whose app pays by a QR code of ours: the gateway makes each code for one wallet"},
	{Name: "liantuofu.allow_insecure", Section: Gateways, Fine: true, Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "zvcms.url", Section: Gateways, Fine: true, Kind: URL, Doc: "address of the member gateway; unset: the vendor's for zvcms.version"},
	{Name: "zvcms.open_id", Section: Gateways, Doc: "OpenId; its key is the secret zvcms.open_key"},
	{Name: "zvcms.grant_code", Section: Gateways, Doc: "GrantCode"},
	{Name: "zvcms.shop_code", Section: Gateways, Doc: "multiMark of this shop"},
	{Name: "zvcms.version", Section: Gateways, Fine: true, Kind: Choice, Default: "v2", Choices: []string{"v2", "v3"}, Doc: "version of the member gateway's interface"},
	{Name: "zvcms.name_case", Section: Gateways, Fine: true, Kind: Choice, Default: "lower", Choices: []string{"lower", "upper"}, Doc: "names in the signed text: lower (grantCode=…) or upper (GrantCode=…)"},
	{Name: "zvcms.reverse_action", Section: Gateways, Fine: true, Doc: "action that takes a consumption back, once the vendor has confirmed it, such as communal.user.consume-reverse; unset: off"},
	{Name: "zvcms.operator_id", Section: Gateways, Fine: true, Kind: Int, Doc: "operatorId sent with consumptions"},
	{Name: "zvcms.operator_name", Section: Gateways, Fine: true, Doc: "operatorName sent with consumptions"},
	{Name: "zvcms.allow_insecure", Section: Gateways, Fine: true, Kind: Bool, Default: "false", Doc: "accept http beyond this machine"},
	{Name: "scanner.port", Section: Devices, Doc: "serial port of the scanner: /dev/ttyUSB0, COM3, or a pty"},
	{Name: "scanner.baud", Section: Devices, Kind: Int, Min: 300, Max: 4_000_000, Suggest: []string{"9600", "19200", "38400", "115200"}, Default: "9600", Doc: "speed of the scanner's port"},
	{Name: "pricing.count_weigh", Section: Pay, AtOnce: true, Kind: Choice, Choices: []string{"", "piece", "weight"}, Doc: "what the price of a 计数取重 product is for; unset: such a product is not sold"},
	{Name: "sale.pay_on_scan", Section: Pay, Kind: Bool, Default: "true", Doc: "a payment code scanned on the sale screen pays at once"},
	{Name: "timescard.prefixes", Section: Pay, Kind: Digits, Default: "91", Doc: "prefixes of 18-digit times-card codes, separated by commas"},
	{Name: "timescard.pays", Section: Pay, Doc: "which product a times card pays for in a sale: card name = 货号, such as 洗车10次卡=10197, separated by commas"},
	{Name: "shop.name", Section: Shop, Doc: "printed on receipts"},
	{Name: "shop.zone", Section: Shop, Kind: Zone, Suggest: []string{"Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong"}, Default: "Asia/Shanghai", Doc: "time zone that decides the business date"},
	{Name: "journal.dir", Section: Backup, Doc: "folder of the second journal, best on another disk or a stick; unset: journal in the data folder"},
	{Name: "sync.every_minutes", Section: Shop, AtOnce: true, Kind: Int, Default: "10", Max: 10_080, Doc: "minutes between price syncs in the background; 0: only when asked"},
	{Name: "pictures.hosts", Section: Shop, Fine: true, Doc: "further addresses that product pictures may come from, beside HQ's own, such as https://img.example.com, separated by commas"},
	{Name: "pictures.cache_mb", Section: Shop, Kind: Int, Default: "300", Doc: "megabytes that thumbnails may take in the data folder; 0: none are kept"},
	{Name: "pictures.per_minute", Section: Shop, Fine: true, Kind: Int, Default: "240", Doc: "pictures fetched in the background per minute at most; 0: only those that are looked at"},
	{Name: "sync.stock_minutes", Section: Shop, Fine: true, AtOnce: true, Kind: Int, Default: "30", Max: 10_080, Doc: "minutes between readings of the stock in the background; 0: never"},
	{Name: "sync.hold_removed", Section: Shop, Fine: true, Kind: Int, Default: "50", Max: 100, Doc: "percent of the products: a delivery that removes more of them is held until a manager accepts it"},
	{Name: "sync.hold_factor", Section: Shop, Fine: true, Kind: Int, Default: "8", Max: 1_000_000, Doc: "a price that becomes so many times higher or lower is held until a manager accepts it; 1: none is"},
	{Name: "look.theme", Section: Look, AtOnce: true, Kind: Choice, Default: "light", Choices: []string{"light", "dark", "safe"}, Doc: "colours of the screens: light, dark, or safe for eyes that cannot tell red from green"},
	{Name: "look.lang", Section: Look, AtOnce: true, Kind: Choice, Default: "zh", Choices: []string{"zh", "en"}, Doc: "language of the screens"},
	{Name: "look.scale", Section: Look, AtOnce: true, Kind: Factor, Suggest: []string{"1.0", "1.1", "1.25", "1.5", "2.0"}, Default: "1.0", Doc: "size of the screens: 1.0 to 2.0"},
	{Name: "staff.lock_minutes", Section: People, AtOnce: true, Kind: Int, Default: "10", Max: 1_440, Doc: "minutes without a touch, a key or a scan after which the window asks who is there; 0: never"},
	{Name: "staff.badge_prefix", Section: People, Fine: true, Default: "STAFF-", Doc: "what the code on every staff badge begins with: a letter first, so that no payment code or card can look like one"},
	{Name: "staff.badge_pin", Section: People, Kind: Bool, Default: "true", Doc: "a badge is asked for its PIN as well"},
	{Name: "guide.step", AtOnce: true, Kind: Choice, Choices: []string{"", "hq", "shop", "devices", "staff", "done"}, Doc: "how far the guide of the first start has come; the window keeps it"},
	{Name: "scale.port", Section: Devices, Doc: "serial port of the scale: /dev/ttyUSB1, COM4; unset: none"},
	{Name: "scale.protocol", Section: Devices, Kind: Choice, Default: "os2", Choices: []string{"os2", "cas", "toledo", "toledo-8217", "text", "yousheng", "yousheng-1", "yaohua", "yaohua-eq", "yaohua-eq2", "yaohua-a12"}, Doc: "how the scale speaks; check it with a known weight"},
	{Name: "scale.baud", Section: Devices, Fine: true, Kind: Int, Default: "0", Max: 4_000_000, Doc: "speed of the scale's port; 0: the usual one of its protocol"},
	{Name: "scale.unit", Section: Devices, Fine: true, Kind: Choice, Default: "kg", Choices: []string{"kg", "g", "斤", "两"}, Doc: "what a scale counts in whose protocol does not say: 8217 and yaohua"},
	{Name: "printer.target", Section: Devices, Doc: "where the receipt printer is: serial:/dev/ttyUSB2@9600, usb:/dev/usb/lp0 or tcp:192.168.1.50:9100; unset: none"},
	{Name: "printer.width", Section: Devices, AtOnce: true, Kind: Choice, Default: "58", Choices: []string{"58", "80"}, Doc: "width of its paper in mm"},
	{Name: "printer.status", Section: Devices, Fine: true, Kind: Choice, Default: "off", Choices: []string{"on", "off"}, Doc: "ask the printer for paper, cover and proof; off for one that answers nothing"},
	{Name: "printer.qr", Section: Devices, Fine: true, AtOnce: true, Kind: Choice, Default: "native", Choices: []string{"native", "picture"}, Doc: "picture: for a printer that cannot make QR codes itself"},
	{Name: "printer.auto", Section: Devices, AtOnce: true, Kind: Bool, Default: "true", Doc: "print a receipt after each sale; false: only when asked to"},
	{Name: "receipt.head", Section: Devices, AtOnce: true, Doc: "lines below the shop's name on a receipt, separated by |"},
	{Name: "receipt.foot", Section: Devices, AtOnce: true, Doc: "lines at the end of a receipt, separated by |"},
	{Name: "receipt.lang", Section: Devices, Fine: true, AtOnce: true, Kind: Choice, Choices: []string{"", "zh", "en"}, Doc: "language of the receipts; unset: that of the screens"},
	{Name: "drawer.via", Section: Devices, Suggest: []string{"printer"}, Doc: "how the cash drawer is opened: printer, or serial:/dev/ttyUSB3; unset: not at all"},
	{Name: "display.port", Section: Devices, Doc: "serial port of the customer's display (LED8); unset: none"},
	{Name: "display.baud", Section: Devices, Fine: true, Kind: Int, Min: 300, Max: 4_000_000, Default: "2400", Doc: "speed of the display's port"},
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
	values map[string]string // from the file
	mine   map[string]string // of this process only
}

// Get is the value of a key, its default where none is set, "" for an unknown key.
func (s *Settings) Get(name string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if v, ok := s.mine[name]; ok {
		return v
	}
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
	for _, values := range []map[string]string{s.values, s.mine} {
		for name, v := range values {
			if action, ok := strings.CutPrefix(name, routePrefix); ok {
				routes[action] = v
			}
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

// Set checks a value and keeps it on disk, beside whatever another process has
// set meanwhile. An empty value brings the default back.
func (s *Settings) Set(name, value string) error {
	return s.SetAll(map[string]string{name: value})
}

// SetAll is Set of several at once: all of them or, where one is no good or the
// disk fails, none.
func (s *Settings) SetAll(changes map[string]string) error {
	good := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		value, err := Check(name, changes[name])
		if err != nil {
			return err
		}
		good[name] = value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Locked(s.path, func() error {
		tree, err := readTree(s.path)
		if err != nil {
			return err
		}
		for name, value := range good {
			put(tree, strings.Split(name, "."), value)
		}
		if err := writeTree(s.path, tree); err != nil {
			return fault.Wrap(err, fault.Internal, "settings.not_saved", "The setting could not be saved: {why}. Free space on the disk or check who may write to {file}.", "why", err.Error(), "file", s.path)
		}
		s.values, _ = values(tree)
		return nil
	})
}

// Override sets a value for this process only.
func (s *Settings) Override(name, value string) error {
	value, err := Check(name, value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mine[name] = value
	return nil
}

// Overridden reports whether a value is this process's own, so that what the
// file says counts only from the next start.
func (s *Settings) Overridden(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.mine[name]
	return ok
}

// With is a copy, for this process only, with other values in it. The copy's
// Set would still write to the same file.
func (s *Settings) With(changes map[string]string) (*Settings, error) {
	s.mu.RLock()
	c := &Settings{path: s.path, values: maps.Clone(s.values), mine: maps.Clone(s.mine)}
	s.mu.RUnlock()
	for name, value := range changes {
		good, err := Check(name, value)
		switch {
		case err != nil:
			return nil, err
		case good == "":
			delete(c.values, name)
			delete(c.mine, name)
		default:
			c.mine[name] = good
		}
	}
	return c, nil
}
