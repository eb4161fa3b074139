package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cashier/app/demo"
)

// The test binary is also the program, so that signals meet a real process.
func TestMain(m *testing.M) {
	if os.Getenv("HQSIM_RUN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

type process struct {
	cmd *exec.Cmd
	at  demo.Endpoints
	err bytes.Buffer
}

func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), "HQSIM_RUN=1")
	p.cmd.Stderr = &p.err
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || json.Unmarshal([]byte(line), &p.at) != nil {
		t.Fatalf("%q, %v, %s", line, err, p.err.String())
	}
	return p
}

func (p *process) end(t *testing.T, sig syscall.Signal) error {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	return p.cmd.Wait()
}

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, b)
	}
}

func savedPrice(t *testing.T, path string) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(b, []byte(`"1001":["7.77","0.00"]`))
}

const testShop = "../../services/shopdata/testdata/shop"

func TestServesUntilTerminated(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	p := launch(t, "--shop", testShop, "--state", state)
	for _, u := range []string{p.at.HQ, p.at.Liantuofu, p.at.ZVCMS} {
		if !strings.HasPrefix(u, "http://127.0.0.1:") {
			t.Errorf("address %q", u)
		}
	}
	if p.at.Login != "boss" || p.at.Password != "boss-pass" || p.at.Tenant != "demo" || p.at.ShopID != 1 || p.at.Key == "" || p.at.OpenKey == "" {
		t.Errorf("%+v", p.at)
	}
	post(t, p.at.HQ+"/_sim/price", `{"shopId":1,"productId":1001,"price":"7.77","memberPrice":"0.00"}`)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Fatalf("%v: %s", err, p.err.String())
	}
	if !savedPrice(t, state) {
		t.Error("the last change was not saved")
	}
	again := launch(t, "--shop", testShop, "--state", state)
	if err := again.end(t, syscall.SIGINT); err != nil || !savedPrice(t, state) {
		t.Errorf("%v: %s", err, again.err.String())
	}
}

func TestKilledStateIsUsable(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	p := launch(t, "--shop", testShop, "--state", state)
	post(t, p.at.HQ+"/_sim/price", `{"shopId":1,"productId":1001,"price":"7.77","memberPrice":"0.00"}`)
	_ = p.end(t, syscall.SIGKILL) // the error is the signal
	again := launch(t, "--shop", testShop, "--state", state)
	if err := again.end(t, syscall.SIGTERM); err != nil {
		t.Fatalf("%v: %s", err, again.err.String())
	}
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	corrupt := filepath.Join(dir, "state.json")
	if err := os.WriteFile(corrupt, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"help":           {[]string{"-h"}, 0, "one JSON line"},
		"unknown option": {[]string{"--nonsense"}, 2, "nonsense"},
		"argument":       {[]string{"shop"}, 2, "no arguments"},
		"open address":   {[]string{"--listen", "0.0.0.0:8080"}, 2, "this machine only"},
		"faults":         {[]string{"--faults", "pay=nonsense"}, 2, "nonsense"},
		"unknown action": {[]string{"--faults", "fly=500"}, 2, "fly"},
		"no shop":        {[]string{"--shop", dir}, 1, "shop.json"},
		"corrupt state":  {[]string{"--shop", testShop, "--state", corrupt}, 1, "start afresh"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(context.Background(), c.args, &out, &errs)
			if code != c.code || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out.String(), errs.String())
			}
		})
	}
}

func TestDefaultsToTheBuiltInShop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // serves for a moment only
	var out, errs bytes.Buffer
	if code := run(ctx, nil, &out, &errs); code != 0 || !json.Valid(out.Bytes()) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("exit %d, %q, %q", code, out.String(), errs.String())
	}
}
