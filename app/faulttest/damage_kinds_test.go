//go:build unix && !race

package faulttest

import (
	"bytes"
	"math/rand/v2"
)

// sqlitePage is the size of a page of both databases.
const sqlitePage = 4096

// damage is one way in which a disk returns another file than was written.
type damage struct {
	name string
	on   string // the suffix of the file: "" or "-wal"
	do   func(b, old []byte, r *rand.Rand) []byte
}

// damages are all the ways. old is an earlier version of the file, as a disk
// returns it that has dropped a write.
var damages = []damage{
	{"a few bits", "", bits(8)},
	{"one bit", "", bits(1)},
	{"bits of the first page", "", func(b, old []byte, r *rand.Rand) []byte { bits(3)(b[:sqlitePage], old, r); return b }},
	{"versions in the header", "", func(b, _ []byte, r *rand.Rand) []byte { b[18+r.IntN(2)] = byte(3 + r.IntN(250)); return b }},
	{"letters of the schema", "", letters},
	{"a hundred bytes", "", noise(100)},
	{"a sector of zeros", "", zeros(512)},
	{"a page of zeros", "", zeros(sqlitePage)},
	{"many pages of zeros", "", zeros(16 * sqlitePage)},
	{"a page of noise", "", noise(sqlitePage)},
	{"two pages changed places", "", swapped},
	{"a page twice", "", doubled},
	{"an old page", "", stale},
	{"a cut tail", "", cut},
	{"a tail cut at a page", "", cutAtPage},
	{"more than there was", "", func(b, _ []byte, r *rand.Rand) []byte { return append(b, fill(r, 1+r.IntN(3*sqlitePage))...) }},
	{"another file", "", func(b, _ []byte, r *rand.Rand) []byte { return fill(r, len(b)) }},
	{"nothing left", "", func([]byte, []byte, *rand.Rand) []byte { return nil }},
	{"no header", "", func(b, _ []byte, r *rand.Rand) []byte { clear(b[:100]); return b }},
	{"bits of the log", "-wal", bits(4)},
	{"a sector of the log", "-wal", zeros(512)},
	{"the end of the log", "-wal", cut},
	{"the log's frames changed places", "-wal", swapped},
	{"a log of noise", "-wal", func(b, _ []byte, r *rand.Rand) []byte { return fill(r, len(b)) }},
	{"no log", "-wal", func([]byte, []byte, *rand.Rand) []byte { return nil }},
}

// letters changes the name of a table wherever the schema has it.
func letters(b, _ []byte, r *rand.Rand) []byte {
	names := []string{"goose_db_version", "meta", "audit_head", "sales", "receipts", "journal_steps", "watches", "epoch"}
	name := []byte(names[r.IntN(len(names))])
	other := bytes.Clone(name)
	other[r.IntN(len(other))] ^= 1
	return bytes.ReplaceAll(b, name, other)
}

func fill(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func bits(n int) func([]byte, []byte, *rand.Rand) []byte {
	return func(b, _ []byte, r *rand.Rand) []byte {
		for range n {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		return b
	}
}

func zeros(n int) func([]byte, []byte, *rand.Rand) []byte {
	return func(b, _ []byte, r *rand.Rand) []byte {
		at := r.IntN(len(b)) / n * n
		clear(b[at:min(len(b), at+n)])
		return b
	}
}

func noise(n int) func([]byte, []byte, *rand.Rand) []byte {
	return func(b, _ []byte, r *rand.Rand) []byte {
		at := r.IntN(len(b))
		copy(b[at:], fill(r, n))
		return b
	}
}

// pageAt is one page of a file that has whole pages.
func pageAt(b []byte, r *rand.Rand) []byte {
	at := r.IntN(len(b)/sqlitePage) * sqlitePage
	return b[at : at+sqlitePage]
}

func swapped(b, _ []byte, r *rand.Rand) []byte {
	x, y := pageAt(b, r), pageAt(b, r)
	keep := append([]byte(nil), x...)
	copy(x, y)
	copy(y, keep)
	return b
}

func doubled(b, _ []byte, r *rand.Rand) []byte {
	copy(pageAt(b, r), pageAt(b, r))
	return b
}

func stale(b, old []byte, r *rand.Rand) []byte {
	at := r.IntN(min(len(b), len(old))/sqlitePage) * sqlitePage
	copy(b[at:at+sqlitePage], old[at:at+sqlitePage])
	return b
}

func cut(b, _ []byte, r *rand.Rand) []byte { return b[:r.IntN(len(b))] }

func cutAtPage(b, _ []byte, r *rand.Rand) []byte {
	return b[:r.IntN(len(b)/sqlitePage)*sqlitePage]
}
