package liantuofu

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/fault"
)

const testKey = "test-key-0001" // invented, like every number in these tests

// Expected signatures come from md5sum over strings written by hand, not from
// the code under test.
func TestSignVectors(t *testing.T) {
	tests := []struct {
		name, want, key string
		params          map[string]string
	}{
		{
			name: "times card", key: testKey, want: "93c555da0e5c037c9758435e6b8334c8",
			params: map[string]string{
				"appId": "EW_N0000000001", "cardNo": "914095353294404024", "consumeEmployeeId": "11",
				"consumeMerchantCode": "EW_N0000000002", "consumeSource": "1", "count": "1",
				"random": "20240101", "remark": "备注",
			},
		},
		{
			name: "payment, with an empty value and an old sign", key: testKey, want: "451c6d8f70c200403f7975289fc71c23",
			params: map[string]string{
				"appId": "EW_N0000000001", "authCode": "134567890123456789", "merchantCode": "EW_N0000000002",
				"orderSource": "3", "outTradeNo": "T01-1-000001", "random": "20240101",
				"subject": "红富士 苹果", "totalAmount": "12.30", "operatorId": "", "sign": "old",
			},
		},
		{
			name: "Chinese and an emoji, raw", key: testKey, want: "159d1c137e967d078f4f0cb2c9c25185",
			params: map[string]string{"appId": "EW_N0000000001", "random": "20240101", "remark": "谢谢😀光临"},
		},
		{name: "ASCII order", key: "k", want: "c5a30cdee12f91f3d81892672497032d", params: map[string]string{"a": "3", "Z": "2", "A": "1"}},
		{name: "nothing", key: "k", want: "4b85a6894e0fdb0b6f6e58870839fdaf"},
	}
	for _, tt := range tests {
		if got := sign(tt.params, tt.key); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestVerify(t *testing.T) {
	const good = `"code":"SUCCESS","msg":"成功","orderStatus":"SUCCESS","outTradeNo":"T01-1-000001","payTime":"20240506123045","payType":"WXPAY","receiptAmount":12.30,"totalAmount":"12.30","transactionId":4200001,"buyerId":"","couponId":null`
	const right = `"sign":"9e3c7ba343a5f5fe68c8d0f897298ded"`
	tests := []struct {
		name, doc string
		key       string
		want      Signature
	}{
		{"valid, numbers as written", "{" + good + "," + right + "}", testKey, Valid},
		{"upper case", "{" + good + "," + strings.Replace(strings.ToUpper(right), "SIGN", "sign", 1) + "}", testKey, Valid},
		{"nested values are not covered", "{" + good + `,"data":{"a":1},"list":[1],"imgData":"x",` + right + "}", testKey, Valid},
		{"no sign", "{" + good + "}", testKey, Absent},
		{"empty sign", "{" + good + `,"sign":""}`, testKey, Absent},
		{"another key", "{" + good + "," + right + "}", "test-key-0002", Invalid},
		{"another amount", "{" + strings.Replace(good, `"12.30"`, `"12.31"`, 1) + "," + right + "}", testKey, Invalid},
		{"one field more", "{" + good + `,"extra":"1",` + right + "}", testKey, Invalid},
		{"flags and numbers", `{"a":1,"b":2.50,"c":true,"sign":"a01f939bcac804ee9a508aebba153eb6"}`, "k", Valid},
	}
	for _, tt := range tests {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(tt.doc), &fields); err != nil {
			t.Fatal(tt.name, err)
		}
		if got := verify(fields, tt.key); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// Any change of any value must change the signature.
func TestSignCoversEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,6}`), rapid.StringMatching(`[a-zA-Z0-9一-龥 .-]{1,8}`), 1, 8).Draw(t, "params")
		delete(params, "sign")
		before := sign(params, testKey)
		for name := range params {
			changed := maps.Clone(params)
			changed[name] += "x"
			if sign(changed, testKey) == before {
				t.Fatalf("%q is not covered", name)
			}
		}
		if sign(params, testKey+"x") == before {
			t.Fatal("the key is not covered")
		}
	})
}

// Neither the order of the parameters nor empty ones make a difference, and the
// rule written down a second time, over a list instead of a map, agrees.
func TestSignAgainstTheRuleAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z]{1,6}`), 1, 8, rapid.ID[string]).Draw(t, "names")
		params, padded := map[string]string{}, map[string]string{}
		var pairs []string
		for i, name := range names {
			if name == "sign" {
				continue
			}
			value := rapid.StringMatching(`[a-zA-Z0-9一-龥😀 .%+-]{0,6}`).Draw(t, "value")
			padded[name], padded[name+strings.Repeat("_", i+7)] = value, ""
			if value != "" {
				params[name] = value
				pairs = append(pairs, name+"="+value)
			}
		}
		// '=' is before every letter, so that sorted pairs are sorted names.
		slices.Sort(pairs)
		sum := md5.Sum([]byte(strings.Join(append(pairs, "key="+testKey), "&")))
		want := hex.EncodeToString(sum[:])
		if got := sign(params, testKey); got != want {
			t.Fatalf("%s, want %s for %q", got, want, pairs)
		}
		if got := sign(padded, testKey); got != want {
			t.Fatalf("with empties %s, want %s", got, want)
		}
	})
}

func TestCheckValues(t *testing.T) {
	for _, value := range []string{"a&b", "a=b", "a\nb", "\x00", "a\x7f", "a\xff"} {
		err := checkValues(map[string]string{"subject": value})
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fmt.Sprint(err), "subject") {
			t.Errorf("%q: %v", value, err)
		}
	}
	if err := checkValues(map[string]string{"subject": "红富士 (500g) +1 %"}); err != nil {
		t.Error(err)
	}
}
