//go:build unix && !race

package localdb

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// disk is what a tape has brought a disk to: what would certainly survive a
// power cut now, and what may.
type disk struct {
	names   map[string]*inode // durable
	pending []rename          // changes of names that are not, in their order
	now     map[string]*inode // as the running program sees it
	steps   int               // transitions reported as done
	sold    []acked
}

// rename gives a name to a file, or takes it away for nil.
type rename struct {
	path string
	to   *inode
}

// inode is a file: its durable content, and what was done to it since.
type inode struct {
	durable []byte
	pending []op
}

func newDisk() *disk { return &disk{names: map[string]*inode{}, now: map[string]*inode{}} }

// take applies one step of the tape.
func (d *disk) take(o op) {
	switch o.kind {
	case opCreate:
		f := &inode{}
		d.now[o.path] = f
		d.pending = append(d.pending, rename{o.path, f})
	case opRemove:
		delete(d.now, o.path)
		d.pending = append(d.pending, rename{o.path, nil})
		if o.folder {
			d.syncFolder(filepath.Dir(o.path))
		}
	case opWrite, opCut:
		f := d.now[o.path]
		f.pending = append(f.pending, o)
	case opSync:
		f := d.now[o.path]
		for _, p := range f.pending {
			f.durable = p.onto(f.durable)
		}
		f.pending = nil
		if o.folder {
			d.syncFolder(filepath.Dir(o.path))
		}
	case opSyncDir:
		d.syncFolder(o.path)
	case opStep:
		d.steps++
	case opSold:
		d.sold = append(d.sold, o.sale)
	}
}

func (d *disk) syncFolder(dir string) {
	var rest []rename
	for _, r := range d.pending {
		if filepath.Dir(r.path) != dir {
			rest = append(rest, r)
			continue
		}
		r.onto(d.names)
	}
	d.pending = rest
}

func (r rename) onto(names map[string]*inode) {
	if r.to == nil {
		delete(names, r.path)
		return
	}
	names[r.path] = r.to
}

// onto is the content after a write or a cut, whole.
func (o op) onto(b []byte) []byte {
	if o.kind == opCut {
		return resized(bytes.Clone(b), o.off)
	}
	b = resized(b, max(int64(len(b)), o.off+int64(len(o.data))))
	copy(b[o.off:], o.data)
	return b
}

func resized(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

// image is one state a power cut at this moment can leave: every durable byte,
// and of what came later whatever the disk happened to get done. Names change
// in their order, as every journaling file system has it; data does not.
func (d *disk) image(random *rand.Rand) map[string][]byte {
	names := map[string]*inode{}
	for path, f := range d.names {
		names[path] = f
	}
	for _, r := range d.pending[:random.IntN(len(d.pending)+1)] {
		r.onto(names)
	}
	files := map[string][]byte{}
	for path, f := range names {
		files[path] = f.left(random)
	}
	return files
}

// left is what a power cut may leave of a file.
func (f *inode) left(random *rand.Rand) []byte {
	b := bytes.Clone(f.durable)
	some := func() bool { return true }
	end := len(f.pending)
	switch random.IntN(5) {
	case 0:
		return b // nothing was done yet
	case 1: // all of it was
	case 2: // half of it was
		some = func() bool { return random.IntN(2) == 0 }
	case 3: // up to a moment, in order
		end = random.IntN(end + 1)
	case 4: // all but a little
		some = func() bool { return random.IntN(20) > 0 }
	}
	garbage := random.IntN(4) == 0
	for _, o := range f.pending[:end] {
		b = o.torn(b, random, some, garbage)
	}
	return b
}

// torn is onto, sector by sector. A file that has grown may hold anything where
// nothing has been written yet.
func (o op) torn(b []byte, random *rand.Rand, some func() bool, garbage bool) []byte {
	if o.kind == opCut {
		if some() {
			return o.onto(b)
		}
		return b
	}
	for at := o.off; at < o.off+int64(len(o.data)); {
		next := min(at-at%sector+sector, o.off+int64(len(o.data)))
		part := op{kind: opWrite, off: at, data: o.data[at-o.off : next-o.off]}
		switch {
		case some():
			b = part.onto(b)
		case garbage && at >= int64(len(b)):
			noise := make([]byte, len(part.data))
			for i := range noise {
				noise[i] = byte(random.Uint32())
			}
			part.data = noise
			b = part.onto(b)
		}
		at = next
	}
	return b
}
