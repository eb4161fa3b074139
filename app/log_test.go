package app

import (
	"log"
	"strings"
	"testing"
)

func TestTheStandardLogSaysNothingOfReplies(t *testing.T) {
	var out strings.Builder
	l := log.New(StandardLog(&out), "", 0)
	l.Print(`Unsolicited response received on idle HTTP channel starting with "HTTP/1.1 200 OK\r\n\r\n[{\"appKey\":\"cAnArY\"}]"; err=<nil>`)
	l.Print("a library speaks, key=cAnArY")
	if got := out.String(); strings.Contains(got, "cAnArY") || !strings.Contains(got, "a library speaks") {
		t.Errorf("%q", got)
	}
}
