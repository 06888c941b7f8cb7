package transports

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// AnswerParams is how the answer to a poll or a POST is written.
type AnswerParams struct {
	// Status is the HTTP status.
	Status int
	// ContentType is the value of the Content-Type header; empty for none.
	ContentType string
	// Timeout bounds the writing.
	Timeout time.Duration
	// Compress is the smallest body in bytes to compress when the client
	// accepts it; negative for never.
	Compress int
}

// Answer writes a whole response. Headers set on w before stay. An error means
// that the client cannot have got all of it.
func Answer(w http.ResponseWriter, r *http.Request, body []byte, p AnswerParams) error {
	h := w.Header()
	if p.ContentType != "" {
		h["Content-Type"] = []string{p.ContentType}
	}
	h["X-Content-Type-Options"] = nosniff
	ctl := http.NewResponseController(w)
	if err := ctl.SetWriteDeadline(time.Now().Add(p.Timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	var err error
	if enc := encodingFor(r, len(body), p.Compress); enc != "" {
		err = answerCompressed(w, body, enc, p.Status)
	} else {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
		w.WriteHeader(p.Status)
		if len(body) > 0 {
			_, err = w.Write(body)
		}
	}
	// net/http keeps small answers in its buffer; only after a flush is it known
	// whether the client's connection took them.
	if ferr := ctl.Flush(); err == nil && ferr != nil && !errors.Is(ferr, http.ErrNotSupported) {
		err = ferr
	}
	// An error here is that of a client which has gone with its answer in hand.
	_ = ctl.SetWriteDeadline(time.Time{})
	return err
}

var nosniff = []string{"nosniff"}

// encodingFor picks the content coding: gzip before deflate, as the genuine
// servers do when a client has no preference. The coding "deflate" is zlib's
// format (RFC 9110, section 8.4.1.2).
func encodingFor(r *http.Request, size, threshold int) string {
	if threshold < 0 || size < threshold {
		return ""
	}
	gz, fl := false, false
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if refused(q) {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "*":
			gz = true
		case "deflate":
			fl = true
		}
	}
	switch {
	case gz:
		return "gzip"
	case fl:
		return "deflate"
	}
	return ""
}

func refused(q string) bool {
	v, ok := strings.CutPrefix(strings.ReplaceAll(q, " ", ""), "q=")
	return ok && strings.Trim(v, "0.") == ""
}

var (
	gzips    = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed); return w }}
	deflates = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed); return w }}
)

func answerCompressed(w http.ResponseWriter, body []byte, enc string, status int) error {
	h := w.Header()
	h["Content-Encoding"] = []string{enc}
	h.Add("Vary", "Accept-Encoding")
	w.WriteHeader(status)
	pool := &gzips
	if enc == "deflate" {
		pool = &deflates
	}
	z := pool.Get().(interface {
		io.WriteCloser
		Reset(io.Writer)
	})
	defer pool.Put(z)
	z.Reset(w)
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}
