package localdb

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

// The second journal is text: one JSON object per line, each beginning with its
// hash, so that it can be checked without this program:
//
//	{"hash":"<64 hex digits>","prev":"…","seq":1,…}
//
// The hash is SHA-256 of everything after its own comma, up to the end of the
// line without the line feed; prev is the hash of the line before.

// record is one line, without its hash. Times are unix milliseconds.
type record struct {
	Prev      string      `json:"prev"`
	Seq       int64       `json:"seq"` // from 1, without gaps, through all files
	At        int64       `json:"at"`
	Till      string      `json:"till"`
	Epoch     int64       `json:"epoch"`
	Step      int64       `json:"step"`      // which of the ledger's journal_steps this is
	Audit     int64       `json:"audit"`     // the newest audit row at that step,
	AuditHash string      `json:"auditHash"` // and its hash; "" before the first row
	Sale      *saleRecord `json:"sale,omitempty"`
}

// saleRecord is a sale with everything needed to record it again. Its shape is
// the file's own: what services show to people may change, this must not.
type saleRecord struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind"`
	Till         string        `json:"till"`
	Epoch        int64         `json:"epoch"`
	Shift        string        `json:"shift"`
	BusinessDate string        `json:"businessDate"`
	ActorID      string        `json:"actorId"`
	ActorName    string        `json:"actorName"`
	ActorRole    string        `json:"actorRole"`
	Program      string        `json:"program"`
	Cart         string        `json:"cart"`
	State        string        `json:"state"`
	Total        int64         `json:"total"`
	Opened       int64         `json:"opened"`
	Closed       int64         `json:"closed,omitempty"`
	Reason       string        `json:"reason,omitempty"`
	Lines        []lineRecord  `json:"lines"`
	Legs         []legRecord   `json:"legs"`
	Entries      []entryRecord `json:"entries"`
	Receipt      *receiptNo    `json:"receipt,omitempty"`
	Watches      []watchRecord `json:"watches,omitempty"`
	Of           string        `json:"of,omitempty"`
}

type lineRecord struct {
	Product     int64  `json:"product"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	Class       string `json:"class"`
	Unit        string `json:"unit"`
	Pricing     int64  `json:"pricing"`
	ListPrice   int64  `json:"listPrice"`
	MemberPrice int64  `json:"memberPrice"`
	Price       int64  `json:"price"`
	Qty         int64  `json:"qty"`
	Grams       int64  `json:"grams"`
	UnitGrams   int64  `json:"unitGrams"`
	Amount      int64  `json:"amount"`
	Times       int64  `json:"times"`
	Of          int64  `json:"of,omitempty"`
}

// legRecord has the code as its keyed digest and the card sealed, as the ledger
// has them: neither can be read without the vault.
type legRecord struct {
	ID          string        `json:"id"`
	No          int64         `json:"no"`
	Key         string        `json:"key"`
	Class       string        `json:"class"`
	Method      string        `json:"method"`
	Provider    string        `json:"provider"`
	Amount      int64         `json:"amount"`
	Tendered    int64         `json:"tendered"`
	Times       int64         `json:"times"`
	CodeDigest  string        `json:"codeDigest,omitempty"`
	SealedCard  string        `json:"sealedCard,omitempty"`
	CardLast4   string        `json:"cardLast4,omitempty"`
	Before      int64         `json:"before"`
	RequestHash string        `json:"requestHash,omitempty"`
	Of          string        `json:"of,omitempty"`
	Events      []eventRecord `json:"events"`
}

type eventRecord struct {
	Seq        int64  `json:"seq"`
	State      string `json:"state"`
	At         int64  `json:"at"`
	Reason     string `json:"reason,omitempty"`
	RawCode    string `json:"rawCode,omitempty"`
	Message    string `json:"message,omitempty"`
	ProviderNo string `json:"providerNo,omitempty"`
	PaidAt     string `json:"paidAt,omitempty"`
}

type entryRecord struct {
	No       int64           `json:"no"`
	Leg      string          `json:"leg,omitempty"`
	Kind     string          `json:"kind"`
	At       int64           `json:"at"`
	Postings []postingRecord `json:"postings"`
}

type postingRecord struct {
	Account string `json:"account"`
	Amount  int64  `json:"amount"`
}

type receiptNo struct {
	Till    string `json:"till"`
	Epoch   int64  `json:"epoch"`
	Counter int64  `json:"counter"`
	At      int64  `json:"at"`
}

type watchRecord struct {
	Leg    string `json:"leg"`
	State  string `json:"state"`
	Step   int64  `json:"step"`
	Due    int64  `json:"due"`
	Booked int64  `json:"booked"`
	Since  int64  `json:"since,omitempty"`
}

const (
	hashBegins = `{"hash":"`
	hashEnds   = `",`
	hashDigits = 2 * sha256.Size
	bodyAt     = len(hashBegins) + hashDigits + len(hashEnds)
)

// journalStart is the prev of the first line: it ties the chain to its till.
func journalStart(tillID string) string {
	h := sha256.Sum256([]byte("cashier journal 1 " + tillID))
	return hex.EncodeToString(h[:])
}

// line is the record as it is written, with its line feed, and its hash.
func (r record) line() (line []byte, hash string, err error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, "", err
	}
	body := raw[1:] // without its brace
	sum := sha256.Sum256(body)
	hash = hex.EncodeToString(sum[:])
	line = make([]byte, 0, bodyAt+len(body)+1)
	line = append(line, hashBegins+hash+hashEnds...)
	line = append(line, body...)
	return append(line, '\n'), hash, nil
}

