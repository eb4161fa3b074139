package localdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"cashier/services/catalog"
)

// The snapshot is the list of products once more, in a file beside catalog.db
// that is read many times faster than rows: 100,000 products stand between a
// start and the first sale. It is worth nothing by itself. It bears the revision
// of the list it was made from, which every transaction that changes a product
// draws anew at random, and a hash: one of another revision, of another program
// or with a single other byte is passed over, and the rows are read.
const (
	revisionSQL    = `SELECT revision FROM sync_state`
	newRevisionSQL = `UPDATE sync_state SET revision = lower(hex(randomblob(16)))`
	// In the order in which the index wants them.
	snapshotSQL = `SELECT product_id, row_id, shop_id, code, name, class, unit, price, member_price, pricing, sort, images
		FROM products WHERE removed_ms IS NULL ORDER BY sort, code, product_id`
)

// worthSnapshot is how many products take longer to read than a person notices.
const worthSnapshot = 5000

// snapshotPatience is how long closing waits for one that is being written.
const snapshotPatience = 10 * time.Second

// snapshotMagic changes with the format.
const snapshotMagic = "cashier products 1\n"

func (c *Catalog) snapshotPath() string {
	return strings.TrimSuffix(c.p.Path, filepath.Ext(c.p.Path)) + ".snapshot"
}

// fromSnapshot is the list of a revision, if the snapshot has it.
func (c *Catalog) fromSnapshot(revision string) ([]catalog.Product, bool) {
	raw, err := os.ReadFile(c.snapshotPath())
	if err != nil {
		return nil, false
	}
	products, err := openSnapshot(raw, revision)
	return products, err == nil
}

var errSnapshot = errors.New("this is no snapshot of that revision")

// openSnapshot checks a snapshot before it believes any of it.
func openSnapshot(raw []byte, revision string) ([]catalog.Product, error) {
	const head = len(snapshotMagic) + sha256.Size
	if len(raw) < head || revision == "" || string(raw[:len(snapshotMagic)]) != snapshotMagic {
		return nil, errSnapshot
	}
	if sum := sha256.Sum256(raw[head:]); string(sum[:]) != string(raw[len(snapshotMagic):head]) {
		return nil, errSnapshot
	}
	body := raw[head:]
	if len(body) < len(revision) || string(body[:len(revision)]) != revision {
		return nil, errSnapshot
	}
	return decodeProducts(body[len(revision):])
}

// closeSnapshot is the file for a list.
func closeSnapshot(revision string, list []byte) []byte {
	body := append([]byte(revision), list...)
	sum := sha256.Sum256(body)
	return append(append([]byte(snapshotMagic), sum[:]...), body...)
}

// snapshotKeeper writes the snapshot whenever it is outdated, beside whatever
// else goes on. Without one the next start takes longer, and that is all: what
// keeps it from being written is nobody's concern.
type snapshotKeeper struct {
	c        *Catalog
	outdated chan struct{}
	quit     chan struct{}
	done     chan struct{}
	once     sync.Once
	cancel   context.CancelFunc
}

func newSnapshotKeeper(c *Catalog) *snapshotKeeper {
	ctx, cancel := context.WithCancel(context.Background())
	k := &snapshotKeeper{c: c, outdated: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}), cancel: cancel}
	go k.run(ctx)
	return k
}

// wake has the snapshot written anew, soon.
func (k *snapshotKeeper) wake() {
	if k == nil {
		return
	}
	select {
	case k.outdated <- struct{}{}:
	default: // it is to be written anyway
	}
}

// end writes what is to be written yet: a sync by command closes at once.
func (k *snapshotKeeper) end() {
	if k == nil {
		return
	}
	k.once.Do(func() { close(k.quit) })
	late := time.AfterFunc(snapshotPatience, k.cancel)
	<-k.done
	late.Stop()
	k.cancel()
}

func (k *snapshotKeeper) run(ctx context.Context) {
	defer close(k.done)
	for {
		select {
		case <-k.outdated:
			k.write(ctx)
		case <-k.quit:
			select {
			case <-k.outdated:
				k.write(ctx)
			default:
			}
			return
		}
	}
}

func (k *snapshotKeeper) write(ctx context.Context) {
	k.c.mu.RLock()
	raw, err := k.c.takeSnapshot(ctx)
	k.c.mu.RUnlock()
	if err == nil && raw != nil {
		_ = writeBeside(k.c.snapshotPath(), raw)
	}
}

// takeSnapshot reads revision and rows in one transaction, so that they belong
// together. Of a short list there is none.
func (c *Catalog) takeSnapshot(ctx context.Context) ([]byte, error) {
	tx, err := c.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var revision string
	var n int
	if err := tx.QueryRowContext(ctx, revisionSQL).Scan(&revision); err != nil || revision == "" {
		return nil, ignoreNoRows(err)
	}
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM products WHERE removed_ms IS NULL`).Scan(&n); err != nil || n < c.p.snapshotFrom {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, snapshotSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := newProductEncoder(n)
	for rows.Next() {
		p, err := scanProduct(rows)
		if err != nil {
			return nil, err
		}
		list.add(&p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return closeSnapshot(revision, list.bytes()), nil
}

func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// scanProduct reads one row of productsSQL or snapshotSQL.
func scanProduct(rows *sql.Rows) (p catalog.Product, err error) {
	var images string
	err = rows.Scan(&p.ProductID, &p.ID, &p.ShopID, &p.Code, &p.Name, &p.Class, &p.Unit, &p.Price, &p.MemberPrice, &p.Pricing, &p.Sort, &images)
	if err == nil && images != "[]" {
		err = json.Unmarshal([]byte(images), &p.Images)
	}
	if err != nil {
		return p, errors.Join(errBadRow, err)
	}
	return p, nil
}

// writeBeside puts a file in place whole. It is not synced: what a power cut
// leaves of it is recognised as no snapshot.
func writeBeside(path string, raw []byte) error {
	next := path + ".new"
	err := os.WriteFile(next, raw, 0o600)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		_ = os.Remove(next) // it may not be there
	}
	return err
}
