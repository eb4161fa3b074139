//go:build !race

package localdb

import (
	"fmt"
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/checkout"
)

func TestBulkCatalog(t *testing.T) {
	const n = 30_000
	c := openCatalog(t, CatalogParams{})
	ch := catalog.Change{At: noon}
	for i := range int64(n) {
		ch.Put = append(ch.Put, product(i+1, fmt.Sprintf("商品%d", i)))
	}
	c.must(t, n, ch)
	got, err := c.Products(t.Context())
	if err != nil || len(got) != n {
		t.Fatalf("%d products, %v", len(got), err)
	}
	for i, p := range got {
		if !p.Equal(ch.Put[i]) {
			t.Fatalf("product %d came back as %+v", i, p)
		}
	}
	var gone []int64
	for i := range int64(n / 2) {
		gone = append(gone, 2*i+1)
	}
	c.must(t, n/2, catalog.Change{Remove: gone, At: noon.Add(time.Hour)})
	if got, err := c.Products(t.Context()); err != nil || len(got) != n/2 {
		t.Errorf("%d products, %v", len(got), err)
	}
}

// A day's trade, then a thousand audit rows each tampered with once: verify
// finds every one.
func TestBulkAuditTampering(t *testing.T) {
	const rows = 1000
	s := newShop(t)
	for i := range rows {
		s.ok(s.Note(t.Context(), checkout.Act{Actor: mei, What: "note", Subject: fmt.Sprint(i), At: s.tick()}))
	}
	db := raw(t, s.path)
	unlock(t, db)
	for n := 1; n <= rows; n++ {
		inner, err := db.Begin()
		s.ok(err)
		column := []string{"actor_id", "actor_name", "actor_role", "actor_program", "what", "subject", "detail"}[n%7]
		_, err = inner.Exec(fmt.Sprintf(`UPDATE audit SET %s = %s || '.' WHERE seq = %d`, column, column, n))
		s.ok(err)
		var f findings
		s.ok(f.auditChain(&tx{ctx: t.Context(), inner: inner}, s.Till().ID))
		if len(f) != 1 || f[0].Subject != fmt.Sprintf("audit row %d", n) {
			t.Errorf("row %d: %+v", n, f)
		}
		s.ok(inner.Rollback())
	}
	s.verified()
}

func TestBulkVerify(t *testing.T) {
	s := newShop(t)
	const n = 1200 // more than twice what verify reads at a time
	for range n {
		s.sell()
	}
	s.verified()
	if all, err := s.Sales(t.Context(), time.Time{}, 0); err != nil || len(all) != n {
		t.Errorf("%d sales, %v", len(all), err)
	}
}
