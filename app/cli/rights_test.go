package cli

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cashier/services/access"
)

// crew sets an owner, a manager, a cashier and one who redeems up, numbered 1
// to 4.
func (r *rig) crew() *rig {
	r.t.Helper()
	r.want(Done, r.run("2580\n", "staff", "add", "--name", "老板", "--role", "owner"), "1  老板  owner")
	for _, p := range [][3]string{{"经理", "manager", "3691"}, {"小雨", "cashier", "4826"}, {"阿青", "staff", "9137"}} {
		r.want(Done, r.run("2580\n"+p[2]+"\n", "--staff", "1", "staff", "add", "--name", p[0], "--role", p[1]))
	}
	return r
}

var (
	idOf  = map[access.Role]string{access.Owner: "1", access.Manager: "2", access.Cashier: "3", access.Staff: "4"}
	pinOf = map[access.Role]string{access.Owner: "2580", access.Manager: "3691", access.Cashier: "4826", access.Staff: "9137"}
)

func (r *rig) as(role access.Role, stdin string, args ...string) result {
	r.t.Helper()
	return r.run(pinOf[role]+"\n"+stdin, append([]string{"--staff", idOf[role]}, args...)...)
}

// rest is what each command is given to get as far as asking who acts. Those
// of the second list open no till.
var rest = map[string]string{
	"config set": "shop.name x", "secret set": "hq.header_value", "secret adopt": "--reason x",
	"sync": "--full", "sync accept": "--all --reason x", "sync reset-download": "", "product add": "--product 1", "product remove": "--product 1",
	"price set": "--product 1 --price 2", "price import": "PRICES", "price adjust": "--product 1 --percent 5",
	"price batch send": "x", "price batch cancel": "x", "price batch undo": "x", "price batch resolve": "x --all --keep", "weixin app set": "--id x", "weixin card set": "--phone 1",
	"hq classes": "--save --to 1", "hq call": "deleteall", "liantuofu call": "cancel outTradeNo=not-of-ours-1", "zvcms call": "",
	"sale ring": "--line 999999 --tender cash=1", "sale tender": "x --tender cash=1", "sale void": "x --reason x", "sale refund": "x --all --reason x",
	"consume": "--customer 1 --amount 1", "redeem times-card": "914095353294404024", "pay cancel": "x", "pay refund": "x", "pay resolve": "x --as PAID --reason x",
	"upload retry": "all", "upload accept": "x --reason x", "backup": "", "restore": "FILE",
	"staff add": "--name 新人 --role staff", "staff set": "4 --name 阿青", "staff badge": "4 --none", "staff remove": "77", "staff pin": "1", "staff unlock": "4",

	"config get": "", "sync held": "", "sync stock": "", "product find": "x", "product show": "x", "price log": "--product 1", "price history": "",
	"price export": "LIST", "price batch list": "", "price batch show": "x",
	"stock list": "", "shop list": "--product 1", "weixin app get": "", "weixin card get": "", "contracts": "", "pay status": "x", "pay query": "x",
	"settle": "--wait 0s", "reconcile": "", "upload list": "", "upload send": "", "journal list": "", "journal show": "x", "verify": "", "backup list": "",
	"device list": "", "device watch": "scale", "device test": "drawer",
	"staff list": "", "doctor": "", "diagnose": "--out BUNDLE",
}

var noTill = []string{"simulate", "bench", "demo-shop"}

