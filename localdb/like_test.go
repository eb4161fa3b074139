package localdb

import (
	"path/filepath"
	"testing"
	"time"

	"cashier/services/catalog"
)

func TestLike(t *testing.T) {
	db, err := OpenCatalog(t.Context(), CatalogParams{Path: filepath.Join(t.TempDir(), "catalog.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Shut()
	product := func(id int64, code, name string) catalog.Product {
		return catalog.Product{ID: id, ShopID: 1, ProductID: id, Code: code, Name: name, Price: 1_00, Sort: -id}
	}
	_, err = db.Apply(t.Context(), catalog.Change{At: time.Now(), Put: []catalog.Product{
		product(1, "10001", "鲜牛奶"), product(2, "10002", "水牛奶100%"), product(3, "10003", "a_b"), product(4, "10004", `c\d`), product(5, "10005", "牛腩"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int64{
		"牛奶": {2, 1}, "牛": {5, 2}, "10003": {3}, "%": {2}, "_": {3}, `\`: {4}, "没有": nil, "": {5, 4},
	} {
		found, err := db.Like(t.Context(), text, 2)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, p := range found {
			ids = append(ids, p.ProductID)
		}
		if len(ids) != len(want) || len(ids) > 0 && ids[0] != want[0] || len(ids) > 1 && ids[1] != want[1] {
			t.Errorf("%q finds %v, want %v", text, ids, want)
		}
	}
}
