//go:build unix

package faulttest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"cashier/app"
	"cashier/services/catalog"
	"cashier/services/checkout"
)

// What the tests share that hold a till in their own process.

// params are a till's in a folder of its own, with waits a twentieth as long.
func (b *bench) params(dir string) app.Params {
	return app.Params{
		Dir: dir, Program: "faulttest", Passphrase: passphrase, VaultCost: 4,
		Settings: b.settings(), Secrets: b.secrets(), Timers: checkout.DefaultTimers().Scaled(20),
	}
}

// goods is a cart of milk.
func goods() checkout.Cart {
	return checkout.Cart{ID: uuid.NewString(), Lines: []checkout.Line{
		{ProductID: 41, Code: "6901", Name: "牛奶", Class: "乳品", Unit: "盒", Pricing: catalog.ByCount, ListPrice: 550, Price: 550, Qty: 2, Amount: 1100},
		{ProductID: 9, Code: "PG", Name: "苹果", Class: "水果", Unit: "斤", Pricing: catalog.ByWeight, ListPrice: 699, Price: 699, Grams: 731, UnitGrams: 500, Amount: 1022},
	}}
}

// ring is a whole sale, as far as it comes by itself.
func ring(ctx context.Context, t *app.Till, tenders ...checkout.Tender) (checkout.Sale, error) {
	s, err := t.Desk.Start(ctx, t.Actor(), goods(), tenders...)
	if err != nil {
		return s, err
	}
	return t.Desk.Wait(ctx, s.ID)
}

// inMemory is a folder in memory where there is one: a test that makes thousands
// of files has nothing to gain from a slow disk.
func inMemory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "faulttest-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// content is every file of a folder, by its path within it.
func content(dir string) (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(raw)
		return err
	})
	return all, err
}
