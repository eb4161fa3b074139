package app

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/pictures"
	"cashier/services/wire"
)

const picturesFolder = "pictures"

// pictureHosts are the origins beside HQ's own that pictures may come from. One
// that cannot be used is said and left out: prices do not wait for it.
func (t *Till) pictureHosts() []string {
	var hosts []string
	for raw := range strings.SplitSeq(t.Settings.Get("pictures.hosts"), ",") {
		raw = strings.TrimSpace(raw)
		if raw == "" {
			continue
		}
		if _, err := wire.ParseAddress(wire.Service{Code: "hq", Name: raw}, raw, t.Settings.Bool("hq.allow_insecure")); err != nil {
			t.warn(fault.Wrap(err, fault.Invalid, "pictures.host", "No pictures are fetched from “{host}”. Correct pictures.hosts: addresses such as https://img.example.com, separated by commas.", "host", raw))
			continue
		}
		hosts = append(hosts, raw)
	}
	return hosts
}

// openPictures touches no disk: the folder is made with the first thumbnail.
func (t *Till) openPictures() (*pictures.Service, error) {
	s := t.Settings
	return pictures.New(pictures.Params{
		Dir: t.file(picturesFolder), Limit: s.Int("pictures.cache_mb") << 20, Of: s.Get("hq.url"), Source: hqPictures{t.hq, t.hqErr},
		Now: time.Now, Free: func() (int64, error) { return freeBytes(t.Dir) },
		PerMinute: int(s.Int("pictures.per_minute")), Busy: t.paying.any,
	})
}

// RunPictures fetches the catalogue's pictures in the background until ctx
// ends, in the order in which the shelf shows the products.
func (t *Till) RunPictures(ctx context.Context) {
	t.Catalog.OnChange(t.Pictures.Wake)
	t.Pictures.Run(ctx, t.pictureAt)
}

func (t *Till) pictureAt(i int) (ref string, ok bool) {
	all := t.Catalog.Index().All()
	if i >= len(all) {
		return "", false
	}
	if images := all[i].Images; len(images) > 0 {
		ref = images[0]
	}
	return ref, true
}

// hqPictures asks HQ, or whom HQ names.
type hqPictures struct {
	c   *hq.Client
	err error // why there is no client
}

func (h hqPictures) Picture(ctx context.Context, ref string, have pictures.Validator) (pictures.Picture, error) {
	if h.c == nil {
		return pictures.Picture{}, h.err
	}
	p, err := h.c.Picture(ctx, ref, have.ETag, have.Modified)
	return pictures.Picture{Body: p.Body, Valid: pictures.Validator{ETag: p.ETag, Modified: p.Modified}, Unchanged: p.Unchanged}, err
}

// payments are the sales whose payment is on its way in this process.
type payments struct {
	mu    sync.Mutex
	sales map[string]time.Time
}

// patience is how long a payment keeps other things from the network.
const patience = 2 * time.Minute

func (o *payments) note(s checkout.Sale) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.State != checkout.Tendering && s.State != checkout.Compensating {
		delete(o.sales, s.ID)
		return
	}
	if o.sales == nil {
		o.sales = map[string]time.Time{}
	}
	o.sales[s.ID] = time.Now()
}

func (o *payments) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, at := range o.sales {
		if time.Since(at) < patience {
			return true
		}
		delete(o.sales, id)
	}
	return false
}

func (t *Till) updated(u checkout.Update) {
	t.paying.note(u.Sale)
	t.Devices.sold(u.Sale)
	if t.p.OnUpdate != nil {
		t.p.OnUpdate(u)
	}
}

// checkPictures names hosts that HQ's pictures lie at and that may not be asked:
// a shop would only see that its products have none.
func (t *Till) checkPictures() Check {
	const name = "pictures"
	if t.Catalog == nil || t.hq == nil {
		return Check{Name: name, State: Green, Reason: "There is no HQ to fetch pictures from."}
	}
	var named, refused int
	var hosts []string
	for i := 0; ; i++ {
		ref, ok := t.pictureAt(i)
		if !ok {
			break
		}
		if ref == "" {
			continue
		}
		named++
		if t.hq.PictureAllowed(ref) == nil {
			continue
		}
		refused++
		if u, err := url.Parse(ref); err == nil && u.Host != "" && len(hosts) < 5 && !slices.Contains(hosts, u.Scheme+"://"+u.Host) {
			hosts = append(hosts, u.Scheme+"://"+u.Host)
		}
	}
	if refused > 0 {
		return said(name, Amber, "doctor.picture_hosts", "{refused} of {named} pictures lie where they may not be fetched from ({hosts}): add it to pictures.hosts if it is yours.", "refused", strconv.Itoa(refused), "named", strconv.Itoa(named), "hosts", strings.Join(hosts, ", "))
	}
	return Check{Name: name, State: Green, Reason: fmt.Sprintf("%d products have one", named)}
}
