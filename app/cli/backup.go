package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"cashier/app"
	"cashier/localdb"
)

type backupJSON struct {
	File    string `json:"file"`
	At      string `json:"at"`
	Version int64  `json:"version"`
	Size    int64  `json:"size"`
	Good    *bool  `json:"good,omitempty"` // only where it was checked
	Why     string `json:"why,omitempty"`
}

func backupView(b localdb.Backup) backupJSON {
	return backupJSON{File: b.Path, At: b.At.UTC().Format(time.RFC3339), Version: b.Version, Size: b.Size}
}

func backupNow(ctx context.Context, c *call) (int, error) {
	set := newFlags("backup")
	to := set.String("to", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	b, err := t.Backup(ctx, *to)
	if err != nil {
		return 0, err
	}
	good := true
	v := backupView(b)
	v.Good = &good
	return Done, c.print(v, func(w io.Writer) {
		fmt.Fprintf(w, "%s, %d bytes, checked\n", b.Path, b.Size)
	})
}

func backupList(ctx context.Context, c *call) (int, error) {
	set := newFlags("backup list")
	check := set.Bool("check", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	// The folder is looked at without its books: they may be what is broken.
	t := app.Examine(ctx, c.params())
	defer t.Close()
	all, err := t.Backups()
	if err != nil {
		return 0, err
	}
	code := Done
	views := []backupJSON{}
	for _, b := range all {
		v := backupView(b)
		if *check {
			good, why := checkBackup(ctx, b.Path)
			if v.Good, v.Why = &good, why; !good {
				code = RefusedExit
			}
		}
		views = append(views, v)
	}
	return code, c.print(map[string]any{"backups": views}, func(w io.Writer) {
		for i, v := range views {
			fmt.Fprintf(w, "%s  version %d  %d bytes  %s", all[i].At.In(t.Zone).Format(time.DateTime), v.Version, v.Size, v.File)
			switch {
			case v.Good == nil:
				fmt.Fprintln(w)
			case *v.Good:
				fmt.Fprintln(w, "  good")
			default:
				fmt.Fprintln(w, "  BAD: "+v.Why)
			}
		}
		fmt.Fprintf(w, "%d backups\n", len(views))
	})
}

func checkBackup(ctx context.Context, path string) (good bool, why string) {
	_, found, err := localdb.CheckBackup(ctx, path)
	switch {
	case err != nil:
		return false, err.Error()
	case len(found) > 0:
		return false, found[0].Check + " " + found[0].Subject + ": " + found[0].Message
	}
	return true, ""
}

func restore(ctx context.Context, c *call) (int, error) {
	set := newFlags("restore")
	journal := set.String("journal", "", "")
	without := set.Bool("no-journal", false, "")
	confirm := set.Bool("confirm-reconciled", false, "")
	why := set.String("reason", "", "")
	words, err := c.flags(set, -1)
	if err != nil {
		return 0, err
	}
	switch {
	case *confirm && len(words) == 0 && *journal == "" && !*without:
		return c.confirmReconciled(ctx, *why)
	case *confirm || len(words) != 1:
		return 0, usage("restore takes the FILE of a backup, or --confirm-reconciled with a --reason")
	case *without && *journal != "":
		return 0, usage("--journal and --no-journal exclude each other")
	}
	p := c.params()
	by, err := app.Restorer(ctx, p, words[0], c.staff, c.pin)
	if err != nil {
		return 0, err
	}
	r, err := app.Restore(ctx, p, app.RestoreParams{File: words[0], Journal: *journal, NoJournal: *without, By: by})
	if err != nil {
		return 0, err
	}
	return Done, c.print(map[string]any{
		"till": r.Till.ID, "epoch": r.Till.Epoch, "sales": r.Backup.Sales, "replayed": r.Replayed, "left": append([]string{}, r.Left...), "aside": r.Aside,
	}, func(w io.Writer) {
		fmt.Fprintf(w, "till %s, epoch %d: %d sales from the backup, %d from the second journal\n", r.Till.ID, r.Till.Epoch, r.Backup.Sales, r.Replayed)
		for _, id := range r.Left {
			fmt.Fprintf(w, "left out: sale %s, because a receipt number before its own is in neither\n", id)
		}
		if r.Aside != "" {
			fmt.Fprintf(w, "the former books are %s\n", r.Aside)
		}
		fmt.Fprintln(w, "Payment codes and cards are taken again once `cashierctl reconcile` has compared the books with the bill.")
	})
}

func (c *call) confirmReconciled(ctx context.Context, why string) (int, error) {
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if err := t.ConfirmReconciled(ctx, t.Actor(), why); err != nil {
		return 0, err
	}
	return Done, c.print(map[string]bool{"reconciled": true}, func(w io.Writer) {
		fmt.Fprintln(w, "confirmed; payment codes and cards are taken again")
	})
}
