package pictures

import (
	"fmt"
	"image"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// How fast pictures are made small, by the size they come in.
func BenchmarkThumbnail(b *testing.B) {
	for _, side := range []int{192, 800, 2000} {
		for kind, raw := range map[string][]byte{
			"jpeg": asJPEG(b, photo(side, side, 1)), "png": asPNG(b, photo(side, side, 1)),
		} {
			b.Run(fmt.Sprintf("%s/%d", kind, side), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Thumbnail(raw); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "thumbs/s")
			})
		}
	}
}

// many fills a folder with n thumbnails and reports what one takes.
func many(tb testing.TB, s *Service, n int) {
	tb.Helper()
	for i := range n {
		packed, err := pack(photo(Side, Side, uint64(i%50)))
		if err != nil {
			tb.Fatal(err)
		}
		s.folder.put(record{key: s.key(strconv.Itoa(i)), fetched: time.Now(), thumb: packed})
	}
}

// What the disk gives while a shelf of 10,000 pictures is scrolled through, and
// what the index of the folder takes: heap-MB, after collection, with the last
// 160 thumbnails held as the screen does.
func BenchmarkScroll(b *testing.B) {
	n := 10_000
	if v, err := strconv.Atoi(os.Getenv("PICTURES")); err == nil {
		n = v
	}
	dir := b.TempDir()
	fill, err := New(Params{Dir: dir, Limit: 1 << 30, Source: newShelf(nil), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	many(b, fill, n)
	_, onDisk := fill.Kept()
	before := heap()
	s, err := New(Params{Dir: dir, Limit: 1 << 30, Source: newShelf(nil), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	s.Kept() // walks the folder
	walk := time.Since(began)
	kept := make([]image.Image, 160)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		thumb, known := s.Cached(strconv.Itoa(i % n))
		if !known || thumb == nil {
			b.Fatal("not on disk")
		}
		kept[i%len(kept)] = thumb
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "thumbs/s")
	b.ReportMetric(float64(heap()-min(before, heap()))/(1<<20), "heap-MB")
	b.ReportMetric(float64(walk.Microseconds())/1000, "walk-ms")
	b.ReportMetric(float64(onDisk)/(1<<20), "disk-MB")
	runtime.KeepAlive(kept)
	runtime.KeepAlive(s)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