// Every command, as nobody and as somebody of each side of its right.
func TestEveryCommandAsksForItsRight(t *testing.T) {
	r := newRig(t)
	// The servers of this test are gone: whoever is let through comes to nothing.
	r.want(Done, r.run("", "config", "set", "hq.url", "http://127.0.0.1:1/"))
	r.want(Done, r.run("", "config", "set", "liantuofu.url", "http://127.0.0.1:1/open/"))
	for _, kv := range [][2]string{{"zvcms.open_id", "x"}, {"zvcms.grant_code", "x"}, {"zvcms.url", "http://127.0.0.1:1/"}} {
		r.want(Done, r.run("", "config", "set", kv[0], kv[1]))
	}
	r.want(Done, r.run("x\n", "secret", "set", "zvcms.open_key"))
	r.crew()
	prices := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(prices, []byte("productId,price\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	asks := func(got result) string {
		for _, code := range []string{"access.nobody", "access.denied", "usage"} {
			if strings.Contains(got.out, `"code": "`+code+`"`) {
				return code
			}
		}
		return ""
	}
	for _, cmd := range commands() {
		n, known := needs[cmd.words]
		if !known {
			t.Errorf("%s: nothing says which right it needs", cmd.words)
			continue
		}
		if slices.Contains(noTill, cmd.words) {
			continue
		}
		given, known := rest[cmd.words]
		if !known {
			t.Errorf("%s: not tried", cmd.words)
			continue
		}
		if cmd.words == "zvcms call" {
			given = "communal.user.consume bizId=1 customerId=1 amount=1"
		}
		given = strings.NewReplacer("PRICES", prices, "BUNDLE", filepath.Join(t.TempDir(), "bundle.zip"), "LIST", filepath.Join(t.TempDir(), "list.csv"), "FILE", filepath.Join(r.dir, "no-backup.db")).Replace(given)
		line := append(append([]string{"--json"}, strings.Fields(cmd.words)...), strings.Fields(given)...)
		t.Run(cmd.words, func(t *testing.T) {
			said := r.run("", line...)
			got := asks(said)
			if n.right == "" {
				if got != "" {
					t.Errorf("needs no right and says %s", got)
				}
				return
			}
			if cmd.words == "restore" { // nobody reads a backup that is not there
				return
			}
			if got != "access.nobody" {
				t.Errorf("as nobody it says %s%s", said.out, said.err)
			}
			var below, holds access.Role
			for _, role := range access.Roles() {
				if role.Holds(n.right) && holds == "" {
					holds = role
				} else if holds == "" {
					below = role
				}
			}
			if cmd.words == "staff pin" {
				below = access.Staff // a cashier's own PIN is the cashier's
			}
			if below != "" {
				if got := asks(r.as(below, "", line...)); got != "access.denied" {
					t.Errorf("as %s it says %q", below, got)
				}
			}
			if got := asks(r.as(holds, "7319\n", line...)); got != "" {
				t.Errorf("as %s it says %q", holds, got)
			}
		})
	}
	if len(needs) != len(commands()) {
		t.Errorf("%d commands, and what %d need", len(commands()), len(needs))
	}
	r.want(Done, r.run("", "verify"), "0 broken")
}

// docs/rights.md says what the tables in the code say, no more and no less.
func TestRightsAreWrittenDown(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "rights.md"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ acts, roles string }
	rows := map[string]row{}
	commandsOf := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*) \\|$").FindAllStringSubmatch(string(raw), -1) {
		rows[m[1]] = row{m[2], m[3]}
		for _, c := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(m[4], -1) {
			commandsOf[m[1]] = append(commandsOf[m[1]], c[1])
		}
	}
	for _, rule := range access.Rules() {
		var roles []string
		for _, role := range access.Roles() {
			if role.Holds(rule.Right) {
				roles = append(roles, string(role))
			}
		}
		got := rows[string(rule.Right)]
		if got.roles != strings.Join(roles, ", ") {
			t.Errorf("%s: the document says %q, the table %v", rule.Right, got.roles, roles)
		}
		if got.acts == "" {
			t.Errorf("%s: the document names no act", rule.Right)
		}
		delete(rows, string(rule.Right))
		var want []string
		for _, cmd := range commands() {
			if n := needs[cmd.words]; n.right == rule.Right {
				want = append(want, map[bool]string{true: cmd.words + " …", false: cmd.words}[n.sometimes])
			}
		}
		slices.Sort(want)
		slices.Sort(commandsOf[string(rule.Right)])
		if !slices.Equal(want, commandsOf[string(rule.Right)]) {
			t.Errorf("%s: the document names %q, the code %q", rule.Right, commandsOf[string(rule.Right)], want)
		}
	}
	for right := range rows {
		t.Errorf("the document has a right %s that the code does not know", right)
	}
	_, free, _ := strings.Cut(string(raw), "Needs no right:")
	free, _, _ = strings.Cut(free, "\n\n")
	for _, cmd := range commands() {
		if needs[cmd.words].right == "" && !strings.Contains(free, "`"+cmd.words+"`") {
			t.Errorf("%s needs no right, and the document does not say so", cmd.words)
		}
	}
}

