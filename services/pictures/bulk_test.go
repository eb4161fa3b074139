//go:build !race

package pictures

import (
	"bytes"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bombs take as much as a picture may.
func bombs(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"16 bit":            rawPNG(2000, 2000, 16, 6, 0),
		"interlaced":        rawPNG(2000, 2000, 8, 6, 1),
		"16 bit interlaced": rawPNG(1700, 1700, 16, 6, 1),
		"progressive":       jpegOf(2000, 2000, []byte{0x22, 0x11, 0x11}, true, 1),
		"progressive 4:4:4": jpegOf(1580, 1580, []byte{0x11, 0x11, 0x11}, true, 1),
		"CMYK":              jpegOf(1990, 1990, []byte{0x11, 0x11, 0x11, 0x11}, false, 1),
		"square of zeros":   zeros(),
		"wide":              rawPNG(16_000, 250, 16, 6, 0),
		"tall":              rawPNG(250, 16_000, 16, 6, 0),
		"frames":            asGIF(t, 50, 1000, 1000),
		"tables":            webpOf(chunkOf("VP8L", lossless(64, 64, 2<<20))),
	}
}

// A picture adds less than 64 MB, also when several come at once. Each bomb is
// given to three goroutines, while a fourth reads how large the heap is.
func TestBulkBombsAddLittle(t *testing.T) {
	const most = 64 << 20
	all := bombs(t)
	debug.FreeOSMemory()
	base := inUse()
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watch, work sync.WaitGroup
	watch.Go(func() {
		for {
			peak.Store(max(peak.Load(), inUse()))
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond / 2):
			}
		}
	})
	for name, raw := range all {
		was := peak.Load()
		for range 3 {
			work.Go(func() {
				// Those that are within bounds must really be decoded.
				_, err := thumbnail(bytes.Clone(raw), time.Minute)
				if refused := name == "square of zeros" || name == "tables" || name == "CMYK"; (err != nil) != refused {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		work.Wait()
		if now := peak.Load(); now > was {
			t.Logf("%s: %.1f MB", name, float64(now-min(now, base))/(1<<20))
		}
	}
	close(stop)
	watch.Wait()
	added := peak.Load() - min(peak.Load(), base)
	if added > most || added < 24<<20 {
		t.Errorf("the pictures added %.1f MB: more than they may, or it was not measured", float64(added)/(1<<20))
	}
}

// inUse is the heap, garbage included, without what is free in it.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() + s[1].Value.Uint64()
}
