package pictures

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func keyOf(i int) key { return sha256.Sum256(fmt.Append(nil, i)) }

func sample(i, size int) record {
	b := make([]byte, size)
	r := rand.New(rand.NewPCG(uint64(i), uint64(size)))
	for j := range b {
		b[j] = byte(r.Uint32())
	}
	return record{key: keyOf(i), fetched: time.Unix(1_700_000_000, 0), valid: Validator{ETag: `"x"`, Modified: "Mon"}, thumb: b}
}

func equal(a, b record) bool {
	return a.key == b.key && a.fetched.Equal(b.fetched) && a.tries == b.tries && a.valid == b.valid && bytes.Equal(a.thumb, b.thumb)
}

func TestRecordRoundTrip(t *testing.T) {
	for _, r := range []record{sample(1, 300), sample(2, 0), {key: keyOf(3), fetched: time.UnixMilli(0), tries: 7}} {
		got, err := decodeRecord(r.encode(), r.key)
		if err != nil || !equal(got, r) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	long := sample(4, 10)
	long.valid.ETag = string(make([]byte, mostValid+1))
	if got, err := decodeRecord(long.encode(), long.key); err != nil || got.valid.ETag != "" || !bytes.Equal(got.thumb, long.thumb) {
		t.Errorf("a long ETag: %v", err)
	}
}

func TestDamagedRecordIsSeen(t *testing.T) {
	r := sample(1, 60)
	raw := r.encode()
	for i := range raw {
		broken := bytes.Clone(raw)
		broken[i] ^= 1
		if _, err := decodeRecord(broken, r.key); err == nil {
			t.Errorf("a changed byte %d was not seen", i)
		}
		if _, err := decodeRecord(raw[:i], r.key); err == nil {
			t.Errorf("cut at %d was not seen", i)
		}
	}
	if _, err := decodeRecord(raw, keyOf(2)); err == nil {
		t.Error("another picture's file was taken")
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(sample(1, 20).encode())
	f.Add(record{key: keyOf(1)}.encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := decodeRecord(raw, keyOf(1)); err == nil && !bytes.Equal(r.encode(), raw) {
			t.Error("read, and not what was written")
		}
	})
}

// onDisk is what a folder's files take, counted anew.
func onDisk(t interface{ Fatal(...any) }, dir string) (total int64, files []string) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += int64(blocksOf(info.Size())) * block
		files = append(files, e.Name())
	}
	return total, files
}

// Whatever is put, asked for, restarted, damaged and deleted: the folder stays
// within its limit, counts what is there, and never gives a wrong picture.
func TestFolderKeepsItsLimitAndItsWord(t *testing.T) {
	base := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(base, fmt.Sprint(runs))
		c := newClock()
		limit := int64(rapid.IntRange(0, 24).Draw(t, "blocks")) * block
		f := newFolder(dir, limit, c.now, nil)
		put := map[key]record{}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				r := sample(rapid.IntRange(0, 30).Draw(t, "which"), rapid.IntRange(0, 4*block).Draw(t, "size"))
				f.put(r)
				put[r.key] = r
			},
			"get": func(t *rapid.T) {
				k := keyOf(rapid.IntRange(0, 30).Draw(t, "which"))
				if got, ok := f.get(k); ok && !equal(got, put[k]) {
					t.Fatalf("another picture came")
				}
			},
			"drop": func(t *rapid.T) {
				k := keyOf(rapid.IntRange(0, 30).Draw(t, "which"))
				f.drop(k)
				delete(put, k)
				if _, ok := f.get(k); ok {
					t.Fatalf("it is still there")
				}
			},
			"later": func(t *rapid.T) {
				c.forward(time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second)
			},
			"restart": func(t *rapid.T) {
				limit = max(0, limit+int64(rapid.IntRange(-4, 4).Draw(t, "blocks"))*block)
				f = newFolder(dir, limit, c.now, nil)
			},
			"damage": func(t *rapid.T) {
				_, files := onDisk(t, dir)
				if len(files) == 0 {
					return
				}
				path := filepath.Join(dir, rapid.SampledFrom(files).Draw(t, "file"))
				raw, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if len(raw) == 0 {
					return
				}
				switch rapid.IntRange(0, 3).Draw(t, "how") {
				case 0:
					raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= 0x40
				case 1:
					raw = raw[:rapid.IntRange(0, len(raw)).Draw(t, "cut")]
				case 2:
					other, err := os.ReadFile(filepath.Join(dir, rapid.SampledFrom(files).Draw(t, "other")))
					if err != nil || len(other) > len(raw) {
						return // larger than it was, and not written by us: not counted before the next start
					}
					raw = other
				case 3:
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
					return
				}
				if err := os.WriteFile(path, raw, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			"killed while writing": func(t *rapid.T) {
				if os.MkdirAll(dir, 0o700) != nil || os.WriteFile(filepath.Join(dir, "00"+extension+unnamed), []byte("x"), 0o600) != nil {
					t.Fatal("not written")
				}
				f = newFolder(dir, limit, c.now, nil)
			},
			"": func(t *rapid.T) {
				files, counted := f.size()
				total, names := onDisk(t, dir)
				if counted > limit || total > limit {
					t.Fatalf("%d counted, %d on disk, limit %d", counted, total, limit)
				}
				if files < len(names) {
					t.Fatalf("%d files counted, %d there", files, len(names))
				}
			},
		})
	})
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	f := newFolder(dir, 10*block, c.now, nil)
	for i := range 10 {
		f.put(sample(i, 100))
		c.forward(2 * time.Hour)
	}
	if _, ok := f.get(keyOf(0)); !ok {
		t.Fatal("it was not kept")
	}
	c.forward(time.Hour)
	f = newFolder(dir, 10*block, c.now, nil) // the order survives a restart
	f.put(sample(10, 100))
	var gone []int
	for i := range 11 {
		if _, ok := f.have[name(keyOfBytes(i))]; !ok {
			gone = append(gone, i)
		}
	}
	if !slices.Equal(gone, []int{1, 2}) { // two, to make more room than is needed
		t.Errorf("%v had to go", gone)
	}
}

func keyOfBytes(i int) []byte { k := keyOf(i); return k[:] }

func TestNothingIsWrittenOnANearlyFullDisk(t *testing.T) {
	c, free := newClock(), int64(reserve-1)
	dir := filepath.Join(t.TempDir(), "pictures")
	f := newFolder(dir, 1<<20, c.now, func() (int64, error) { return free, nil })
	f.put(sample(1, 10))
	free = reserve
	f.put(sample(1, 10)) // it has just failed: not tried again at once
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	c.forward(pauseAfter)
	f.put(sample(1, 10))
	if _, ok := f.get(keyOf(1)); !ok {
		t.Error("it is not kept though there is room again")
	}
}

// A disk that takes nothing costs pictures, no more.
func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pictures")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFolder(file, 1<<20, newClock().now, nil)
	f.put(sample(1, 10))
	if n, total := f.size(); n != 0 || total != 0 {
		t.Errorf("%d files of %d bytes", n, total)
	}
}
