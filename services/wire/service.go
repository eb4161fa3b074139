package wire

import (
	"net/http"
	"strconv"

	"cashier/services/fault"
)

// Service names the other side of a conversation. Code begins every fault code
// ("hq" gives "hq.unreachable"); Name is what a person calls it ("HQ").
type Service struct {
	Code string
	Name string
}

// Effect says whether a call may change something on the other side. It
// decides what silence means: a question without an answer changed nothing, a
// deed without an answer may have been done.
type Effect bool

// The two effects.
const (
	Reads  Effect = false
	Writes Effect = true
)

// Fault makes a fault of this service. The cause is cleaned of secrets, so
// that it may be logged as it is.
func (s Service) Fault(kind fault.Kind, code, message string, cause error, kv ...string) *fault.Error {
	e := fault.New(kind, s.Code+"."+code, message, append([]string{"service", s.Name}, kv...)...)
	e.Cause = Clean(cause)
	return e
}

// Unreachable is a call of which provably no byte was sent.
func (s Service) Unreachable(cause error) *fault.Error {
	if isTLS(cause) {
		return s.Fault(fault.Unreachable, "tls",
			"No secure connection to {service} could be made; nothing was sent. Check this machine's date and time, and that no program intercepts the network.", cause)
	}
	return s.Fault(fault.Unreachable, "unreachable",
		"{service} cannot be reached; nothing was sent. Check the network and the address in Settings, then try again.", cause)
}

// Silent is a call that was sent, or partly sent, without a usable answer.
func (s Service) Silent(effect Effect, cause error) *fault.Error {
	if effect == Writes {
		return s.Fault(fault.Unknown, "silent",
			"{service} was asked but no answer came, so it may have been done. Do not repeat it; look up the result first.", cause)
	}
	return s.Fault(fault.Unreachable, "no_answer",
		"{service} did not answer. Nothing was changed; try again in a moment.", cause)
}

// Status is the fault of an HTTP status, nil for 2xx. For a deed, every status
// that leaves open whether it was done is of kind Unknown: 3xx, 408, 409, 429
// and 5xx.
func (s Service) Status(effect Effect, status int) error {
	n := strconv.Itoa(status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return s.Fault(fault.Credentials, "credentials",
			"{service} did not accept the login or key. Check them in Settings, and this machine's clock.", nil, "status", n)
	case effect == Writes && uncertain(status):
		return s.Fault(fault.Unknown, "uncertain",
			"{service} answered with HTTP {status}, so it may or may not have been done. Do not repeat it; look up the result first.", nil, "status", n)
	case status < 400:
		return s.Fault(fault.Contract, "redirect",
			"{service} points to another address (HTTP {status}). Enter the final address in Settings.", nil, "status", n)
	case status == http.StatusTooManyRequests:
		return s.Fault(fault.Unreachable, "busy",
			"{service} is asked too often and wants a pause. Nothing was changed; try again in a minute.", nil, "status", n)
	case status == http.StatusRequestTimeout || status >= 500:
		return s.Fault(fault.Unreachable, "server",
			"{service} has a fault of its own (HTTP {status}). Nothing was changed; try again in a moment.", nil, "status", n)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return s.Fault(fault.Contract, "route",
			"{service} has nothing at this address (HTTP {status}). Check the address and the routes in Settings.", nil, "status", n)
	}
	return s.Fault(fault.Refused, "rejected",
		"{service} refused the request (HTTP {status}). Check what was entered, then try again.", nil, "status", n)
}

func uncertain(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return status < 400 || status >= 500
}
