//go:build unix && !race

package faulttest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cashier/app"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// TestBulkDamagedCatalog damages the price cache. It never keeps the till from
// selling: it is set aside as it is and a sync makes it anew.
func TestBulkDamagedCatalog(t *testing.T) {
	b := newBench(t)
	dir := filepath.Join(inMemory(t), "till")
	p := b.params(dir)
	till, err := app.Open(t.Context(), p)
	b.ok(err)
	_, err = till.Catalog.Sync(t.Context(), false, nil)
	b.ok(err)
	_, err = ring(t.Context(), till, checkout.Tender{Cash: 5000})
	b.ok(err)
	want := prices(till)
	till.Close()
	c := catalogs{bench: b, dir: dir, want: want}

	n := times("FAULT_CATALOGS", 20)
	o := outcomes{by: map[string]int{}}
	var kinds []damage
	for _, d := range damages {
		if d.on == "" && d.name != "letters of the schema" {
			kinds = append(kinds, d)
		}
	}
	eachOfTwo(t, n, func(t *testing.T, i int) {
		own := c
		own.bench = b.in(t)
		o.add(own.damaged(kinds[i%len(kinds)], i))
	})
	t.Logf("%d damaged price caches: %v", n, o.by)
	if o.by["set aside"] == 0 {
		t.Errorf("%v: none was set aside", o.by)
	}
}

type catalogs struct {
	*bench
	dir  string
	want []string
}

// prices is the whole price list.
func prices(t *app.Till) []string {
	var all []string
	for _, p := range t.Catalog.Index().All() {
		all = append(all, fmt.Sprintf("%+v", p))
	}
	slices.Sort(all)
	return all
}

func (c catalogs) damaged(d damage, seed int) (outcome string) {
	dir := filepath.Join(inMemory(c), "till")
	c.ok(os.CopyFS(dir, os.DirFS(c.dir)))
	file := filepath.Join(dir, "catalog.db")
	whole, err := os.ReadFile(file)
	c.ok(err)
	bad := d.do(bytes.Clone(whole), whole, rand.New(rand.NewPCG(10, uint64(seed))))
	c.ok(os.WriteFile(file, bad, 0o600))
	name := fmt.Sprintf("%d: %s", seed, d.name)
	till, err := app.Open(c.Context(), c.params(dir))
	if err != nil {
		c.Fatalf("%s: the till does not start: %v: %v", name, err, errors.Unwrap(err))
	}
	defer till.Close()
	if _, err := ring(c.Context(), till, checkout.Tender{Cash: 5000}); err != nil {
		c.Errorf("%s: nothing is sold: %v", name, err)
	}
	aside, err := filepath.Glob(file + ".bad-*")
	c.ok(err)
	aside = slices.DeleteFunc(aside, func(f string) bool { return strings.HasSuffix(f, "-wal") || strings.HasSuffix(f, "-shm") })
	outcome = "used"
	switch said := slices.ContainsFunc(till.Warnings, func(w error) bool { return fault.CodeOf(w) == "catalog.set_aside" }); {
	case said != (len(aside) > 0):
		c.Errorf("%s: set aside %v, said %v", name, aside, till.Warnings)
	case said:
		outcome = "set aside"
		if kept, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(kept, bad) {
			c.Errorf("%s: it is not kept as it was: %v", name, err)
		}
	}
	_, err = till.Catalog.Sync(c.Context(), true, nil)
	if fault.CodeOf(err) == "catalog.set_aside" { // which asks for another one
		outcome = "set aside by the sync"
		_, err = till.Catalog.Sync(c.Context(), true, nil)
	}
	if err != nil {
		c.Errorf("%s: the sync: %v: %v", name, err, errors.Unwrap(err))
	}
	if now := prices(till); !slices.Equal(now, c.want) {
		c.Errorf("%s: %d products after the sync, want %d", name, len(now), len(c.want))
	}
	if found, err := till.VerifyBooks(c.Context()); err != nil || len(found) > 0 {
		c.Errorf("%s: the books: %v %v", name, found, err)
	}
	return outcome
}
