package localdb

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cashier/services/fault"
)

const (
	journalPrefix = "journal-"
	journalSuffix = ".jsonl"
	// maxRecord bounds a line: a sale of as many lines as a cart can hold is
	// far below it.
	maxRecord = 16 << 20
)

// journalFile is the name of a month's file: journal-TILL-2026-03.jsonl.
func journalFile(till, month string) string {
	return journalPrefix + till + "-" + month + journalSuffix
}

// journalFiles lists a till's files in a folder, oldest first, and the other
// tills that have files there.
func journalFiles(dir, till string) (files, others []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), journalSuffix)
		if name, ok = cutPrefix(name, ok, journalPrefix); !ok || e.IsDir() {
			continue
		}
		switch whose, _, _ := strings.Cut(name, "-"); {
		case whose == till:
			files = append(files, filepath.Join(dir, e.Name()))
		case !slices.Contains(others, whose):
			others = append(others, whose)
		}
	}
	slices.Sort(files)
	return files, others, nil
}

func cutPrefix(s string, ok bool, prefix string) (string, bool) {
	rest, found := strings.CutPrefix(s, prefix)
	return rest, ok && found
}

// journalEnd is where a journal stands. Its zero value is one not yet begun.
type journalEnd struct {
	file string // of the last record, or of the fragment behind it
	size int64  // of that file up to the end of its last whole line
	torn bool   // a fragment of a line follows there
	rec  record
	hash string
}

func (e journalEnd) begun() bool { return e.rec.Seq > 0 }

// before reports whether a step comes after the last one in the journal.
func (e journalEnd) before(epoch, step int64) bool {
	return epoch > e.rec.Epoch || epoch == e.rec.Epoch && step > e.rec.Step
}

// endOfJournal reads the last record only. What a power cut tore is left out; a
// last line that is whole and wrong is a fault.
func endOfJournal(dir, till string) (journalEnd, error) {
	files, _, err := journalFiles(dir, till)
	if err != nil {
		return journalEnd{}, saidJournal(err, dir)
	}
	var end journalEnd
	for _, file := range slices.Backward(files) {
		line, size, torn, err := lastLine(file)
		if err != nil {
			return journalEnd{}, saidJournal(err, file)
		}
		if torn {
			if line, size, err = beforeTear(file, line, size); err != nil {
				return journalEnd{}, saidJournal(err, file)
			}
		}
		if end.file == "" {
			end = journalEnd{file: file, size: size, torn: torn}
		}
		if line == nil {
			continue
		}
		if end.rec, end.hash, err = readRecord(line); err != nil {
			return journalEnd{}, errDamagedJournal(err, file, "the last")
		}
		if end.rec.Till != till {
			return journalEnd{}, errOtherTill(dir, end.rec.Till, till)
		}
		return end, nil
	}
	return end, nil
}

// lastLine is the last whole line of a file without its line feed, nil where
// there is none; size is how much of the file whole lines take.
func lastLine(file string) (line []byte, size int64, torn bool, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, false, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, false, err
	}
	for chunk := int64(64 << 10); ; chunk *= 8 {
		from := max(0, info.Size()-chunk)
		tail := make([]byte, info.Size()-from)
		if _, err := f.ReadAt(tail, from); err != nil {
			return nil, 0, false, err
		}
		last := bytes.LastIndexByte(tail, '\n')
		if last < 0 && from == 0 {
			return nil, 0, len(tail) > 0, nil
		}
		if first := bytes.LastIndexByte(tail[:max(last, 0)], '\n'); last >= 0 && (first >= 0 || from == 0) {
			return tail[first+1 : last], from + int64(last) + 1, last+1 < len(tail), nil
		}
		if chunk > 4*maxRecord {
			return nil, 0, false, errLongLine
		}
	}
}

// beforeTear goes back from a fragment to the last line before the first bad one
// that can have been written together with it. line and size are those of
// lastLine.
func beforeTear(file string, line []byte, size int64) ([]byte, int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }()
	from := max(0, size-journalTear)
	tail := make([]byte, size-from)
	if _, err := f.ReadAt(tail, from); err != nil {
		return nil, 0, err
	}
	rest := tail
	if from > 0 { // begins in the middle of a line
		rest = tail[bytes.IndexByte(tail, '\n')+1:]
	}
	var before []byte
	for len(rest) > 0 {
		next := bytes.IndexByte(rest, '\n') + 1
		if _, _, err := readRecord(rest[:next-1]); err != nil {
			at := size - int64(len(rest))
			if before == nil && at > 0 {
				return line, size, nil // nothing in reach is sound: no tear does that
			}
			return before, at, nil
		}
		before, rest = rest[:next-1], rest[next:]
	}
	return line, size, nil
}

