package app

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/localdb"
	"cashier/services/fault"
	"cashier/services/wire"
)

// mostLog bounds what a bundle takes of each log, from its end.
const mostLog = 2 << 20

// Diagnose writes into out a zip that may be given to support: versions, the
// doctor's report, what verify finds, settings, the names of the files, and the
// logs. No secret is in it: what has the name of one is hidden, as in the logs,
// numbers as long as payment codes keep four digits, and each secret of the
// vault is taken out wherever it stands. It works beside a running till.
func (t *Till) Diagnose(ctx context.Context, out io.Writer) error {
	b := bundle{zip: zip.NewWriter(out), at: t.now(), secrets: t.spelledOut()}
	b.add("versions.txt", []byte(t.versions()))
	b.json("doctor.json", t.Doctor(ctx))
	b.json("verify.json", t.verified(ctx))
	var lines strings.Builder
	if t.Settings != nil {
		for _, kv := range t.Settings.All() {
			fmt.Fprintf(&lines, "%s = %s\n", kv[0], kv[1])
		}
	}
	b.add("settings.txt", []byte(lines.String()))
	b.add("files.txt", []byte(listing(t.Dir)))
	for _, name := range []string{"till.log", "till.log.1"} {
		raw, err := tail(filepath.Join(t.Dir, "logs", name), mostLog)
		switch {
		case os.IsNotExist(err):
		case err != nil:
			b.add(name, []byte(err.Error()))
		default:
			b.add(name, raw)
		}
	}
	if err := b.close(); err != nil {
		return fault.Wrap(err, fault.Internal, "diagnose.not_written", "The diagnostics could not be written: {why}. Choose another place or free space.", "why", err.Error())
	}
	return nil
}

// DiagnoseTo is Diagnose into a file, which is replaced whole or not at all.
func (t *Till) DiagnoseTo(ctx context.Context, path string) error {
	var out bytes.Buffer
	if err := t.Diagnose(ctx, &out); err != nil {
		return err
	}
	if err := settings.WriteFile(path, out.Bytes()); err != nil {
		return fault.Wrap(err, fault.Internal, "diagnose.not_written", "The diagnostics could not be written: {why}. Choose another place or free space.", "why", err.Error())
	}
	return nil
}

// DiagnosisName is what a bundle of now is called.
func (t *Till) DiagnosisName() string {
	return "cashier-diagnose-" + t.now().In(t.Zone).Format("20060102-150405") + ".zip"
}

type bundle struct {
	zip     *zip.Writer
	at      time.Time
	secrets []string
	err     error
}

// add puts one file in, line by line through the one point of redaction.
func (b *bundle) add(name string, raw []byte) {
	if b.err != nil {
		return
	}
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.at})
	if err == nil {
		_, err = io.WriteString(w, b.clean(string(raw)))
	}
	b.err = err
}

func (b *bundle) clean(s string) string {
	for _, secret := range b.secrets {
		s = strings.ReplaceAll(s, secret, "***")
	}
	var out strings.Builder
	for line := range strings.Lines(strings.ToValidUTF8(s, "�")) {
		out.WriteString(wire.Redact(strings.TrimRight(line, "\r\n")))
		out.WriteByte('\n')
	}
	return out.String()
}

func (b *bundle) json(name string, v any) {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		raw = []byte(err.Error())
	}
	b.add(name, raw)
}

func (b *bundle) close() error {
	if b.err != nil {
		return b.err
	}
	return b.zip.Close()
}

// shortestSecret is what is looked for as it is: shorter ones stand in every text.
const shortestSecret = 4

// spelledOut are the secrets of the till in the ways a text may hold them.
func (t *Till) spelledOut() []string {
	var all []string
	for _, name := range vault.Names() {
		secret, err := t.secret(name)()
		if err != nil || len(secret) < shortestSecret {
			continue
		}
		quoted, _ := json.Marshal(secret) // a string always has a form in JSON
		all = append(all, secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

func (t *Till) versions() string {
	var b strings.Builder
	fmt.Fprintf(&b, "made      %s\nprogram   %s\nsystem    %s %s\ngo        %s\nfolder    %s\n",
		t.now().UTC().Format(time.RFC3339), t.p.Program, runtime.GOOS, runtime.GOARCH, runtime.Version(), t.Dir)
	if t.Ledger != nil {
		fmt.Fprintf(&b, "till      %s, epoch %d\n", t.Ledger.Till().ID, t.Ledger.Till().Epoch)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintf(&b, "module    %s %s\n", info.Main.Path, info.Main.Version)
		for _, s := range info.Settings {
			if strings.HasPrefix(s.Key, "vcs.") {
				fmt.Fprintf(&b, "%-9s %s\n", s.Key, s.Value)
			}
		}
		for _, d := range info.Deps {
			fmt.Fprintf(&b, "uses      %s %s\n", d.Path, d.Version)
		}
	}
	return b.String()
}

type verifyReport struct {
	OK     bool              `json:"ok"`
	Broken []localdb.Finding `json:"broken"`
	Error  string            `json:"error,omitempty"`
}

func (t *Till) verified(ctx context.Context) verifyReport {
	if t.Ledger == nil {
		return verifyReport{Error: "there are no books"}
	}
	found, err := t.VerifyBooks(ctx)
	r := verifyReport{OK: err == nil && len(found) == 0, Broken: found}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// listing names the files of the data folder, without what pictures there are.
func listing(dir string) string {
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path) // it lies below dir
		switch {
		case err != nil:
			fmt.Fprintf(&b, "%s  %v\n", rel, err)
			return nil
		case d.IsDir() && rel == "pictures":
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		if info, err := d.Info(); err == nil {
			fmt.Fprintf(&b, "%12d  %s  %s\n", info.Size(), info.ModTime().UTC().Format(time.RFC3339), rel)
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

// tail is the end of a file, from the beginning of a line.
func tail(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(f)
	if info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return nil, err
		}
		if _, err := r.ReadString('\n'); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(r, most))
}
