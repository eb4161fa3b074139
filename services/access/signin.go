package access

import (
	"context"
	"math"
	"strconv"
	"time"

	"cashier/services/fault"
)

// SignIn is the person with this PIN, at work. Faults: staff.unknown,
// access.locked and access.wrong_pin with the seconds to wait, those of the
// vault and the books.
func (s *Service) SignIn(ctx context.Context, id, pin string) (Actor, error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	return s.prove(ctx, id, pin, func(who Actor) (Act, error) { return Act{What: "access.in", Detail: "pin"}, nil })
}

// Badge is whose badge this is. Fault access.badge_unknown.
func (s *Service) Badge(code string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.byBadge(code)
	if err != nil {
		return Person{}, err
	}
	return s.person(s.list[i]), nil
}

// SignInByBadge is the person whose badge this is, at work. Where a badge
// needs its PIN the fault is access.badge_pin.
func (s *Service) SignInByBadge(ctx context.Context, code string) (Actor, error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	i, err := s.byBadge(code)
	if err != nil {
		return Actor{}, err
	}
	if !s.p.BadgeAlone() {
		return Actor{}, fault.New(fault.Denied, "access.badge_pin", "{name}, enter your PIN as well.", "name", s.list[i].Name)
	}
	r := s.list[i]
	if err := s.notLocked(r); err != nil {
		return Actor{}, err
	}
	who := s.actor(r)
	a := Act{Actor: who, What: "access.in", Subject: r.Subject(), Detail: "badge", At: s.p.Now()}
	return who, s.p.Store.SetTries(ctx, r.ID, r.Tries, &a)
}

func (s *Service) byBadge(code string) (int, error) {
	keys, err := s.p.Keys()
	if err != nil {
		return -1, err
	}
	digest := badgeDigest(keys, code)
	for i, r := range s.list {
		if r.Active && r.Badge == digest {
			return i, nil
		}
	}
	return -1, fault.New(fault.Denied, "access.badge_unknown", "This is nobody's badge here. Sign in by name and PIN, or have the badge set up.")
}

// Approve lets asker do one act about the subject once, for which asker has no
// right, or which takes two. The one who approves proves it by PIN, holds the
// right, and is somebody else. It is in the audit trail before it counts.
//
// What comes back is the asker, to be given to Let. Faults: as of SignIn, and
// access.denied and access.same_person.
func (s *Service) Approve(ctx context.Context, asker Actor, id, pin string, right Right, subject string) (Actor, error) {
	s.acts.Lock()
	defer s.acts.Unlock()
	_, err := s.prove(ctx, id, pin, func(who Actor) (Act, error) {
		switch {
		case who.ID == asker.ID:
			return Act{}, fault.New(fault.Denied, "access.same_person", "{name} cannot approve what {name} does; somebody else has to.", "name", who.Name)
		case !who.Role.Holds(right):
			return Act{}, who.Demand(right)
		}
		return Act{What: "access.approve", Subject: subject, Detail: string(right) + " for " + asker.ID + " " + asker.Name}, nil
	})
	if err != nil {
		return Actor{}, err
	}
	asker.grant = &grant{right: right, subject: subject, bound: true}
	return asker, nil
}

// prove checks a PIN and writes down what it is given for. The try is counted
// before it is judged: nobody gets one free by ending the program in between.
func (s *Service) prove(ctx context.Context, id, pin string, purpose func(who Actor) (Act, error)) (Actor, error) {
	i, err := s.working(id)
	if err != nil {
		return Actor{}, err
	}
	keys, err := s.p.Keys()
	if err != nil {
		return Actor{}, err
	}
	if err := s.notLocked(s.list[i]); err != nil {
		return Actor{}, err
	}
	if err := s.count(ctx, i); err != nil {
		return Actor{}, err
	}
	r := s.list[i]
	who := s.actor(r)
	right, err := r.PIN != "", error(nil)
	if right {
		right, err = rightPIN(keys.Pepper(), r.ID, pin, r.PIN)
	}
	if err != nil {
		return Actor{}, err
	}
	if !right {
		return Actor{}, s.wrong(ctx, r)
	}
	a, refused := purpose(who)
	if a.Actor, a.At = who, s.p.Now(); a.Subject == "" {
		a.Subject = r.Subject()
	}
	row := &a
	if refused != nil {
		row = nil
	}
	if err := s.p.Store.SetTries(ctx, r.ID, Tries{}, row); err != nil {
		return Actor{}, err
	}
	r.Tries = Tries{}
	s.put(i, r)
	return who, refused
}

func (s *Service) count(ctx context.Context, i int) error {
	r := s.list[i]
	r.Tries = Tries{Wrong: r.Tries.Wrong + 1, Uptime: s.p.Uptime(), At: s.p.Now()}
	if err := s.p.Store.SetTries(ctx, r.ID, r.Tries, nil); err != nil {
		return err
	}
	s.put(i, r)
	return nil
}

// wrong writes a wrong PIN into the audit trail and says what it leads to.
func (s *Service) wrong(ctx context.Context, r Record) error {
	n := strconv.Itoa(r.Tries.Wrong)
	a := Act{Actor: Nobody(s.p.Program), What: "access.wrong_pin", Subject: r.Subject(), Detail: n + " in a row", At: s.p.Now()}
	if err := s.p.Store.SetTries(ctx, r.ID, r.Tries, &a); err != nil {
		return err
	}
	if r.Tries.lock() > 0 {
		return s.notLocked(r)
	}
	return fault.New(fault.Denied, "access.wrong_pin", "This is not the PIN of {name}. {left} more wrong ones lock it.",
		"name", r.Name, "left", strconv.Itoa(freeTries-r.Tries.Wrong))
}

func (s *Service) notLocked(r Record) error {
	left := r.Tries.left(s.p.Uptime())
	if left <= 0 {
		return nil
	}
	return fault.New(fault.Denied, "access.locked", "Too many wrong PINs for {name}: wait {seconds} s, or have a manager unlock it.",
		"name", r.Name, "seconds", strconv.Itoa(int(math.Ceil(left.Seconds()))))
}

// LockedFor is how long no PIN of a person is taken yet.
func (s *Service) LockedFor(id string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 {
		return s.list[i].Tries.left(s.p.Uptime())
	}
	return 0
}

// Approvers are who may approve an act of asker's that takes this right.
func (s *Service) Approvers(asker Actor, right Right) []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	var able []Person
	for _, r := range s.list {
		if r.Active && r.PIN != "" && r.Role.Holds(right) && r.Subject() != asker.ID {
			able = append(able, s.person(r))
		}
	}
	return able
}
