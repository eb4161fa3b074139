package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The files that ship are what this program draws: neither is edited alone.
func TestIconsAreUpToDate(t *testing.T) {
	dir := t.TempDir()
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{dir, ".."} {
		files, err := filepath.Glob(filepath.Join(from, "*.svg"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			want, err := os.ReadFile(filepath.Join(dir, filepath.Base(f)))
			if err != nil {
				t.Errorf("%s is no longer drawn", f)
				continue
			}
			if got, _ := os.ReadFile(filepath.Join("..", filepath.Base(f))); !bytes.Equal(got, want) {
				t.Errorf("%s is not what is drawn now", filepath.Base(f))
			}
		}
	}
	if d := difference(t, filepath.Join(dir, "app.png"), "../app.png"); d > 2 {
		t.Errorf("app.png differs by up to %d of 255", d)
	}
}

// difference is the largest one of a channel. The bytes of a PNG follow the
// compressor's version, and anti-aliasing the processor's rounding.
func difference(t *testing.T, a, b string) int {
	t.Helper()
	x, y := decode(t, a), decode(t, b)
	if x.Bounds() != y.Bounds() {
		t.Fatalf("%v and %v", x.Bounds(), y.Bounds())
	}
	most := 0
	for i, p := range x.Pix {
		most = max(most, int(p)-int(y.Pix[i]), int(y.Pix[i])-int(p))
	}
	return most
}

func decode(t *testing.T, path string) *image.NRGBA {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(path, err)
	}
	return img.(*image.NRGBA)
}