var errLongLine = errors.New("a line without an end")

// journalLine is a line as a walk finds it. bad is empty where it is whole,
// unchanged and continues the line before it.
type journalLine struct {
	file string
	no   int // of the line in its file, from 1
	rec  record
	hash string
	bad  []string
}

func (l journalLine) place() string { return filepath.Base(l.file) + ":" + strconv.Itoa(l.no) }

// walkJournal reads a till's journal from its beginning up to and including the
// record seq, or to its end for 0, and checks the chain. A fragment at the very
// end is no line.
func walkJournal(dir, till string, seq int64, visit func(journalLine) error) error {
	files, _, err := journalFiles(dir, till)
	if err != nil {
		return saidJournal(err, dir)
	}
	w := walker{till: till, hash: journalStart(till), until: seq, visit: visit}
	for i, file := range files {
		if err := w.file(file, i == len(files)-1); err != nil {
			return saidJournal(err, file)
		}
	}
	return nil
}

type walker struct {
	till  string
	hash  string // of the line before
	seq   int64  // of the line before
	until int64
	visit func(journalLine) error
}

func (w *walker) file(name string, last bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, 256<<10)
	for no := 1; w.until == 0 || w.seq < w.until; no++ {
		line, err := readLine(r)
		whole := err == nil
		switch {
		case errors.Is(err, io.EOF) && (len(line) == 0 || last):
			return nil
		case err != nil && !errors.Is(err, io.EOF):
			return err
		}
		if err := w.visit(w.check(journalLine{file: name, no: no}, line, whole)); err != nil {
			return err
		}
	}
	return nil
}

// check reads a line and goes on from what it says of itself, so that one bad
// line is one finding.
func (w *walker) check(l journalLine, line []byte, whole bool) journalLine {
	var err error
	if l.rec, l.hash, err = readRecord(line); err != nil {
		l.bad = append(l.bad, err.Error())
	}
	if !whole {
		l.bad = append(l.bad, "it is cut off, and is not the last one")
	}
	if err == nil {
		if l.rec.Prev != w.hash {
			l.bad = append(l.bad, "it does not continue the line before it")
		}
		if l.rec.Seq != w.seq+1 {
			l.bad = append(l.bad, "it is record "+strconv.FormatInt(l.rec.Seq, 10)+" and follows record "+strconv.FormatInt(w.seq, 10))
		}
		if l.rec.Till != w.till {
			l.bad = append(l.bad, "it belongs to till "+l.rec.Till)
		}
		w.seq = l.rec.Seq
	} else {
		w.seq++
	}
	w.hash = l.hash
	return l
}

// readLine is a line without its line feed; io.EOF comes with a fragment.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) > maxRecord:
			return nil, errLongLine
		}
	}
}

const (
	codeJournalDamaged = "journal.damaged"
	codeJournalMissing = "journal.missing"
	codeJournalOther   = "journal.other_till"
	codeJournalAhead   = "journal.ahead"
)

// saidJournal turns what the system says about the second journal into a fault.
// None of these stops a sale.
func saidJournal(err error, path string) error {
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, errLongLine):
		return errDamagedJournal(err, path, "a")
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.Internal, codeJournalMissing, "The second journal is not there: {path}. Selling goes on; put the disk or stick back, or set journal.dir to another folder. What is missing is added by itself.", "path", path)
	}
	return fault.Wrap(err, fault.Internal, "journal.unwritable", "The second journal {path} cannot be used: {why}. Selling goes on; free space there, or check who may write. What is missing is added by itself.", "path", path, "why", err.Error())
}

func errDamagedJournal(err error, path, line string) error {
	return fault.Wrap(err, fault.Internal, codeJournalDamaged, "The second journal is damaged or was changed: {line} line of {path}: {why}. Selling goes on. Move the files of the folder to a safe place and keep them; the till then writes a new one. `cashierctl verify` lists everything.",
		"path", path, "line", line, "why", err.Error())
}

func errOtherTill(dir, theirs, ours string) error {
	return fault.New(fault.Refused, codeJournalOther, "The journal in {dir} belongs to till {theirs}, not to {ours}. Nothing was changed. Name this till's own journal.", "dir", dir, "theirs", theirs, "ours", ours)
}
