package v0

import (
	"container/list"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// streaming is a response that does not end: htmlfile, an endless page in a
// hidden frame of old Internet Explorers, and the other streams of 0.1 to 0.6.
type streaming struct {
	srv   *Server
	name  string
	style *streamStyle
}

// streamStyle is what surrounds payloads on a stream. Values are never changed.
type streamStyle struct {
	header    http.Header
	unchunked bool
	preamble  []byte
	// append appends the unit, or units, for frames that leave together.
	append func(dst []byte, d *dialect, frames []*packet.Frame) []byte
	// form takes the packets out of a POST body.
	form func(body []byte) (packets []byte, raw bool)
	// pulse is what is sent instead of a heartbeat that nobody answers; nil for
	// the heartbeat of the dialect.
	pulse []byte
	// cors lets pages of other origins read the stream.
	cors bool
}

func (m *streaming) posts() bool { return true }

func (m *streaming) form(body []byte) ([]byte, bool) { return m.style.form(body) }

func (m *streaming) open(w http.ResponseWriter, r *http.Request, s *session) {
	if !m.srv.enter() {
		plain(w, r, http.StatusServiceUnavailable, nil, m.srv.p.WriteTimeout)
		return
	}
	opened := false
	defer func() {
		if !opened {
			m.srv.leave(nil)
		}
	}()
	if m.style.cors {
		allowOrigin(w, r)
	}
	c := &stream{s: s, style: m.style, opened: time.Now()}
	c.out.Init(&m.srv.p.Outbox)
	maxBytes, maxAge := m.srv.silentBounds()
	var err error
	c.stream, err = transports.OpenStream(w, r, &c.out, transports.StreamParams{
		Dress: &transports.Dress{
			Header:        m.style.header,
			Unchunked:     m.style.unchunked,
			Preamble:      m.style.preamble,
			AppendPayload: c.append,
		},
		WriteTimeout: m.srv.p.WriteTimeout,
		MaxBytes:     maxBytes,
		MaxAge:       maxAge,
		OnEnd:        c.over,
	})
	if err != nil {
		return
	}
	opened = true
	c.place = m.srv.hold(c.stream)
	defer c.stream.Serve() // without which the stream would never end
	if s.place(c, m.name) {
		s.begin()
		return
	}
	c.out.PutBack(m.srv.lastWords(s))
	s.forget()
	c.stream.End()
}

// turnAway sends a page that ends after the last packets.
func (m *streaming) turnAway(w http.ResponseWriter, r *http.Request, d *dialect, frames []*packet.Frame) error {
	body := m.style.append(append([]byte(nil), m.style.preamble...), d, frames)
	return transports.Answer(w, r, body, transports.AnswerParams{
		Status:      http.StatusOK,
		ContentType: m.style.header.Get("Content-Type"),
		Timeout:     m.srv.p.WriteTimeout,
		Compress:    -1,
	})
}

// stream is the carrier that a response without an end is.
type stream struct {
	s      *session
	style  *streamStyle
	stream *transports.Stream
	out    outbox.Outbox
	place  *list.Element // see Server.hold
	opened time.Time
	sent   atomic.Int64 // bytes
}

func (c *stream) kind() kind             { return kindStream }
func (c *stream) outbox() *outbox.Outbox { return &c.out }
func (c *stream) attach()                {} // Serve does
func (c *stream) replaced()              {}
func (c *stream) finish()                { c.stream.End() }
func (c *stream) cut()                   { c.stream.Terminate() }

// retire ends the page; nothing of the client notices that.
func (c *stream) retire() { c.stream.Release() }

// settle waits for the end, which is bounded, see Release. What had been taken
// and not sent is back in the outbox then.
func (c *stream) settle() { c.stream.Wait() }

// silentBounds returns how long and how old a stream may become that then simply
// ends, since its client comes back to its session; 0 for no bound. Any other
// client has to be told, see wear.
func (s *Server) silentBounds() (maxBytes int64, maxAge time.Duration) {
	if s.resume <= 0 {
		return 0, 0
	}
	return s.p.StreamMaxBytes, s.p.StreamMaxAge
}

// append dresses a payload, and asks for the end of a page that has become too
// long.
func (c *stream) append(dst []byte, frames []*packet.Frame) []byte {
	before := len(dst)
	dst = c.style.append(dst, c.s.speaks(), frames)
	sent := c.sent.Add(int64(len(dst) - before))
	if limit := c.s.srv.p.StreamMaxBytes; c.s.srv.resume <= 0 && limit > 0 && sent >= limit {
		c.s.wear(c)
	}
	return dst
}

// worn is asked at each heartbeat.
func (c *stream) worn() bool {
	limit := c.s.srv.p.StreamMaxAge
	return c.s.srv.resume <= 0 && limit > 0 && time.Since(c.opened) >= limit
}

// over leaves the session to its client's return, or ends it. Where the stream
// was ended from here it does neither: the session has ended, or another carrier
// has the place. It is called on a goroutine of the stream, which has to end
// before the server's Close returns.
func (c *stream) over(_ transports.StreamEnd, err error) {
	if !c.s.lost(c) {
		reason := versions.ReasonTransportError
		if errors.Is(err, transports.ErrPeerClosed) {
			reason = versions.ReasonTransportClose
		}
		c.s.endOf(c, reason, endNow, nil)
	}
	go func() {
		c.stream.Wait()
		c.s.unretire(c)
		c.s.srv.leave(c.place)
	}()
}