// A PIN never has to be an argument, and locks out over processes.
func TestStaffSignIn(t *testing.T) {
	r := newRig(t).crew()
	t.Setenv(PINEnv, "4826")
	r.want(RefusedExit, r.run("", "--staff", "3", "config", "set", "shop.name", "别家"), "no right")
	r.want(Done, r.run("8264\n", "--staff", "3", "staff", "pin", "3"))
	r.want(RefusedExit, r.run("", "--staff", "3", "backup"), "not the PIN of 小雨")
	t.Setenv(PINEnv, "")
	r.want(RefusedExit, r.run("8264\n", "--staff", "3", "backup"), "no right")
	r.want(RefusedExit, r.run("8264\n", "--staff", "8", "backup"), "Nobody with the number 8")
	r.want(Done, r.run("3691\n", "backup", "--staff=2"), "checked")
	r.want(Done, r.run("3691\n青禾\n", "--staff", "2", "secret", "set", "hq.header_value"))

	for range 4 {
		r.want(RefusedExit, r.run("1111\n", "--staff", "2", "backup"), "not the PIN")
	}
	r.want(RefusedExit, r.run("1111\n", "--staff", "2", "backup"), "wait 30 s")
	r.want(RefusedExit, r.run("3691\n", "--staff", "2", "config", "set", "shop.name", "x"), "wait ")
	r.want(Done, r.run("", "staff", "list"), "locked for")
	r.want(RefusedExit, r.run("8264\n", "--staff", "3", "staff", "unlock", "2"), "no right")
	r.want(Done, r.run("2580\n", "--staff", "1", "staff", "unlock", "2"))
	r.want(Done, r.run("3691\n", "--staff", "2", "backup"))
	r.want(RefusedExit, r.run("3691\n7319\n", "--staff", "2", "staff", "pin", "1"), "ask an owner")
	r.want(RefusedExit, r.run("2580\n", "--staff", "1", "staff", "remove", "1"), "no owner left")
	r.want(RefusedExit, r.run("2580\n2580258\n1234\n", "--staff", "1", "staff", "pin", "x"), "Nobody with the number x")
	r.want(Done, r.run("2580\nSTAFF-7Q2M9X\n", "--staff", "1", "staff", "badge", "3"), "badge")
	r.want(RefusedExit, r.run("2580\n134567890123450001\n", "--staff", "1", "staff", "badge", "4"), "not the code of a staff badge")
	r.want(Done, r.run("", "verify"), "0 broken")
	r.want(Done, r.run("", "staff", "list", "--json"), `"role": "owner"`)
	r.noSecretsAtRest("STAFF-7Q2M9X")
}

