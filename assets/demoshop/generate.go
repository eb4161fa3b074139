package demoshop

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Bounds of a generated shop: ten times the largest that is measured.
const (
	MaxProducts = 10_000_000
	MaxPictures = 100_000
)

// What a person can put right about a call of Generate.
var (
	ErrCount    = errors.New("a demo shop has between 1 and 10,000,000 products")
	ErrPictures = errors.New("a demo shop draws between 0 and 100,000 pictures")
	ErrNotEmpty = errors.New("the folder for the demo shop is not empty")
)

// Generate writes a shop of the given number of products into dir: shop.json
// and its pictures. With pictures 0 these are at most 300, shared by kind of
// goods; otherwise so many small ones are drawn, no two alike. Staff, cards,
// members and wallets are those of the embedded shop. The same numbers and seed
// give the same bytes on every machine.
//
// dir appears complete or not at all. It must not exist or must be an empty
// folder, otherwise the error is ErrNotEmpty; a number outside 1…MaxProducts is
// ErrCount, one outside 0…MaxPictures ErrPictures. Every other error comes from
// the disk and names the path.
func Generate(dir string, products, pictures int, seed uint64) error {
	if products < 1 || products > MaxProducts {
		return fmt.Errorf("%d: %w", products, ErrCount)
	}
	if pictures < 0 || pictures > MaxPictures {
		return fmt.Errorf("%d: %w", pictures, ErrPictures)
	}
	if err := vacant(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	// In the same folder, because a rename does not cross file systems.
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".demoshop-*")
	if err != nil {
		return err
	}
	if err := fill(tmp, products, pictures, seed); err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	if err := moveInto(tmp, dir); err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	return nil
}

// vacant refuses a folder that holds anything, and anything that is no folder.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return nil
}

// moveInto puts the finished folder in place. An empty folder is removed
// first, since Windows does not rename onto one; os.Remove keeps a folder that
// has been filled meanwhile.
func moveInto(tmp, dir string) error {
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(tmp, dir)
}

func fill(dir string, products, pictures int, seed uint64) error {
	g, err := newGoods(seed, pictures)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "pictures"), 0o755); err != nil {
		return err
	}
	if g.shots > 0 {
		err = g.draw(dir, min(products, g.shots))
	} else {
		err = copyPictures(dir, g.pictures(products))
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, "shop.json"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = writeShop(w, g, products)
	return errors.Join(err, w.Flush(), f.Close())
}

func copyPictures(dir string, names []string) error {
	for _, name := range names {
		b, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeShop streams the document: a million products never stand in memory.
func writeShop(w io.Writer, g *goods, products int) error {
	lead := "{\n"
	for _, f := range []struct {
		name  string
		value any
	}{
		{"shopId", g.base.ShopID},
		{"shopName", g.base.ShopName},
		{"tenant", g.base.Tenant},
		{"branches", g.branches(products)},
		{"staff", g.base.Staff},
		{"classes", g.classes},
		{"timesCards", g.base.TimesCards},
		{"members", g.base.Members},
		{"wallets", g.base.Wallets},
	} {
		b, err := json.Marshal(f.value)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, lead+`"`+f.name+`": `+string(b)); err != nil {
			return err
		}
		lead = ",\n"
	}
	if err := writeProducts(w, g, products); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n}\n")
	return err
}

func writeProducts(w io.Writer, g *goods, products int) error {
	lead := ",\n\"products\": [\n"
	for i := range products {
		b, err := json.Marshal(g.product(i))
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, lead); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		lead = ",\n"
	}
	_, err := io.WriteString(w, "\n]")
	return err
}
