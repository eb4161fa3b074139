package hq

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the recordings under testdata/wire")

// recorded is a request as it arrived at HQ.
type recorded struct {
	head, body string
}

func record(t *testing.T, r *http.Request) recorded {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", r.Method, r.URL.RequestURI(), r.Proto)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name != "Content-Length" { // follows from the body
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
		}
	}
	return recorded{b.String(), string(raw)}
}

// text is the recording as a person reads it: below the request the query,
// decoded, or the body, indented but in the order it was sent.
func (r recorded) text(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(r.head + "\n")
	_, target, _ := strings.Cut(r.head, " ")
	target, _, _ = strings.Cut(target, " ")
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		fmt.Fprintf(&b, "# %s = %s\n", name, strings.Join(query[name], " and "))
	}
	if r.body != "" {
		if err := json.Indent(&b, []byte(r.body), "", "  "); err != nil {
			t.Errorf("%q: %v", r.body, err)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestWire compares each request with its recording under testdata/wire, which
// was read against the help pages by eye, and what Call sends with that.
func TestWire(t *testing.T) {
	for name, u := range uses {
		t.Run(name, func(t *testing.T) {
			typed := sentBy(t, name, u, u.call)
			file := filepath.Join("testdata", "wire", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(typed.text(t)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), typed.text(t)); diff != "" {
				t.Error(diff)
			}
			named := sentBy(t, name, u, func(t *testing.T, c *Client) error { return second(c.Call(t.Context(), name, u.args)) })
			if diff := cmp.Diff(typed.head, named.head); diff != "" {
				t.Error(diff)
			}
			if typed.body == "" && named.body == "" {
				return
			}
			if diff := cmp.Diff(document(t, typed.body), document(t, named.body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sentBy is the one request of the action that call makes.
func sentBy(t *testing.T, name string, u use, call func(*testing.T, *Client) error) recorded {
	t.Helper()
	var got []recorded
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, record(t, r))
		says(u.said)(w, r)
	})
	if name == ActionLogin {
		o.onLogin = func(_ http.ResponseWriter, r *http.Request) bool {
			got = append(got, record(t, r))
			return false
		}
	}
	if err := call(t, o.client(t)); err != nil || len(got) != 1 {
		t.Fatalf("%d requests: %v", len(got), err)
	}
	return got[0]
}

func TestWireHasNoOtherFiles(t *testing.T) {
	files, err := os.ReadDir(filepath.Join("testdata", "wire"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := uses[strings.TrimSuffix(f.Name(), ".txt")]; !ok {
			t.Errorf("%s is the recording of no action", f.Name())
		}
	}
}
