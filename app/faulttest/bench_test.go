//go:build unix

package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"cashier/app/demo"
	"cashier/app/vault"
	"cashier/assets/demoshop"
	"cashier/services/shopdata/standin"
)

// times reads how often to break something; `make faulttest` raises it.
func times(name string, few int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return few
}

const passphrase = "fault"

// bench is a gateway that every till of a test pays at.
type bench struct {
	*testing.T
	servers *demo.Servers
	codes   *atomic.Int64
}

// in is the same bench in a test within the test.
func (b *bench) in(t *testing.T) *bench { return &bench{T: t, servers: b.servers, codes: b.codes} }

func newBench(t *testing.T) *bench {
	t.Helper()
	servers, err := demo.Start(context.Background(), demo.Params{Shop: demoshop.FS()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	return &bench{T: t, servers: servers, codes: new(atomic.Int64)}
}

// code is a fresh payment code; its last four digits choose the gateway's fault.
// After a few codes comes another wallet: each has the price of some sales.
func (b *bench) code(tail string) string {
	n := b.codes.Add(1)
	return fmt.Sprintf("13%04d%08d%s", 2000+n/5%7000, n, tail)
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// charged is what the gateway took and kept, by our key.
func (b *bench) charged() map[string]string {
	b.Helper()
	bank := map[string]string{}
	for _, c := range b.servers.Charges() {
		if c.Kind != "pay" {
			continue
		}
		if _, twice := bank[c.Key]; twice {
			b.Errorf("%s was charged twice", c.Key)
		}
		bank[c.Key] = "given back"
		if c.State == standin.Charged {
			bank[c.Key] = c.Amount
		}
	}
	return bank
}

// program builds the real cashierctl with the switches of the crash tests.
func (b *bench) program() string {
	b.Helper()
	program := filepath.Join(b.TempDir(), "cashierctl")
	out, err := exec.CommandContext(b.Context(), "go", "build", "-tags", "crashtest", "-o", program, "cashier/cmd/cashierctl").CombinedOutput()
	if err != nil {
		b.Fatalf("building cashierctl: %v\n%s", err, out)
	}
	return program
}

// settings are what a till must be told to use the bench.
func (b *bench) settings() map[string]string {
	e := b.servers.Endpoints()
	return map[string]string{
		"hq.url": e.HQ, "hq.tenant": e.Tenant, "hq.login": e.Login, "hq.shop_id": fmt.Sprint(e.ShopID),
		"liantuofu.url": e.Liantuofu, "liantuofu.app_id": e.AppID, "liantuofu.merchant_code": e.MerchantCode,
	}
}

func (b *bench) secrets() map[string]string {
	e := b.servers.Endpoints()
	return map[string]string{"hq.password": e.Password, "liantuofu.key": e.Key}
}

// till is a data folder worked on by the program.
type till struct {
	*bench
	name    string // in messages
	program string
	dir     string
	limit   int64 // bytes of any one file; 0: none
}

// setUp makes the folder of a till that has its settings and its prices.
func (l *till) setUp(more map[string]string) {
	l.Helper()
	for name, v := range l.settings() {
		l.must("", "config", "set", name, v)
	}
	for name, v := range more {
		l.must("", "config", "set", name, v)
	}
	for name, v := range l.secrets() {
		l.must(v+"\n", "secret", "set", name)
	}
	l.must("", "sync")
}

type result struct {
	out, err string
	code     int // -1: killed
}

// watcher is told what a program says while it runs.
type watcher struct {
	said  bytes.Buffer // not embedded: what reads into it would pass Write by
	words string
	then  func(*os.Process)
	self  *exec.Cmd
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.said.Write(p)
	if w.then != nil && strings.Contains(w.said.String(), w.words) {
		w.then(w.self.Process)
		w.then = nil
	}
	return n, err
}

func (l *till) run(stdin string, args ...string) result { return l.watched(stdin, "", nil, args...) }

// watched runs the program and acts when it says something for the first time.
func (l *till) watched(stdin, words string, then func(*os.Process), args ...string) result {
	cmd := exec.CommandContext(context.Background(), l.program, append([]string{"--json", "--data", l.dir}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), vault.PassphraseEnv+"="+passphrase, "CASHIER_TIMER_DIV=20")
	if l.limit > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("CASHIER_FILE_LIMIT=%d", l.limit))
	}
	var out bytes.Buffer
	diag := &watcher{words: words, then: then, self: cmd}
	cmd.Stdout, cmd.Stderr = &out, diag
	err := cmd.Run()
	r := result{out: out.String(), err: diag.said.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.code = exit.ExitCode()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			r.code = -1
		}
	} else if err != nil {
		l.Fatalf("%s: starting the program: %v", l.name, err)
	}
	return r
}

func (l *till) must(stdin string, args ...string) string {
	l.Helper()
	r := l.run(stdin, args...)
	if r.code != 0 {
		l.Fatalf("%s: %v: exit %d\n%s%s", l.name, args, r.code, r.out, r.err)
	}
	return r.out
}

// sale is what the program prints of one.
type sale struct {
	SaleID, State, Total, ReceiptNo string
	Legs                            []leg
}

type leg struct{ Key, Class, State, Amount string }

// books are the sales of a till.
func (l *till) books() []sale {
	l.Helper()
	var j struct{ Sales []sale }
	l.ok(json.Unmarshal([]byte(l.must("", "journal", "list", "--limit", "100000")), &j))
	return j.Sales
}

// agree holds the books against the gateway: nothing open, every payment either
// paid and its sale complete, or given back; nothing taken that is not there.
func (b *bench) agree(name string, sales []sale, bank map[string]string) {
	b.Helper()
	for _, s := range sales {
		for _, leg := range s.Legs {
			at := bank[leg.Key]
			switch {
			case leg.State != "PAID" && leg.State != "REJECTED" && leg.State != "REVERSED":
				b.Errorf("%s: %s is still %s after settling", name, leg.Key, leg.State)
			case leg.Class != "K1":
			case leg.State == "PAID" && (at != leg.Amount || s.State != "COMPLETE"):
				b.Errorf("%s: %s is PAID %s in a sale that is %s, the bank says %q", name, leg.Key, leg.Amount, s.State, at)
			case leg.State != "PAID" && at != "" && at != "given back":
				b.Errorf("%s: %s is %s, the bank holds %s", name, leg.Key, leg.State, at)
			}
		}
	}
}
