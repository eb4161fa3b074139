package hq

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

// What leaves open whether a deed was done is never a yes, never a no, and is
// never sent again.
func TestWritesLeftOpen(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"HTTP 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"HTTP 429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"status 500":                       says(`{"status":500,"message":"内部错误"}`),
		"status 703":                       says(`{"status":703}`),
		"status 703 with words of a login": says(`{"status":703,"message":"支付状态未知，请重新登录"}`),
		"status 777":                       says(`{"status":777,"message":"?"}`),
		"status 0":                         says(`{"status":0}`),
		"status 701, done with what?":      says(`{"status":"701"}`),
		"status 801, stored already":       says(`{"status":801}`),
		"no to be heard, and a yes":        says(`{"status":1001,"status":200}`),
		"yes in two spellings":             says(`{"status":1001,"Status":200}`),
		"status of a float":                says(`{"status":2e2}`),
		"no status":                        says(`{"message":"ok"}`),
		"empty":                            says(""),
		"web page":                         says("<html>"),
		"garbage":                          says("???"),
		"broken off":                       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"another kind":                     says(`[]`),
	} {
		for what, u := range others(wire.Writes) {
			t.Run(name+"/"+what, func(t *testing.T) {
				var hits atomic.Int32
				o := newOffice(t, func(w http.ResponseWriter, r *http.Request) { hits.Add(1); serve(w, r) })
				err := u.call(t, o.client(t))
				if fault.KindOf(err) != fault.Unknown || hits.Load() != 1 {
					t.Errorf("%v (kind %d) after %d requests", err, fault.KindOf(err), hits.Load())
				}
			})
		}
	}
}

func TestWritesRefused(t *testing.T) {
	o := newOffice(t, says(`{"status":1002,"message":"已售罄"}`))
	if err := o.client(t).ChangePrice(t.Context(), apple); fault.KindOf(err) != fault.Refused || !strings.Contains(err.Error(), "已售罄") {
		t.Error(err)
	}
}

// The enumeration of HQ help page shopproduct, code by code.
func TestWhatEachStatusMeansForADeed(t *testing.T) {
	kinds := map[fault.Kind][]int{
		fault.Refused: {601, 602, 603, 604, 605, 606, 607, 608, 704, 901, 903, 904, 905, 1001, 1002},
		fault.Busy:    {902},
		fault.Unknown: {500, 701, 702, 703, 801, 1003},
	}
	for kind, codes := range kinds {
		for _, code := range codes {
			for _, form := range []string{strconv.Itoa(code), strconv.Quote(strconv.Itoa(code))} {
				err := decodeResult(wire.Writes, []byte(`{"message":"原因","status":`+form+`}`))
				var no *StatusError
				if fault.KindOf(err) != kind || !errors.As(err, &no) || int(no.Status) != code || no.Message != "原因" || !strings.Contains(err.Error(), "原因") {
					t.Errorf("%s: %v (kind %d)", form, err, fault.KindOf(err))
				}
			}
		}
	}
}

func TestNothingIsSentByMistake(t *testing.T) {
	o := newOffice(t, func(_ http.ResponseWriter, r *http.Request) { t.Error("sent", r.URL) })
	c := o.client(t)
	foreign, unnamed := apple, apple
	foreign.ShopID, unnamed.ID = 8, 0
	const code = "hq."
	for name, tt := range map[string]struct {
		code string
		err  error
	}{
		"a row of another shop":       {"other_shop", c.ChangePrice(t.Context(), foreign)},
		"one among several":           {"other_shop", c.ChangePrices(t.Context(), []Product{apple, foreign})},
		"a row without number":        {"price_missing", c.ChangePrice(t.Context(), unnamed)},
		"no shops":                    {"assignment", c.AddProducts(t.Context(), Assignment{ProductIDs: []int64{1}})},
		"no products":                 {"assignment", c.AddProducts(t.Context(), Assignment{ShopIDs: []int64{1}, ClassID: 4})},
		"product 0":                   {"assignment", c.AddProducts(t.Context(), Assignment{ShopIDs: []int64{1}, ProductIDs: []int64{3, 0}})},
		"shop 0":                      {"assignment", c.AddProducts(t.Context(), Assignment{ShopIDs: []int64{0}, ProductIDs: []int64{3}})},
		"no class":                    {"assignment", c.AddProductsByClass(t.Context(), Assignment{ShopIDs: []int64{1}, ProductIDs: []int64{3}})},
		"class below 0":               {"assignment", c.AddProductsByClass(t.Context(), Assignment{ShopIDs: []int64{1}, ClassID: -4})},
		"no shops for the class":      {"assignment", c.AddProductsByClass(t.Context(), Assignment{ClassID: 4})},
		"row 0":                       {"row_id", c.Delete(t.Context(), []int64{1, 0})},
		"app without id":              {"app_config", c.SaveAppConfig(t.Context(), " ", "s")},
		"app without secret":          {"app_config", c.SaveAppConfig(t.Context(), "wx1", "")},
		"classes from 0":              {"class_range", second(c.Classes(t.Context(), 0, 10, nil))},
		"classes backwards":           {"class_range", second(c.Classes(t.Context(), 2, 1, nil))},
		"2001 classes":                {"class_range", second(c.Classes(t.Context(), 1, 2001, nil))},
		"classes beyond all counting": {"class_range", second(c.Classes(t.Context(), 1, 1<<63-1, nil))},
	} {
		if fault.CodeOf(tt.err) != code+tt.code || fault.KindOf(tt.err) != fault.Invalid {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
	if err := c.Delete(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// A row that does not say its shop came from the list of this one.
func TestARowWithoutShopMayBeChanged(t *testing.T) {
	o := newOffice(t, says(done))
	row := apple
	row.ShopID = 0
	if err := o.client(t).ChangePrice(t.Context(), row); err != nil {
		t.Error(err)
	}
}
