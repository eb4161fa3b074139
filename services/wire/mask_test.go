package wire

import (
	"errors"
	"strings"
	"testing"

	"cashier/services/fault"
)

func TestMaskTakesOutValuesByThemselves(t *testing.T) {
	const code, password = "134567890123456789", "p\"w demo"
	for _, s := range []string{
		"MICROPAY" + code + "x", "用户li密码" + password, `{"a":"p\"w demo"}`, "pwd%22w " + "p%22w+demo", "1345 6789 0123 4567 89",
	} {
		got := Mask(s, code, password)
		for _, secret := range []string{code, password, `p\"w demo`, "p%22w+demo", "1345 6789"} {
			if strings.Contains(got, secret) {
				t.Errorf("%q became %q", s, got)
			}
		}
	}
	if got := Mask("a b c", "a", "b", ""); got != "a b c" {
		t.Errorf("%q", got)
	}
}

func TestMaskFaultLeavesTheRestOfTheFault(t *testing.T) {
	cause := errors.New("cause")
	f := fault.Wrap(cause, fault.Refused, "hq.refused", "HQ refused: {message}.", "message", "bad login li/s3cr3t")
	got := MaskFault(f, "s3cr3t")
	var clean *fault.Error
	if !errors.As(got, &clean) || strings.Contains(clean.Message+clean.Args["message"], "s3cr3t") || clean.Code != f.Code || clean.Kind != f.Kind || !errors.Is(got, cause) {
		t.Errorf("%+v", got)
	}
	if strings.Contains(f.Message, "***") {
		t.Error("the fault itself was changed")
	}
	if MaskFault(nil, "x") != nil || !errors.Is(MaskFault(cause, "cause"), cause) {
		t.Error("what is no fault is left alone")
	}
}