// What a person does stands in the audit trail under that person's name.
func TestTheTrailNamesThePerson(t *testing.T) {
	r := newRig(t).synced().crew()
	s := doc[saleJSON](t, r.want(Done, r.as(access.Cashier, "", "--json", "sale", "ring", "--line", "10001@1", "--tender", "cash=100")).out)
	r.want(RefusedExit, r.as(access.Staff, "", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"), "no right")
	r.want(RefusedExit, r.as(access.Cashier, "", "sale", "refund", s.SaleID, "--all", "--reason", "坏了"), "no right")
	r.want(Done, r.as(access.Manager, "", "sale", "refund", s.SaleID, "--all", "--reason", "坏了"))
	rows := r.auditRows(`what IN ('sale.complete', 'sale.refund')`)
	if want := "sale.complete staff:3 小雨 cashier cashierctl\nsale.refund staff:2 经理 manager cashierctl\n"; rows != want {
		t.Errorf("the trail says\n%s", rows)
	}
}

// Whose vault is lost for good has nobody who could sign in: the machine's user
// says so, and sets the PINs anew.
func TestStaffOfALostVault(t *testing.T) {
	r := newRig(t).crew()
	r.want(RefusedExit, r.as(access.Owner, "", "secret", "adopt", "--reason", "x"), "nothing was changed")
	if err := os.Rename(filepath.Join(r.dir, "vault.age"), filepath.Join(t.TempDir(), "gone")); err != nil {
		t.Fatal(err)
	}
	r.want(RefusedExit, r.as(access.Owner, "", "backup"), "belong to the vault")
	r.want(RefusedExit, r.run("", "backup"), "Nobody is signed in")
	r.want(Done, r.run("", "secret", "adopt", "--reason", "disk lost"))
	r.want(Done, r.run("", "staff", "list"), "no PIN")
	r.want(Done, r.run("7319\n", "staff", "pin", "1"))
	r.want(RefusedExit, r.run("", "backup"), "Nobody is signed in")
	r.want(Done, r.run("7319\n", "--staff", "1", "backup"))
	r.want(Done, r.run("", "verify"), "0 broken")
}

// Books are restored by an owner of theirs, also when they are gone.
func TestRestoreAsksWho(t *testing.T) {
	r := newRig(t).synced().crew()
	r.want(Done, r.as(access.Cashier, "", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	b := doc[backupJSON](t, r.want(Done, r.as(access.Manager, "", "--json", "backup")).out)
	r.want(RefusedExit, r.run("", "restore", b.File), "Nobody is signed in")
	r.want(RefusedExit, r.as(access.Manager, "", "restore", b.File), "no right")
	r.want(Done, r.as(access.Owner, "", "restore", b.File), "epoch 2")
	for _, name := range []string{"ledger.db", "ledger.db-wal", "ledger.db-shm"} {
		_ = os.Remove(filepath.Join(r.dir, name))
	}
	r.want(RefusedExit, r.run("", "restore", b.File), "Nobody is signed in")
	r.want(RefusedExit, r.run("0000\n", "--staff", "1", "restore", b.File), "not the PIN")
	r.want(Done, r.as(access.Owner, "", "restore", b.File), "epoch 3")
	r.want(RefusedExit, r.run("", "restore", "--confirm-reconciled", "--reason", "x"), "Nobody is signed in")
	r.want(Done, r.as(access.Manager, "", "restore", "--confirm-reconciled", "--reason", "x"))
	r.want(Done, r.run("", "verify"), "0 broken")
}

// R9: PINs and badges are in no file in clear, and said nowhere.
func TestPINsAreNowhere(t *testing.T) {
	r := newRig(t).synced()
	pins := []string{"70315926", "81426037", "92537148"} // 8 digits: no accident
	said := ""
	say := func(got result) { said += got.out + got.err }
	say(r.want(Done, r.run(pins[0]+"\n", "staff", "add", "--name", "老板", "--role", "owner")))
	say(r.want(Done, r.run(pins[0]+"\n"+pins[1]+"\n", "--staff", "1", "staff", "add", "--name", "小雨", "--role", "cashier")))
	say(r.want(Done, r.run(pins[0]+"\nSTAFF-CANARY99\n", "--staff", "1", "staff", "badge", "2")))
	say(r.run(pins[2]+"\n", "--staff", "2", "sale", "ring", "--line", "10001@1", "--tender", "cash=100"))
	say(r.want(Done, r.run(pins[1]+"\n", "--staff", "2", "sale", "ring", "--line", "10001@1", "--tender", "cash=100")))
	say(r.want(Done, r.run(pins[1]+"\n"+pins[2]+"\n", "--staff", "2", "staff", "pin", "2")))
	t.Setenv(PINEnv, pins[0])
	say(r.want(Done, r.run("", "--staff", "1", "config", "set", "shop.name", "青禾")))
	out := t.TempDir()
	say(r.want(Done, r.run("", "--staff", "1", "backup", "--to", out)))
	say(r.want(Done, r.run("", "staff", "list", "--all", "--json")))
	canaries := slices.Concat(pins, []string{"STAFF-CANARY99", "CANARY99"})
	r.noSecretsAtRest(canaries...)
	away := *r
	away.dir = out
	away.noSecretsAtRest(canaries...)
	for _, canary := range canaries {
		if strings.Contains(said, canary) {
			t.Errorf("%s… was said", canary[:3])
		}
	}
	if entries, _ := os.ReadDir(out); len(entries) == 0 {
		t.Error("there is no backup to look into")
	}
}

// auditRows are what, who, and through what, oldest first.
func (r *rig) auditRows(where string) string {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(r.dir, "ledger.db"))+"?mode=ro")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(r.t.Context(), `SELECT concat_ws(' ', what, actor_id, actor_name, actor_role, actor_program) FROM audit WHERE `+where+` ORDER BY seq`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	all := ""
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			r.t.Fatal(err)
		}
		all += one + "\n"
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return all
}
