package standin

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"strconv"
	"time"
)

// Reply is an honest answer, before a fault gets at it.
type Reply struct {
	Status int // 200 when 0
	Type   string
	Body   []byte
}

// Sleep waits for d or until ctx ends, whichever is first.
func Sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

const errorPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

// Intercept answers a call whose action must not be carried out. It reports
// whether it did; then the handler is finished.
func Intercept(w http.ResponseWriter, f Fault) bool {
	if f.Done {
		return false
	}
	switch f.Kind {
	case RequestLost:
		hangUp()
	case Error500, HTML, Garbage, Empty:
		sendBroken(w, f, nil)
	default:
		return false
	}
	return true
}

// Send answers a call whose action has been carried out, with whatever the
// fault does to the reply on its way.
func Send(w http.ResponseWriter, r *http.Request, f Fault, reply Reply, sleep func(context.Context, time.Duration)) {
	switch f.Kind {
	case LostReply, RequestLost, LateMoney:
		hangUp()
	case Hang:
		<-r.Context().Done()
		hangUp()
	case Slow:
		sleep(r.Context(), f.For)
		if r.Context().Err() != nil {
			hangUp()
		}
		write(w, reply)
	case Error500, HTML, Garbage, Empty, Truncated:
		sendBroken(w, f, reply.Body)
	case BOM:
		reply.Body = append([]byte("\xef\xbb\xbf"), reply.Body...)
		write(w, reply)
	case Gzip:
		reply.Body = compress(reply.Body)
		w.Header().Set("Content-Encoding", "gzip")
		write(w, reply)
	case Huge:
		pad(w, f.N, reply)
	default:
		write(w, reply)
	}
}

func sendBroken(w http.ResponseWriter, f Fault, body []byte) {
	switch f.Kind {
	case Error500:
		write(w, Reply{500, "application/json; charset=utf-8", []byte(`{"message":"An error has occurred."}`)})
	case HTML:
		write(w, Reply{502, "text/html", []byte(errorPage)})
	case Garbage:
		write(w, Reply{200, "application/json; charset=utf-8", []byte("\x1f\x8b\x08{\"code\":\"SUCC\x00\xff\xfe")})
	case Empty:
		write(w, Reply{200, "application/json; charset=utf-8", nil})
	case Truncated:
		truncate(w, f.N, body)
	}
}

// truncate announces the whole body and breaks off within it.
func truncate(w http.ResponseWriter, n int, body []byte) {
	if n < 0 {
		n = len(body) / 2
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:min(n, len(body))])
	_ = http.NewResponseController(w).Flush()
	hangUp()
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// pad lets blanks follow the body, which JSON allows, until n bytes are out or
// the caller has had enough.
func pad(w http.ResponseWriter, n int, r Reply) {
	head(w, r, max(n, len(r.Body)))
	_, err := w.Write(r.Body)
	blanks := bytes.Repeat([]byte(" "), 1<<16)
	for n -= len(r.Body); n > 0 && err == nil; n -= len(blanks) {
		_, err = w.Write(blanks[:min(n, len(blanks))])
	}
}

// hangUp closes the connection without another byte; net/http treats this
// panic as exactly that and logs nothing.
func hangUp() { panic(http.ErrAbortHandler) }

func write(w http.ResponseWriter, r Reply) {
	head(w, r, len(r.Body))
	_, _ = w.Write(r.Body) // a caller who left needs no answer
}

func head(w http.ResponseWriter, r Reply, length int) {
	if r.Type == "" {
		r.Type = "application/json; charset=utf-8"
	}
	if r.Status == 0 {
		r.Status = http.StatusOK
	}
	w.Header().Set("Content-Type", r.Type)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(r.Status)
}
