package app

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"cashier/services/wire"
)

// maxLog is the size at which a log is set aside at the next start; two are kept.
const maxLog = 5 << 20

// openLog writes to logs/till.log, through the one point of redaction. A till
// that cannot write its log still sells.
func openLog(dir string) (*slog.Logger, func() error) {
	options := &slog.HandlerOptions{ReplaceAttr: wire.ReplaceAttr}
	path := filepath.Join(dir, "logs", "till.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return slog.New(slog.NewTextHandler(io.Discard, options)), func() error { return nil }
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".1") // failing that, the log goes on growing for a while
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return slog.New(slog.NewTextHandler(io.Discard, options)), func() error { return nil }
	}
	return slog.New(slog.NewTextHandler(f, options)), f.Close
}

// DefaultDir is where a till keeps its data when --data does not say.
func DefaultDir() (string, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "cashier"), nil
}

// StandardLog is where libraries write without asking. Their lines are
// redacted; one in which net/http quotes somebody's reply is dropped, since no
// rule knows what stands in it.
func StandardLog(w io.Writer) io.Writer { return standardLog{w} }

type standardLog struct{ w io.Writer }

func (s standardLog) Write(line []byte) (int, error) {
	if !bytes.Contains(line, []byte("Unsolicited response")) {
		if _, err := io.WriteString(s.w, wire.Redact(string(line))); err != nil {
			return 0, err
		}
	}
	return len(line), nil
}