// readRecord reads a line without its line feed. Any change to it since it was
// written is an error; hash is what the line says of itself even then.
func readRecord(line []byte) (r record, hash string, err error) {
	if len(line) <= bodyAt || !bytes.HasPrefix(line, []byte(hashBegins)) || string(line[bodyAt-len(hashEnds):bodyAt]) != hashEnds {
		return record{}, "", errors.New("it does not begin with a hash")
	}
	hash = string(line[len(hashBegins) : len(hashBegins)+hashDigits])
	sum := sha256.Sum256(line[bodyAt:])
	if hex.EncodeToString(sum[:]) != hash {
		return record{}, hash, errors.New("it was changed after it was written")
	}
	d := json.NewDecoder(io.MultiReader(bytes.NewReader([]byte{'{'}), bytes.NewReader(line[bodyAt:])))
	if err := d.Decode(&r); err != nil {
		return record{}, hash, fmt.Errorf("it cannot be read: %w", err)
	}
	return r, hash, nil
}

// snapshots are the sales of a query, whole.
func (t *tx) snapshots(query string, args ...any) ([]saleRecord, error) {
	sales, err := t.heads(query, args...)
	if err != nil || len(sales) == 0 {
		return nil, err
	}
	if err := t.fillLines(sales); err != nil {
		return nil, err
	}
	all := make([]saleRecord, len(sales))
	for i, s := range sales {
		all[i] = snapshotHead(s)
	}
	at := index(sales)
	legs, err := t.legs(sales)
	if err != nil {
		return nil, err
	}
	for _, l := range legs {
		s := &all[at[l.leg.SaleID]]
		s.Legs = append(s.Legs, snapshotLeg(l))
	}
	list := ids(sales)
	if err := t.fillEntries(all, at, list); err != nil {
		return nil, err
	}
	return all, t.fillEnds(all, at, list)
}

func snapshotHead(s checkout.Sale) saleRecord {
	r := saleRecord{
		ID: s.ID, Kind: string(s.Kind), Till: s.TillID, Epoch: s.Epoch, Shift: s.ShiftID, BusinessDate: s.BusinessDate,
		ActorID: s.Actor.ID, ActorName: s.Actor.Name, ActorRole: string(s.Actor.Role), Program: s.Actor.Program,
		Cart: s.CartID, State: string(s.State), Total: int64(s.Total), Opened: ms(s.OpenedAt), Reason: s.Reason, Of: s.Of,
	}
	if !s.ClosedAt.IsZero() {
		r.Closed = ms(s.ClosedAt)
	}
	for _, l := range s.Lines {
		r.Lines = append(r.Lines, lineRecord{
			Product: l.ProductID, Code: l.Code, Name: l.Name, Class: l.Class, Unit: l.Unit, Pricing: int64(l.Pricing),
			ListPrice: int64(l.ListPrice), MemberPrice: int64(l.MemberPrice), Price: int64(l.Price), Qty: l.Qty,
			Grams: int64(l.Grams), UnitGrams: int64(l.UnitGrams), Amount: int64(l.Amount), Times: l.Times, Of: int64(l.Of),
		})
	}
	return r
}

func snapshotLeg(s storedLeg) legRecord {
	l := s.leg
	r := legRecord{
		ID: l.ID, No: int64(l.No), Key: l.Key, Class: string(l.Class), Method: l.Method, Provider: l.Provider,
		Amount: int64(l.Amount), Tendered: int64(l.Tendered), Times: l.Count, CodeDigest: l.CodeDigest, SealedCard: l.SealedCard,
		CardLast4: l.CardLast4, Before: l.Before, RequestHash: l.RequestHash, Of: l.Of,
	}
	for _, e := range s.events {
		r.Events = append(r.Events, eventRecord{
			Seq: int64(e.Seq), State: string(e.State), At: ms(e.At), Reason: e.Reason.Code, RawCode: e.Reason.RawCode,
			Message: e.Reason.Message, ProviderNo: e.ProviderNo, PaidAt: e.PaidAt,
		})
	}
	return r
}

