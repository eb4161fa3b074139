package wire

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"cashier/services/fault"
)

// MaxBody is the largest reply accepted, after decompression: 10 MiB.
const MaxBody = 10 << 20

// Reply is a complete HTTP reply: its body arrived to the last byte.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte // decompressed, and unless asked for raw, GBK or GB18030 turned into UTF-8
	Moved  string // path of the URL that answered, if a redirect was followed
}

var errTooLarge = errors.New("reply larger than its limit")

// readReply drains and closes the body. A body that ends before its announced
// length is an error, never a short Reply.
func readReply(resp *http.Response, most int64, raw bool) (Reply, error) {
	defer func() { _ = resp.Body.Close() }()
	var src io.Reader = resp.Body
	switch strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))) {
	case "gzip", "x-gzip": // the same by RFC 9110, section 8.4.1.3
		unzip, err := gzip.NewReader(resp.Body)
		if err != nil {
			return Reply{}, err
		}
		src = unzip
	}
	body, err := io.ReadAll(io.LimitReader(src, most+1))
	if err != nil {
		return Reply{}, err
	}
	if int64(len(body)) > most {
		return Reply{}, errTooLarge
	}
	if !raw {
		body = inUTF8(body, resp.Header.Get("Content-Type"))
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// inUTF8 decodes a Chinese body that its header calls one, or calls nothing. A body that is valid
// UTF-8 is left alone: servers send it under any header.
func inUTF8(body []byte, contentType string) []byte {
	if utf8.Valid(body) {
		return body
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return body
	}
	charset := strings.ToLower(params["charset"])
	if charset == "" && (media == "application/json" || strings.HasPrefix(media, "text/")) && looksLikeJSON(body) {
		charset = "gbk" // it is no UTF-8 and calls itself nothing: what else would it be here
	}
	switch charset {
	case "gbk", "gb2312", "gb18030": // each contains the one before
		if text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body); err == nil {
			return text
		}
	}
	return body
}

func looksLikeJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func (s Service) tooLarge(cause error) error {
	return s.Fault(fault.Contract, "too_large",
		"The answer of {service} is larger than this program accepts. Ask for less at a time, and check the address in Settings.", cause)
}

// JSON takes a body for decoding: without byte order mark and surrounding
// blanks. An empty body and a web page are faults of kind Contract, because
// both mean that something other than the service answered.
func (s Service) JSON(reply Reply) ([]byte, error) {
	body := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(reply.Body), []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil, s.Fault(fault.Contract, "empty",
			"{service} answered with nothing at all. Check the address in Settings, then try again.", nil)
	case body[0] == '<':
		return nil, s.Fault(fault.Contract, "web_page",
			"The address of {service} answered with a web page. Check the URL in Settings, and whether this network asks for a sign-in.", nil)
	}
	return body, nil
}

// NotJSON is the fault of a body that could not be decoded.
func (s Service) NotJSON(cause error) *fault.Error {
	return s.Fault(fault.Contract, "unreadable",
		"The answer of {service} cannot be read. Check the address in Settings; if it is right, tell support.", cause)
}

// isTLS tells a refused handshake from a network that is down.
func isTLS(err error) bool {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		alert   *net.OpError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record) ||
		errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error")
}
