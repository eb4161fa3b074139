package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"cashier/services/fault"
)

// oneAtATime lets the payment path speak while a command does.
type oneAtATime struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneAtATime) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// print writes the document, or the lines a person reads.
func (c *call) print(v any, text func(w io.Writer)) error {
	var b bytes.Buffer
	if c.json {
		if err := encode(&b, v); err != nil {
			return err
		}
	} else {
		text(&b)
	}
	if b.Len() == 0 {
		return nil
	}
	if _, err := c.Out.Write(b.Bytes()); err != nil {
		return fault.Wrap(err, fault.Internal, "output.failed", "The result could not be written to standard output: {why}.", "why", err.Error())
	}
	return nil
}

// report prints what became of money. The exit code says the same and does not
// depend on whether anybody could read it.
func (c *call) report(code int, v any, text func(w io.Writer)) (int, error) {
	if err := c.print(v, text); err != nil {
		fmt.Fprintln(c.Err, "cashierctl: "+err.Error()+" The exit code says how it ended; `cashierctl journal` shows it.")
	}
	return code, nil
}
