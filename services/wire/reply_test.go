package wire

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cashier/services/fault"
)

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// The bytes of 苹果 in GBK are those of the GB 18030 tables; 㐀 has four of them
// in GB 18030 and none in GBK.
func TestReplyIsUTF8WhateverItCameIn(t *testing.T) {
	const apple = "\xc6\xbb\xb9\xfb"
	for name, tt := range map[string]struct{ encoding, kind, body, want string }{
		"plain":                {"", "application/json", "苹果", "苹果"},
		"gzip":                 {"gzip", "application/json", gzipped("苹果"), "苹果"},
		"x-gzip":               {"X-GZip", "application/json", gzipped("苹果"), "苹果"},
		"GBK":                  {"", "application/json; charset=GBK", apple, "苹果"},
		"gb2312":               {"", `text/plain;charset="gb2312"`, apple, "苹果"},
		"GB18030":              {"", "application/json;charset=GB18030", apple + "\x81\x39\xee\x39", "苹果㐀"},
		"GBK, gzipped":         {"x-gzip", "application/json;charset=gbk", gzipped(apple), "苹果"},
		"UTF-8 called GBK":     {"", "application/json;charset=gbk", "苹果", "苹果"},
		"GBK called UTF-8":     {"", "application/json;charset=utf-8", apple, apple},
		"GBK called nothing":   {"", "application/json", `{"a":"` + apple + `"}`, `{"a":"苹果"}`},
		"text called nothing":  {"", "text/plain", apple, apple},
		"bytes, no text":       {"", "application/octet-stream", apple, apple},
		"a picture is no text": {"", "image/jpeg", "\xff\xd8\xff", "\xff\xd8\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				_, _ = io.WriteString(w, tt.body)
			}))
			defer srv.Close()
			read, err := reader(t, ReadParams{}).Get(t.Context(), srv.URL, nil)
			if err != nil || string(read.Body) != tt.want {
				t.Errorf("question: %q, %v", read.Body, err)
			}
			done, _, err := NewMoneyTransport(MoneyParams{Service: acme}).Post(t.Context(), Call{URL: srv.URL})
			if err != nil || string(done.Body) != tt.want {
				t.Errorf("deed: %q, %v", done.Body, err)
			}
		})
	}
}

func TestSilenceIsWordedByTheCall(t *testing.T) {
	addr, _ := rawServer(t, "127.0.0.1", func(conn net.Conn) { _ = takeRequest(conn) })
	for question, want := range map[bool]fault.Kind{true: fault.Unreachable, false: fault.Unknown} {
		_, sent, err := NewMoneyTransport(MoneyParams{Service: acme}).Post(t.Context(), Call{URL: "http://" + addr, Question: question})
		if !sent || fault.KindOf(err) != want || strings.Contains(err.Error(), "Do not repeat") == question {
			t.Errorf("question %v: sent %v, %v", question, sent, err)
		}
	}
}

func TestAReplyThatStumbledIsAskedAgain(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if hits.Add(1) < 3 {
			_, _ = io.WriteString(w, "oops")
		}
	}))
	defer srv.Close()
	stumbled := func(r Reply) bool { return string(r.Body) == "oops" }
	got, err := reader(t, ReadParams{Stumbled: stumbled}).Get(t.Context(), srv.URL, nil)
	if err != nil || len(got.Body) != 0 || hits.Load() != 3 {
		t.Errorf("%q after %d requests, %v", got.Body, hits.Load(), err)
	}
}
