package app

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cashier/app/settings"
	"cashier/hardware/printer"
)

// printsKept is how many papers are remembered.
const printsKept = 200

// prints keeps what is to be printed, a file a job: a paper that is lost costs
// nobody money, so that the books do not carry it.
type prints struct{ dir string }

// Save replaces a job's file durably.
func (p prints) Save(_ context.Context, j printer.Job) error {
	raw, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	return settings.WriteFile(p.file(j.ID), raw)
}

// Jobs reads what is kept, the oldest first, and forgets what so many came after.
// A file that cannot be read is no job any more.
func (p prints) Jobs(context.Context) ([]printer.Job, error) {
	entries, err := os.ReadDir(p.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var jobs []printer.Job
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".json"); ok {
			if j, ok := p.read(id); ok {
				jobs = append(jobs, j)
			}
		}
	}
	slices.SortStableFunc(jobs, func(a, b printer.Job) int { return a.At.Compare(b.At) })
	for over := len(jobs) - printsKept; over > 0; over-- {
		_ = os.Remove(p.file(jobs[0].ID)) // what stays is forgotten next time
		jobs = jobs[1:]
	}
	return jobs, nil
}

func (p prints) read(id string) (j printer.Job, ok bool) {
	raw, err := os.ReadFile(p.file(id))
	if err != nil || json.Unmarshal(raw, &j) != nil || j.ID != id {
		return printer.Job{}, false
	}
	return j, true
}

// file is where a job lies; ids are letters, digits and dashes.
func (p prints) file(id string) string {
	id = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, id)
	return filepath.Join(p.dir, id+".json")
}
