package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind groups faults by what they mean, above all for money.
type Kind uint8

// The kinds. Only Refused and Invalid are final; Unknown must never be read as
// either success or failure.
const (
	Internal    Kind = iota // a defect or a broken disk: nothing more is known
	Invalid                 // what the person or a document gave is not usable
	Refused                 // the other side understood and said no
	Denied                  // the person has no right to do this
	Credentials             // our key, password or clock was not accepted
	Unreachable             // provably nothing happened on the other side
	Unknown                 // something may have happened on the other side
	Contract                // the other side answered in a way its contract does not allow
	Busy                    // another process or a running action has it
)

// Error is a fault. Code is lower-case words joined by dots, such as
// "hq.unreachable"; translations and tests rely on it.
type Error struct {
	Code    string
	Kind    Kind
	Message string            // one or two sentences for a person: what happened, what to do
	Args    map[string]string // values a translation puts into its own sentence
	Cause   error             // for the log
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Cause }

// Detail is the message with its chain of causes, for a log or a details panel.
func (e *Error) Detail() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s (%v)", e.Code, e.Message, e.Cause)
}

// New makes a fault. kv are name, value pairs: they become Args and replace
// {name} in the message.
func New(kind Kind, code, message string, kv ...string) *Error {
	e := &Error{Code: code, Kind: kind, Message: message}
	for i := 0; i+1 < len(kv); i += 2 {
		if e.Args == nil {
			e.Args = make(map[string]string, len(kv)/2)
		}
		e.Args[kv[i]] = kv[i+1]
		e.Message = strings.ReplaceAll(e.Message, "{"+kv[i]+"}", kv[i+1])
	}
	return e
}

// Wrap is New with a cause.
func Wrap(cause error, kind Kind, code, message string, kv ...string) *Error {
	e := New(kind, code, message, kv...)
	e.Cause = cause
	return e
}

// KindOf is the kind of the outermost fault in err's chain, Internal if there
// is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of the outermost fault in err's chain, "" if there is none.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
