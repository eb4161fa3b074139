package hqtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Quirks are the other answers to what the help pages leave open or contradict
// themselves in. The zero value is what the samples of the pages show. They may
// change while the server runs; a reply under way then shows some of both.
type Quirks struct {
	StatusAsString      bool `json:"statusAsString,omitempty"`      // "200" as in the table, not 200 as in the sample
	PricingTypeAsString bool `json:"pricingTypeAsString,omitempty"` // "1" likewise
	Quoted              bool `json:"quoted,omitempty"`              // every number, true and false as a text
	FloatTails          bool `json:"floatTails,omitempty"`          // prices as binary fractions leave them: 8.299999999999999 for 8.30
	LongIDs             bool `json:"longIds,omitempty"`             // row ids beyond 2^53
	TableSpelling       bool `json:"tableSpelling,omitempty"`       // lBSPoint and iP as in the table, not lbsPoint and ip
	ISODates            bool `json:"isoDates,omitempty"`            // 2026-01-15T10:11:07, still China time without a zone
	NullImages          bool `json:"nullImages,omitempty"`          // images of stock rows are null
	NullLists           bool `json:"nullLists,omitempty"`           // every empty list is null
	NullSum             bool `json:"nullSum,omitempty"`             // sumData is null, not a row
	Sparse              bool `json:"sparse,omitempty"`              // fields that are null, "", 0 or false are left out
	ExtraFields         bool `json:"extraFields,omitempty"`         // every object begins with a field nobody has documented

	ZeroBasedPages bool   `json:"zeroBasedPages,omitempty"` // the first page is 0, not 1
	IDSeparator    string `json:"idSeparator,omitempty"`    // between the productIds of a GET; "" is a comma, "&" one parameter for each

	QuantityName string `json:"quantityName,omitempty"` // of an uploaded line's quantity; "" is qty
	BillsApart   bool   `json:"billsApart,omitempty"`   // a serial number that is there already keeps only its own bill out, not the whole upload

	// ErrorStatus is the HTTP status of a refusal, which then is {"message":…}
	// and no result object. 0 is a result object under 200.
	ErrorStatus int    `json:"errorStatus,omitempty"`
	Denied      Denial `json:"denied,omitempty"`

	// HeaderName and HeaderValue are the proof of identity instead of the
	// login's cookie; the login then gives none.
	HeaderName  string `json:"headerName,omitempty"`
	HeaderValue string `json:"headerValue,omitempty"`
}

// Denial is what a caller gets who is not logged in.
type Denial string

// The denials.
const (
	DeniedHTTP     Denial = ""         // 401 with {"message":…}, as ASP.NET Web API does
	DeniedResult   Denial = "result"   // a result object that asks for a login
	DeniedRedirect Denial = "redirect" // 302 to a login page, as ASP.NET forms do
)

// largestLongID is how large a shop's id may be for its long row ids to fit.
const largestLongID = 2_000_000

func (s *Server) checkQuirks(q Quirks) error {
	switch q.Denied {
	case DeniedHTTP, DeniedResult, DeniedRedirect:
	default:
		return fmt.Errorf("hqtest: denied is none of \"\", %q, %q", DeniedResult, DeniedRedirect)
	}
	if q.ErrorStatus != 0 && (q.ErrorStatus < 400 || q.ErrorStatus > 599) {
		return errors.New("hqtest: errorStatus is 0 or from 400 to 599")
	}
	if (q.HeaderName == "") != (q.HeaderValue == "") {
		return errors.New("hqtest: headerName and headerValue go together")
	}
	for _, sh := range s.shops {
		if q.LongIDs && sh.id > largestLongID {
			return fmt.Errorf("hqtest: longIds need shop ids up to %d", largestLongID)
		}
	}
	return nil
}

// Quirks are those in force.
func (s *Server) Quirks() Quirks { return *s.quirks.Load() }

// SetQuirks replaces all of them. An error leaves them as they were.
func (s *Server) SetQuirks(q Quirks) error {
	if err := s.checkQuirks(q); err != nil {
		return err
	}
	s.quirks.Store(&q)
	return nil
}

// readQuirks reads one JSON object; what it leaves out is off.
func readQuirks(r io.Reader) (Quirks, error) {
	var q Quirks
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		return q, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return q, errors.New("something follows the quirks")
	}
	return q, nil
}

// productIDs are the texts of the ids in a GET.
func (q Quirks) productIDs(given []string) []string {
	if q.IDSeparator == "&" || len(given) == 0 {
		return given
	}
	separator := q.IDSeparator
	if separator == "" {
		separator = ","
	}
	return strings.Split(given[0], separator)
}
