package v0

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// htmlfile is an endless page in a hidden frame of old Internet Explorers. Each
// payload is a script in it.
type htmlfile struct{ srv *Server }

const (
	// htmlfileScript defines what the scripts of packets call. The client looks
	// for the function by this name, and takes the text and the document.
	htmlfileScript = `<html><body><script>var _ = function (msg) { parent.s._(msg, document); };</script>`
	// htmlfilePreamble is how much a browser has to get before it begins to run
	// what it has.
	htmlfilePreamble = 256
)

var preamble = []byte(htmlfileScript + strings.Repeat(" ", htmlfilePreamble-len(htmlfileScript)))

var htmlfileHeader = http.Header{"Content-Type": {typeHTML}}

// appendHTMLFile appends the script for a payload.
func appendHTMLFile(dst []byte, frames []*packet.Frame) []byte {
	dst = append(dst, "<script>_("...)
	dst = appendScriptString(dst, colon.join(nil, frames))
	return append(dst, ");</script>"...)
}

func (m *htmlfile) posts() bool { return true }

func (m *htmlfile) form(body []byte) ([]byte, bool) { return engine.ToValidUTF8(body), false }

func (m *htmlfile) open(w http.ResponseWriter, r *http.Request, s *session) {
	if !m.srv.enter() {
		plain(w, r, http.StatusServiceUnavailable, nil, m.srv.p.WriteTimeout)
		return
	}
	c := &stream{s: s, opened: time.Now()}
	c.out.Init(&m.srv.p.Outbox)
	var err error
	c.stream, err = transports.OpenStream(w, r, &c.out, transports.StreamParams{
		Dress: &transports.Dress{
			Header:        htmlfileHeader,
			Preamble:      preamble,
			AppendPayload: c.append,
		},
		WriteTimeout: m.srv.p.WriteTimeout,
		MaxBytes:     0, // the client has to be told, see worn
		MaxAge:       0,
		OnEnd:        c.over,
	})
	if err != nil {
		m.srv.wg.Done()
		return
	}
	if s.place(c, nameHTMLFile) {
		s.begin()
	} else {
		c.out.PutBack(m.srv.lastWords(s))
		s.forget()
		c.stream.End()
	}
	c.stream.Serve()
}

// turnAway sends a page that ends after the last packets.
func (m *htmlfile) turnAway(w http.ResponseWriter, r *http.Request, frames []*packet.Frame) error {
	w.Header().Set("Content-Type", typeHTML)
	return transports.Answer(w, r, appendHTMLFile(append([]byte(nil), preamble...), frames), transports.AnswerParams{
		Status:      http.StatusOK,
		ContentType: typeHTML,
		Timeout:     m.srv.p.WriteTimeout,
		Compress:    -1,
	})
}

// stream is the carrier that an endless page is.
type stream struct {
	s      *session
	stream *transports.Stream
	out    outbox.Outbox
	opened time.Time
	sent   atomic.Int64 // bytes
}

func (c *stream) kind() kind             { return kindStream }
func (c *stream) outbox() *outbox.Outbox { return &c.out }
func (c *stream) attach()                {} // Serve does
func (c *stream) replaced()              {}
func (c *stream) finish()                { c.stream.End() }
func (c *stream) cut()                   { c.stream.Terminate() }

// retire ends the page; nothing of the client notices that. What it had taken
// and not sent is back in the outbox then.
func (c *stream) retire() {
	c.stream.Release()
	c.stream.Wait()
}

// append dresses a payload, and asks for the end of a page that has become too
// long.
func (c *stream) append(dst []byte, frames []*packet.Frame) []byte {
	before := len(dst)
	dst = appendHTMLFile(dst, frames)
	sent := c.sent.Add(int64(len(dst) - before))
	if limit := c.s.srv.p.StreamMaxBytes; limit > 0 && sent >= limit {
		c.s.wear(c)
	}
	return dst
}

// worn is asked at each heartbeat.
func (c *stream) worn() bool {
	limit := c.s.srv.p.StreamMaxAge
	return limit > 0 && time.Since(c.opened) >= limit
}

// over ends the session of a client that has gone. It is called on a goroutine
// of the stream, which has to end before the server's Close returns.
func (c *stream) over(cause transports.StreamEnd, err error) {
	switch cause {
	case transports.StreamGone:
		reason := versions.ReasonTransportError
		if errors.Is(err, transports.ErrPeerClosed) {
			reason = versions.ReasonTransportClose
		}
		c.s.endOf(c, reason, endNow, nil)
	case transports.StreamStalled, transports.StreamAged, transports.StreamFull:
		c.s.endOf(c, versions.ReasonTransportError, endNow, nil)
	default: // we ended it
	}
	go func() {
		c.stream.Wait()
		c.s.srv.wg.Done()
	}()
}
