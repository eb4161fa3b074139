package printer

import (
	"context"
	"time"
)

// State is where a job stands.
type State string

// The states of a job.
const (
	Waiting  State = "waiting"  // not a byte of it was sent
	Printing State = "printing" // recorded before its first byte
	Printed  State = "printed"
	Failed   State = "failed" // will not be tried again by itself
)

// Over reports whether nothing more will happen to the job.
func (s State) Over() bool { return s == Printed || s == Failed }

// Job is one paper.
type Job struct {
	ID        string    `json:"id"`
	Subject   string    `json:"subject"` // what it is about, such as a sale's id
	Title     string    `json:"title"`   // for a person, such as a receipt number
	Reprint   bool      `json:"reprint,omitempty"`
	Doc       []byte    `json:"doc"` // made by Render
	State     State     `json:"state"`
	Confirmed bool      `json:"confirmed,omitempty"` // the printer said so itself
	Code      string    `json:"code,omitempty"`      // of the fault: why it waits or failed
	Reason    string    `json:"reason,omitempty"`    // the same in words
	Tries     int       `json:"tries,omitempty"`
	At        time.Time `json:"at"` // when it was added
	ChangedAt time.Time `json:"changedAt"`
}

// Store keeps jobs across a restart. Its methods run on the queue's goroutine
// and may block; what Save returned nil for is durable.
type Store interface {
	Save(ctx context.Context, j Job) error
	// Jobs are those kept, the oldest first.
	Jobs(ctx context.Context) ([]Job, error)
}