const (
	entriesOfSQL = `SELECT e.sale_id, e.no, coalesce(e.leg_id, ''), e.kind, e.at_ms, p.account, p.amount
		FROM entries e JOIN postings p ON p.sale_id = e.sale_id AND p.entry_no = e.no
		WHERE e.sale_id IN (SELECT value FROM json_each(?1)) ORDER BY e.sale_id, e.no, p.no`
	receiptsOfSQL = `SELECT sale_id, till_id, epoch, counter, at_ms FROM receipts WHERE sale_id IN (SELECT value FROM json_each(?1))`
	watchesOfSQL  = `SELECT w.sale_id, w.leg_id, w.state, w.step, w.due_ms, w.booked, coalesce(w.since_ms, 0) FROM watches w JOIN legs l ON l.id = w.leg_id
		WHERE l.sale_id IN (SELECT value FROM json_each(?1)) ORDER BY l.sale_id, l.no`
)

func (t *tx) fillEntries(all []saleRecord, at map[string]int, list string) error {
	return t.each(func(rows *sql.Rows) error {
		var sale string
		var e entryRecord
		var p postingRecord
		if err := rows.Scan(&sale, &e.No, &e.Leg, &e.Kind, &e.At, &p.Account, &p.Amount); err != nil {
			return err
		}
		s := &all[at[sale]]
		if n := len(s.Entries); n == 0 || s.Entries[n-1].No != e.No {
			s.Entries = append(s.Entries, e)
		}
		last := &s.Entries[len(s.Entries)-1]
		last.Postings = append(last.Postings, p)
		return nil
	}, entriesOfSQL, list)
}

func (t *tx) fillEnds(all []saleRecord, at map[string]int, list string) error {
	err := t.each(func(rows *sql.Rows) error {
		var sale string
		var n receiptNo
		err := rows.Scan(&sale, &n.Till, &n.Epoch, &n.Counter, &n.At)
		if err == nil {
			all[at[sale]].Receipt = &n
		}
		return err
	}, receiptsOfSQL, list)
	if err != nil {
		return err
	}
	return t.each(func(rows *sql.Rows) error {
		var sale string
		var w watchRecord
		err := rows.Scan(&sale, &w.Leg, &w.State, &w.Step, &w.Due, &w.Booked, &w.Since)
		if err == nil {
			s := &all[at[sale]]
			s.Watches = append(s.Watches, w)
		}
		return err
	}, watchesOfSQL, list)
}

// sale is the record's sale without its legs, as the ledger takes it.
func (r saleRecord) sale() checkout.Sale {
	s := checkout.Sale{
		ID: r.ID, Kind: checkout.Kind(r.Kind), TillID: r.Till, Epoch: r.Epoch, ShiftID: r.Shift, BusinessDate: r.BusinessDate,
		Actor:  access.Actor{ID: r.ActorID, Name: r.ActorName, Role: access.Role(r.ActorRole), Program: r.Program},
		CartID: r.Cart, State: checkout.SaleState(r.State), Total: money.Fen(r.Total), OpenedAt: fromMS(r.Opened), Reason: r.Reason, Of: r.Of,
	}
	if r.Closed != 0 {
		s.ClosedAt = fromMS(r.Closed)
	}
	for _, l := range r.Lines {
		s.Lines = append(s.Lines, checkout.Line{
			ProductID: l.Product, Code: l.Code, Name: l.Name, Class: l.Class, Unit: l.Unit, Pricing: catalog.Pricing(l.Pricing),
			ListPrice: money.Fen(l.ListPrice), MemberPrice: money.Fen(l.MemberPrice), Price: money.Fen(l.Price), Qty: l.Qty,
			Grams: money.Grams(l.Grams), UnitGrams: money.Grams(l.UnitGrams), Amount: money.Fen(l.Amount), Times: l.Times, Of: int(l.Of),
		})
	}
	return s
}

// leg is the leg's row and events as the ledger takes them, not folded.
func (r legRecord) leg(saleID string) (checkout.Leg, []checkout.LegEvent) {
	l := checkout.Leg{
		ID: r.ID, SaleID: saleID, No: int(r.No), Key: r.Key, Class: checkout.Class(r.Class), Method: r.Method, Provider: r.Provider,
		Amount: money.Fen(r.Amount), Tendered: money.Fen(r.Tendered), Count: r.Times, CodeDigest: r.CodeDigest, SealedCard: r.SealedCard,
		CardLast4: r.CardLast4, Before: r.Before, RequestHash: r.RequestHash, Of: r.Of,
	}
	events := make([]checkout.LegEvent, len(r.Events))
	for i, e := range r.Events {
		events[i] = checkout.LegEvent{
			LegID: r.ID, Seq: int(e.Seq), State: checkout.State(e.State), At: fromMS(e.At),
			Reason:     checkout.Reason{Code: e.Reason, RawCode: e.RawCode, Message: e.Message},
			ProviderNo: e.ProviderNo, PaidAt: e.PaidAt,
		}
	}
	return l, events
}
