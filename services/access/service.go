package access

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cashier/services/fault"
)

// Keys keeps PINs and badges from being tried out against the books.
type Keys interface {
	Pepper() []byte
	Digest(code string) string
}

// Params of a Service. Store, Keys, Now and Uptime are required.
type Params struct {
	Store Store
	// Keys are asked for when a PIN or a badge is, or are why there are none.
	Keys    func() (Keys, error)
	Now     func() time.Time     // for the audit trail; decides nothing
	Uptime  func() time.Duration // since the machine started: the clock nobody sets
	Program string
	// BadgeAlone reports whether a badge needs no PIN; nil: it does.
	BadgeAlone func() bool
}

// Service is the staff of one till. It is safe for concurrent use; what it says
// of people comes from memory.
type Service struct {
	p Params

	acts sync.Mutex // held through a change or a proof, one at a time
	mu   sync.Mutex // held to look at list, or to replace it while acts is held
	list []Record   // by id; what is in it never changes
}

// New reads who works here.
func New(ctx context.Context, p Params) (*Service, error) {
	if p.Store == nil || p.Keys == nil || p.Now == nil || p.Uptime == nil {
		return nil, errors.New("access: Store, Keys, Now and Uptime are required")
	}
	if p.BadgeAlone == nil {
		p.BadgeAlone = func() bool { return false }
	}
	list, err := p.Store.Staff(ctx)
	if err != nil {
		return nil, err
	}
	return &Service{p: p, list: list}, nil
}

// List is everybody who ever worked here, by id; those who no longer do are not
// active.
func (s *Service) List() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	people := make([]Person, len(s.list))
	for i, r := range s.list {
		people[i] = s.person(r)
	}
	return people
}

func (s *Service) person(r Record) Person {
	return Person{
		ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Role: r.Role, Active: r.Active, HasPIN: r.PIN != "", HasBadge: r.Badge != "",
		Since: r.Since, Wrong: r.Tries.Wrong, Locked: r.Tries.left(s.p.Uptime()),
	}
}

// SetUp reports whether somebody can sign in. Until then the machine's user is
// the owner.
func (s *Service) SetUp() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.list, func(r Record) bool { return r.Active && r.PIN != "" })
}

// Actor is a person at work, nobody where there is no such active person.
func (s *Service) Actor(id string) Actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 && s.list[i].Active {
		return s.actor(s.list[i])
	}
	return Nobody(s.p.Program)
}

func (s *Service) actor(r Record) Actor {
	return Actor{ID: r.Subject(), Name: r.Name, Role: r.Role, Program: s.p.Program}
}

// NewPerson is a person to be added.
type NewPerson struct {
	Name  string
	Role  Role
	PIN   string
	Badge string // "" for none
}

// Add adds a person. The first is an owner; who adds must stand above the new
// one. Faults: Denied, Invalid with codes staff.…, those of the vault and the
// books.
func (s *Service) Add(ctx context.Context, by Actor, n NewPerson) (Person, error) {
	if err := by.Demand(Manage); err != nil {
		return Person{}, err
	}
	s.acts.Lock()
	defer s.acts.Unlock()
	r := Record{ID: 1, Role: n.Role, Active: true, Since: s.p.Now()}
	if last := len(s.list); last > 0 {
		r.ID = s.list[last-1].ID + 1
	}
	var err error
	if r.Name, err = s.freeName(n.Name, r.ID); err != nil {
		return Person{}, err
	}
	if err := checkRole(n.Role); err != nil {
		return Person{}, err
	}
	if n.Role != Owner && !slices.ContainsFunc(s.list, activeOwner) {
		return Person{}, fault.New(fault.Refused, "staff.first_owner", "The first person set up must be an owner: somebody has to decide about the others.")
	}
	if err := overOthers(by, n.Role); err != nil {
		return Person{}, err
	}
	if r.PIN, err = s.newPIN(r.ID, n.PIN); err != nil {
		return Person{}, err
	}
	if n.Badge != "" {
		if r.Badge, err = s.newBadge(r.ID, n.Badge); err != nil {
			return Person{}, err
		}
	}
	if err := s.p.Store.AddStaff(ctx, r, s.act(by, "staff.add", r)); err != nil {
		return Person{}, err
	}
	s.put(len(s.list), r)
	return s.person(r), nil
}

// Set gives a person another name or role; nil leaves it.
func (s *Service) Set(ctx context.Context, by Actor, id string, name *string, role *Role) (Person, error) {
	return s.change(ctx, by, id, "staff.set", func(r *Record) (err error) {
		if name != nil {
			if r.Name, err = s.freeName(*name, r.ID); err != nil {
				return err
			}
		}
		if role != nil {
			if err := checkRole(*role); err != nil {
				return err
			}
			r.Role = *role
			return overOthers(by, *role)
		}
		return nil
	})
}

// SetPIN gives a person another PIN, and forgets the wrong ones. Everybody may
// set their own.
func (s *Service) SetPIN(ctx context.Context, by Actor, id, pin string) (Person, error) {
	return s.change(ctx, by, id, "staff.pin", func(r *Record) (err error) {
		r.PIN, err = s.newPIN(r.ID, pin)
		r.Tries = Tries{}
		return err
	})
}

// SetBadge ties a badge to a person; "" takes it away.
func (s *Service) SetBadge(ctx context.Context, by Actor, id, code string) (Person, error) {
	return s.change(ctx, by, id, "staff.badge", func(r *Record) (err error) {
		if r.Badge = ""; code != "" {
			r.Badge, err = s.newBadge(r.ID, code)
		}
		return err
	})
}

