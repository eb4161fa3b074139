package printer

import (
	"cmp"
	"context"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// Outcome is how far a job got.
type Outcome uint8

// The outcomes.
const (
	Nothing   Outcome = iota // not a byte left: it may be tried again
	Unknown                  // some left; only the paper tells
	Sent                     // all left, and the printer was not asked
	Confirmed                // the printer says that it is done
)

// Device prints what Render made. Printer is one.
type Device interface {
	// Print sends a job. The error says what went wrong with Nothing and Unknown,
	// and is nil with Sent and Confirmed.
	Print(ctx context.Context, job []byte) (Outcome, error)
}

// Params of a Printer.
type Params struct {
	Target Target
	// Ask has the printer asked for its state before each job, and for a proof
	// behind it. Some printers answer nothing, and some spoil what they print.
	Ask    bool
	Opener Opener           // nil is System
	Clock  serialport.Clock // nil is the machine's

	ProofWithin time.Duration // how long a job may take to be proven; 0 is 20 s
}

// Times of a connection.
const (
	openWithin   = 5 * time.Second
	answerWithin = 700 * time.Millisecond
	settle       = 200 * time.Millisecond // without it some network printers lose the only packet
	gap          = time.Second            // between two connections: cheap boards drop what follows sooner
	piece        = 512                    // bytes written at a time
)

// Printer prints, one job at a time, on a connection of its own for each: what
// was lost with the one before is not met again. Safe for concurrent use.
type Printer struct {
	p    Params
	turn chan struct{} // held by whoever uses the printer
	last time.Time     // when the last connection was closed; guarded by turn
}

var _ Device = (*Printer)(nil)

// New makes a printer; it opens nothing.
func New(p Params) *Printer {
	if p.Clock == nil {
		p.Clock = serialport.SystemClock{}
	}
	if p.Opener == nil {
		p.Opener = System{Clock: p.Clock}
	}
	p.ProofWithin = cmp.Or(p.ProofWithin, 20*time.Second)
	return &Printer{p: p, turn: make(chan struct{}, 1)}
}

// Print sends a job; see Device.
func (p *Printer) Print(ctx context.Context, job []byte) (Outcome, error) {
	outcome := Nothing
	err := p.with(ctx, func(conn serialport.Conn) (err error) {
		if p.p.Ask {
			st, err := p.status(ctx, conn)
			if err == nil {
				err = st.Fault()
			}
			if err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		outcome = Unknown // from here on a byte may have left
		if err := p.send(ctx, conn, job); err != nil {
			return goneFault(p.p.Target.String(), err)
		}
		outcome = Sent
		if p.p.Ask {
			outcome, err = p.prove(ctx, conn)
		}
		return err
	})
	return outcome, err
}

// Kick opens the drawer at the printer, now or not at all: a drawer that opens
// later than the cashier expects opens for somebody else. It fails when ctx ends
// before the printer is free.
func (p *Printer) Kick(ctx context.Context) error {
	return p.with(ctx, func(conn serialport.Conn) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := conn.Write(cmdKick); err != nil {
			return goneFault(p.p.Target.String(), err)
		}
		return nil
	})
}

// Status asks the printer how it is. A printer that says nothing is
// "printer.silent".
func (p *Printer) Status(ctx context.Context) (st Status, err error) {
	err = p.with(ctx, func(conn serialport.Conn) error {
		st, err = p.status(ctx, conn)
		return err
	})
	return st, err
}

// Reach connects and lets go again: all that is known of a printer that is not
// asked.
func (p *Printer) Reach(ctx context.Context) error {
	return p.with(ctx, func(serialport.Conn) error { return nil })
}

// with opens a connection for f and closes it.
func (p *Printer) with(ctx context.Context, f func(serialport.Conn) error) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return busyFault(ctx)
	}
	if p.p.Target.Kind == Network {
		if err := p.pause(ctx, gap-p.p.Clock.Now().Sub(p.last)); err != nil {
			return busyFault(ctx)
		}
	}
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	conn, err := p.p.Opener.Open(opening, p.p.Target)
	if err != nil {
		if opening.Err() != nil && fault.CodeOf(err) == "" {
			return missing(p.p.Target.Address, err)
		}
		return err
	}
	// Neither pause may be cut short by ctx: what was written would be lost.
	_ = p.pause(context.WithoutCancel(ctx), settle)
	err = f(conn)
	_ = p.pause(context.WithoutCancel(ctx), settle)
	_ = conn.Close() // what was written is written
	p.last = p.p.Clock.Now()
	return err
}

func (p *Printer) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-p.p.Clock.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Printer) send(ctx context.Context, conn serialport.Conn, job []byte) error {
	for len(job) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(len(job), piece)
		if _, err := conn.Write(job[:n]); err != nil {
			return err
		}
		job = job[n:]
	}
	return nil
}

// status asks each question and waits for its answer.
func (p *Printer) status(ctx context.Context, conn serialport.Conn) (Status, error) {
	var st Status
	if err := drain(conn); err != nil {
		return st, err
	}
	for _, n := range questions {
		if _, err := conn.Write(ask(n)); err != nil {
			return st, err
		}
		ok, err := p.answer(ctx, conn, answerWithin, func(b byte) bool { return st.take(n, b) })
		if err != nil {
			return st, err
		}
		if !ok {
			return st, silentFault(p.p.Target.String())
		}
	}
	return st, nil
}

// drain throws away what a printer said unasked, or too late for an earlier
// question: an answer carries no number.
func drain(conn serialport.Conn) error {
	const brief, usual = 5 * time.Millisecond, 50 * time.Millisecond
	if err := conn.SetReadTimeout(brief); err != nil {
		return err
	}
	buf := make([]byte, 256)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return err
		}
		if n == 0 {
			return conn.SetReadTimeout(usual)
		}
	}
}

// answer reads until a byte is wanted, or the time is over.
func (p *Printer) answer(ctx context.Context, conn serialport.Conn, within time.Duration, wanted func(byte) bool) (bool, error) {
	buf := make([]byte, 16)
	for until := p.p.Clock.Now().Add(within); p.p.Clock.Now().Before(until); {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := conn.Read(buf)
		for _, b := range buf[:n] {
			if wanted(b) {
				return true, nil
			}
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// prove waits until the printer has done all it was sent. Where it does not say
// so, it is asked why.
func (p *Printer) prove(ctx context.Context, conn serialport.Conn) (Outcome, error) {
	target := p.p.Target.String()
	if _, err := conn.Write(cmdProof); err != nil {
		return Unknown, goneFault(target, err)
	}
	ok, err := p.answer(ctx, conn, p.p.ProofWithin, isProof)
	switch {
	case err != nil:
		return Unknown, goneFault(target, err)
	case ok:
		return Confirmed, nil
	}
	if st, err := p.status(ctx, conn); err == nil && st.Fault() != nil {
		return Unknown, halfFault(st.Fault())
	}
	return Unknown, unprovenFault(target)
}

// halfFault is of a job that a printer stopped in the middle of.
func halfFault(cause error) error {
	return fault.Wrap(cause, fault.Unknown, "printer.half",
		"The printer stopped while it printed: {why} Look at the paper, and reprint if it is not whole.", "why", cause.Error())
}

func busyFault(ctx context.Context) error {
	return fault.Wrap(context.Cause(ctx), fault.Busy, "printer.busy", "The printer is busy with something else; nothing was sent to it. Try again.")
}
