package contracttest

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cashier/services/fault"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		// The sockets on the way hold a few megabytes; a client that reads on
		// takes all hundred.
		if n := eaten.Load(); n > 40<<20 {
			fmt.Fprintf(os.Stderr, "a client took in %d bytes of an endless body\n", n)
			code = 1
		}
		os.Exit(code)
	}))
}

// patience is for replies that never end; nothing waits for it otherwise.
const patience = 20 * time.Second

// heard is what came out of a call, in words that all three clients share.
type heard struct {
	facts facts
	err   error
	sent  bool // false only where the client says that nothing was sent
}

// action is one action of a contract, ready to be tried.
type action struct {
	name  string
	route string // where the stranger counts it
	deed  bool
	ready func(*testing.T) // makes what it needs, before the quirk; may be nil
	try   func() heard
	held  func() facts // what has to come out
}

func (a action) want(e expected) outcome {
	if a.deed {
		return e.deed
	}
	return e.read
}

// whole reports that everything has to come out.
func (o outcome) whole() bool { return !o.faulty }

// check holds what was heard against the outcome and against the server.
func (a action) check(t *testing.T, s *stranger, before int, got heard, want outcome) {
	t.Helper()
	done := s.executed(a.route) - before
	if !want.whole() {
		a.checkFault(t, got, want)
		if done > 1 {
			t.Errorf("the server did it %d times", done)
		}
		return
	}
	if got.err != nil {
		t.Fatalf("fault %s (%v), the server answered well", fault.CodeOf(got.err), detail(got.err))
	}
	if diff := cmp.Diff(a.held(), got.facts); diff != "" {
		t.Errorf("what the server holds (-) is not what came out (+):\n%s", diff)
	}
	if a.deed && done != 1 {
		t.Errorf("the server did it %d times, the client says once", done)
	}
}

func (a action) checkFault(t *testing.T, got heard, want outcome) {
	t.Helper()
	if got.err == nil {
		t.Fatalf("no fault, want kind %d %q; came out: %v", want.kind, want.code, got.facts)
	}
	_, code, _ := strings.Cut(fault.CodeOf(got.err), ".")
	if fault.KindOf(got.err) != want.kind || want.code != "" && code != want.code {
		t.Errorf("kind %d code %q, want kind %d code %q (%s)", fault.KindOf(got.err), code, want.kind, want.code, detail(got.err))
	}
	if got.err.Error() == "" || strings.ContainsAny(got.err.Error(), "{}") {
		t.Errorf("sentence %q", got.err)
	}
	if a.deed && !got.sent {
		t.Error("the client says that nothing was sent")
	}
}

func detail(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Detail()
	}
	return err.Error()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
