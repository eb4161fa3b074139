package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"cashier/services/fault"
)

const (
	// stageEvery is how much reading a crash may cost. A sync that is quicker
	// writes nothing on its way.
	stageEvery = 2 * time.Second
	// stageAge is how old pages may be that a sync goes on from: the prices are
	// dated by the oldest of them.
	stageAge = 10 * time.Minute
)

// Staged is a reading of HQ's list that was cut off.
type Staged struct {
	Began       time.Time // before its first page was asked for
	Size, Total int       // of a page; of the list
	Pages       [][]byte  // from the first on, in the catalogue's own form
}

// staging keeps the pages of a reading.
type staging struct {
	keeper  Keeper
	now     func() time.Time
	known   known
	start   time.Time // of this sync
	began   time.Time // of what is read and staged
	size    int
	total   int
	waiting [][]delivered
	from    int // number of the first of waiting
	written time.Time
}

// stagedRow is a row that the cache has just so, by its id, or the row itself.
type stagedRow struct {
	Same    int64     `json:"s,omitempty"`
	Product *Product  `json:"p,omitempty"`
	Bad     *SetAside `json:"b,omitempty"`
}

// SetAside is a Rejection in a form that can be kept.
type SetAside struct {
	ProductID int64             `json:"id"`
	Code      string            `json:"code"`
	Name      string            `json:"name"`
	Held      bool              `json:"held,omitempty"`
	Reason    string            `json:"reason"` // a fault's code
	Message   string            `json:"message"`
	Args      map[string]string `json:"args,omitempty"`
}

func setAside(r Rejection) SetAside {
	s := SetAside{ProductID: r.Offer.ProductID, Code: r.Offer.Code, Name: r.Offer.Name, Held: r.Held, Message: r.Reason.Error()}
	var f *fault.Error
	if errors.As(r.Reason, &f) {
		s.Reason, s.Args = f.Code, f.Args
	}
	return s
}

func (s SetAside) rejection() Rejection {
	return Rejection{
		Offer:  Offer{ProductID: s.ProductID, Code: s.Code, Name: s.Name},
		Reason: &fault.Error{Code: s.Reason, Kind: fault.Invalid, Message: s.Message, Args: s.Args}, Held: s.Held,
	}
}

// resume implements reader.resume. What cannot be used is as good as nothing.
func (s *staging) resume(ctx context.Context) (pages [][]delivered, total int) {
	left, err := s.keeper.Staged(ctx)
	age := s.start.Sub(left.Began)
	if err != nil || len(left.Pages) == 0 || left.Size != s.size || age < 0 || age > stageAge {
		return nil, 0
	}
	for _, doc := range left.Pages {
		page, ok := s.decode(doc)
		if !ok {
			return nil, 0
		}
		pages = append(pages, page)
	}
	s.began, s.total, s.from = left.Began, left.Total, len(pages)+1
	return pages, left.Total
}

func (s *staging) decode(doc []byte) ([]delivered, bool) {
	var rows []stagedRow
	if json.Unmarshal(doc, &rows) != nil {
		return nil, false
	}
	page := make([]delivered, len(rows))
	for i, r := range rows {
		switch {
		case r.Bad != nil:
			bad := r.Bad.rejection()
			page[i].bad = &bad
		case r.Product != nil:
			page[i].p = r.Product
		case s.known[r.Same] != nil:
			page[i].p = s.known[r.Same]
		default:
			return nil, false
		}
	}
	return page, true
}

func (s *staging) encode(page []delivered) ([]byte, error) {
	rows := make([]stagedRow, len(page))
	for i, d := range page {
		switch {
		case d.bad != nil:
			bad := setAside(*d.bad)
			rows[i].Bad = &bad
		case s.known[d.p.ProductID] == d.p:
			rows[i].Same = d.p.ProductID
		default:
			rows[i].Product = d.p
		}
	}
	return json.Marshal(rows)
}

// keep implements reader.keep. Only the pages of one reading belong together.
func (s *staging) keep(ctx context.Context, index int, page []delivered, total int) {
	if index != s.from+len(s.waiting) {
		s.waiting, s.from = nil, index
	}
	if index == 1 {
		s.began = s.start
	}
	s.waiting, s.total = append(s.waiting, page), total
	if s.now().Sub(s.written) >= stageEvery {
		s.flush(ctx)
	}
}

// flush writes what waits. It is only worth time: an error costs nothing else.
func (s *staging) flush(ctx context.Context) {
	defer func() { s.from, s.waiting, s.written = s.from+len(s.waiting), nil, s.now() }()
	if len(s.waiting) == 0 {
		return
	}
	out := Staged{Began: s.began, Size: s.size, Total: s.total}
	for _, page := range s.waiting {
		doc, err := s.encode(page)
		if err != nil {
			return
		}
		out.Pages = append(out.Pages, doc)
	}
	_ = s.keeper.Stage(context.WithoutCancel(ctx), s.from, out)
}

// drop takes away what was written, which leads nowhere.
func (s *staging) drop(ctx context.Context) {
	_ = s.keeper.Stage(context.WithoutCancel(ctx), 1, Staged{})
}