// Remove ends a person's time here: no PIN and no badge works any more. The
// name stays with what they did.
func (s *Service) Remove(ctx context.Context, by Actor, id string) (Person, error) {
	return s.change(ctx, by, id, "staff.remove", func(r *Record) error {
		r.Active, r.PIN, r.Badge, r.Tries = false, "", "", Tries{}
		return nil
	})
}

// Unlock forgets the wrong PINs of a person.
func (s *Service) Unlock(ctx context.Context, by Actor, id string) (Person, error) {
	return s.change(ctx, by, id, "staff.unlock", func(r *Record) error {
		r.Tries = Tries{}
		return nil
	})
}

// KeysLost takes the PINs and badges of everybody away, where the vault whose
// pepper they were made with is lost for good: none can ever be right again.
// Afterwards the machine's user is the owner, and sets PINs anew.
func (s *Service) KeysLost(ctx context.Context, by Actor) error {
	s.acts.Lock()
	defer s.acts.Unlock()
	for i, r := range slices.Clone(s.list) {
		if !r.Active || r.PIN == "" && r.Badge == "" {
			continue
		}
		r.PIN, r.Badge, r.Tries = "", "", Tries{}
		if err := s.p.Store.SetStaff(ctx, r, s.act(by, "staff.keys_lost", r)); err != nil {
			return err
		}
		s.put(i, r)
	}
	return nil
}

// change changes an active person if who acts may.
func (s *Service) change(ctx context.Context, by Actor, id, what string, do func(*Record) error) (Person, error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	i, err := s.working(id)
	if err != nil {
		return Person{}, err
	}
	r := s.list[i]
	if own := by.ID == r.Subject(); !own || what != "staff.pin" {
		if err := by.Demand(Manage); err != nil {
			return Person{}, err
		}
		if !own {
			if err := overOthers(by, r.Role); err != nil {
				return Person{}, err
			}
		}
	}
	if err := do(&r); err != nil {
		return Person{}, err
	}
	if activeOwner(s.list[i]) && !activeOwner(r) && !slices.ContainsFunc(slices.Delete(slices.Clone(s.list), i, i+1), activeOwner) {
		return Person{}, ErrLastOwner()
	}
	if err := s.p.Store.SetStaff(ctx, r, s.act(by, what, r)); err != nil {
		return Person{}, err
	}
	s.put(i, r)
	return s.person(r), nil
}

// put replaces a person, or adds one at the end.
func (s *Service) put(i int, r Record) {
	list := append(slices.Clone(s.list[:i]), r)
	if i < len(s.list) {
		list = append(list, s.list[i+1:]...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = list
}

func activeOwner(r Record) bool { return r.Active && r.Role == Owner }

// overOthers keeps a manager from making or changing managers and owners.
func overOthers(by Actor, role Role) error {
	if by.Role.above(role) {
		return nil
	}
	return fault.New(fault.Denied, "staff.above", "{name} ({role}) may not decide about somebody who is {other}; ask an owner.", "name", by.Name, "role", string(by.Role), "other", string(role))
}

// freeName is a name nobody else here has: people sign in by tapping theirs.
func (s *Service) freeName(name string, id int64) (string, error) {
	name, err := checkName(name)
	if err == nil && slices.ContainsFunc(s.list, func(r Record) bool { return r.Active && r.ID != id && strings.EqualFold(r.Name, name) }) {
		err = fault.New(fault.Invalid, "staff.name_taken", "Somebody here is called {name} already; add something that tells the two apart.", "name", name)
	}
	return name, err
}

func (s *Service) newPIN(id int64, pin string) (string, error) {
	if err := CheckPIN(pin); err != nil {
		return "", err
	}
	keys, err := s.p.Keys()
	if err != nil {
		return "", err
	}
	return hashPIN(keys.Pepper(), id, pin, pinCost)
}

func (s *Service) newBadge(id int64, code string) (string, error) {
	if err := checkBadge(code); err != nil {
		return "", err
	}
	keys, err := s.p.Keys()
	if err != nil {
		return "", err
	}
	digest := badgeDigest(keys, code)
	if slices.ContainsFunc(s.list, func(r Record) bool { return r.Active && r.ID != id && r.Badge == digest }) {
		return "", fault.New(fault.Invalid, "staff.badge_taken", "This badge is somebody else's here. Take it away from them first, or use another.")
	}
	return digest, nil
}

func badgeDigest(keys Keys, code string) string { return keys.Digest("staff badge " + code) }

func (s *Service) act(by Actor, what string, r Record) Act {
	return Act{Actor: by, What: what, Subject: r.Subject(), Detail: r.State(), At: s.p.Now()}
}

// find is the place of a person in the list, -1 for none.
func (s *Service) find(id string) int {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, subjectPrefix), 10, 64)
	if err != nil {
		return -1
	}
	i, ok := slices.BinarySearchFunc(s.list, n, func(r Record, n int64) int { return cmp.Compare(r.ID, n) })
	if !ok {
		return -1
	}
	return i
}

func (s *Service) working(id string) (int, error) {
	i := s.find(id)
	if i < 0 || !s.list[i].Active {
		return -1, fault.New(fault.Invalid, "staff.unknown", "Nobody with the number {id} works here. `cashierctl staff list` shows who does.", "id", id)
	}
	return i, nil
}
