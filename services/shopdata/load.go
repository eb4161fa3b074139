package shopdata

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// File is the name of the description inside a shop's folder.
const File = "shop.json"

// Load reads and checks a shop. Errors name the file and, where there is one,
// the entry at fault; pictures that are named but missing are errors too.
func Load(fsys fs.FS) (*Shop, error) {
	f, err := fsys.Open(File)
	if err != nil {
		return nil, fmt.Errorf("a shop is a folder with %s and pictures/: %w", File, err)
	}
	defer f.Close() //nolint:errcheck // only read from
	s, err := Decode(f)
	if err != nil {
		return nil, err
	}
	if err := checkPictures(fsys, s); err != nil {
		return nil, err
	}
	return s, nil
}

// Decode reads and checks the description alone. Fields it does not know are
// refused, because a misspelt "membrPrice" would silently sell at full price.
func Decode(r io.Reader) (*Shop, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var s Shop
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: something follows the shop", File)
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return &s, nil
}

func checkPictures(fsys fs.FS, s *Shop) error {
	p := problems{}
	seen := make(map[string]bool)
	for i := range s.Products {
		for _, img := range s.Products[i].Images {
			if seen[img] {
				continue
			}
			seen[img] = true
			if info, err := fs.Stat(fsys, img); err != nil || !info.Mode().IsRegular() {
				p.add("products[%d]: picture %q is not in the folder", i, img)
			}
		}
	}
	return p.err()
}
