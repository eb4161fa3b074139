package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"cashier/app/vault"
)

// sample is one line of a measured window; see the program's --measure.
type sample struct {
	What string        `json:"what"`
	At   int64         `json:"at"`   // unix nanoseconds
	Took time.Duration `json:"took"` // the screen's goroutine was busy
	CPU  time.Duration `json:"cpu"`  // the process used meanwhile
	Is   string        `json:"is"`
}

// patience is how long a window may take for one thing.
const patience = 60 * time.Second

// program is a window's process while it is measured.
type program struct {
	cmd     *exec.Cmd
	started time.Time
	in      io.WriteCloser
	lines   chan sample // closed when the process says no more
	said    *lastWords
}

// startProgram starts the window's program as `cashierctl bench` measures it.
func startProgram(ctx context.Context, path string, args ...string) (*program, error) {
	p := &program{cmd: exec.CommandContext(ctx, path, args...), lines: make(chan sample, 1<<14), said: &lastWords{}}
	p.cmd.Env = append(os.Environ(), vault.PassphraseEnv+"="+passphrase)
	p.cmd.Stderr = p.said
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.started = in, time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.lines)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var s sample
			if json.Unmarshal(lines.Bytes(), &s) == nil && s.What != "" {
				p.lines <- s
			}
		}
	}()
	return p, nil
}

// wait returns the next sample of a kind.
func (p *program) wait(what string) (sample, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case s, ok := <-p.lines:
			switch {
			case !ok:
				return s, p.closed(fmt.Sprintf("before %q", what))
			case s.What == what:
				return s, nil
			case s.What == "failed":
				return s, errors.New(s.Is)
			}
		case <-limit.C:
			return sample{}, fmt.Errorf("the window did not come to %q in %s: %s", what, patience, p.said.String())
		}
	}
}

// tell gives the window a command.
func (p *program) tell(command string) error {
	_, err := io.WriteString(p.in, command+"\n")
	return err
}

// done gives a command and returns what carrying it out and the frame that shows
// it cost together.
func (p *program) done(command string) (sample, error) {
	p.drain()
	if err := p.tell(command); err != nil {
		return sample{}, err
	}
	did, err := p.wait("did")
	if err != nil {
		return did, err
	}
	frame, err := p.wait("frame")
	did.Took += frame.Took
	did.CPU += frame.CPU
	return did, err
}

// drain forgets what has been said and returns how many frames that was.
func (p *program) drain() (frames int) {
	for {
		select {
		case s, ok := <-p.lines:
			if !ok {
				return frames
			}
			if s.What == "frame" {
				frames++
			}
		default:
			return frames
		}
	}
}

// quiet waits until nothing has been said for a time.
func (p *program) quiet(gap time.Duration) error {
	limit := time.After(patience)
	for {
		select {
		case _, ok := <-p.lines:
			if !ok {
				return p.closed("by itself")
			}
		case <-time.After(gap):
			return nil
		case <-limit:
			return errors.New("the window does not come to rest")
		}
	}
}

// closed is a window that is gone, with what it said last: all of that is here
// once the process has ended.
func (p *program) closed(when string) error {
	p.close()
	return fmt.Errorf("the window closed %s: %s", when, p.said.String())
}

// close ends the window as a person does, and then for certain.
func (p *program) close() {
	_ = p.in.Close() // it reads no more
	kill := time.AfterFunc(patience/6, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	for range p.lines { // until it says no more
	}
	_ = p.cmd.Wait() // killed or not, it has ended
}

// lastWords keeps the end of what a program writes to standard error.
type lastWords struct {
	mu  sync.Mutex
	end []byte
}

func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, b...)
	if n := len(l.end) - 2000; n > 0 {
		l.end = l.end[n:]
	}
	return len(b), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.end))
}
