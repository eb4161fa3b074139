package app

import (
	"context"
	"fmt"
	"image"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cashier/assets/demoshop"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq/hqtest"
	"cashier/services/shopdata"
)

// gallery is a till whose HQ is the stand-in with the demo shop's pictures.
func gallery(t *testing.T, set map[string]string) (*Till, *atomic.Int32) {
	t.Helper()
	shop, err := shopdata.Load(demoshop.FS())
	if err != nil {
		t.Fatal(err)
	}
	office, err := hqtest.New(hqtest.Params{Shop: shop, Pictures: demoshop.FS()})
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/pictures/") {
			asked.Add(1)
		}
		office.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	owner := shop.Owner()
	values := map[string]string{"hq.url": srv.URL, "hq.tenant": shop.Tenant, "hq.login": owner.Login, "hq.shop_id": fmt.Sprint(shop.ShopID)}
	for k, v := range set {
		values[k] = v
	}
	till := open(t, Params{Dir: t.TempDir(), Settings: values, Secrets: map[string]string{"hq.password": owner.Password}})
	if _, err := till.Catalog.Sync(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	return till, &asked
}

func TestPicturesOfTheShop(t *testing.T) {
	till, asked := gallery(t, map[string]string{"pictures.per_minute": "600000"})
	if _, err := os.Stat(till.file(picturesFolder)); err == nil {
		t.Error("the folder was made before there was a picture")
	}
	first, ok := till.pictureAt(0)
	if !ok || first == "" {
		t.Fatal(first)
	}
	thumb, err := till.Pictures.Fetch(t.Context(), first)
	if err != nil || thumb.Bounds().Size() != image.Pt(160, 160) {
		t.Fatal(thumb, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { till.RunPictures(ctx) })
	const n = 25
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if kept, _ := till.Pictures.Kept(); kept >= n {
			break
		}
	}
	stop()
	work.Wait()
	for i := range n {
		ref, _ := till.pictureAt(i)
		if thumb, known := till.Pictures.Cached(ref); !known || thumb == nil {
			t.Fatalf("%s is not there", ref)
		}
	}
	kept, _ := till.Pictures.Kept()
	if more := int(asked.Load()) - kept; more < 0 || more > 1 { // one may have been on its way
		t.Errorf("%d pictures were asked for %d times", kept, asked.Load())
	}
	files, _ := filepath.Glob(filepath.Join(till.file(picturesFolder), "*.thumb"))
	if len(files) != kept {
		t.Errorf("%d files of %d", len(files), kept)
	}
	if c := till.checkPictures(); c.State != Green {
		t.Error(c)
	}
}

// A wrong picture host is said, and costs neither prices nor the other hosts.
func TestPictureHosts(t *testing.T) {
	till, _ := gallery(t, map[string]string{"pictures.hosts": "https://img.example.com, http://plain.example.com,, nonsense"})
	var said []string
	for _, w := range till.Warnings {
		if fault.CodeOf(w) == "pictures.host" {
			said = append(said, w.Error())
		}
	}
	if len(said) != 2 || !strings.Contains(said[0], "plain.example.com") || !strings.Contains(said[1], "nonsense") {
		t.Errorf("%q", said)
	}
	for ref, ok := range map[string]bool{
		"/pictures/10001.png": true, "https://img.example.com/1.png": true,
		"http://img.example.com/1.png": false, "https://plain.example.com/1.png": false, "https://cdn.example.com/1.png": false,
	} {
		if err := till.hq.PictureAllowed(ref); (err == nil) != ok {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestPicturesWaitForPayments(t *testing.T) {
	var p payments
	sale := checkout.Sale{ID: "1", State: checkout.Tendering}
	if p.any() {
		t.Error("busy before the first sale")
	}
	p.note(sale)
	if !p.any() {
		t.Error("a payment is on its way")
	}
	sale.State = checkout.Complete
	p.note(sale)
	if p.any() {
		t.Error("it is over")
	}
	sale.State = checkout.Tendering
	p.note(sale)
	p.sales["1"] = time.Now().Add(-patience)
	if p.any() {
		t.Error("one that nobody ends holds up the pictures for ever")
	}
}

func TestFreeBytes(t *testing.T) {
	if free, err := freeBytes(t.TempDir()); err != nil || free <= 0 {
		t.Error(free, err)
	}
	if _, err := freeBytes(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there has room")
	}
}
