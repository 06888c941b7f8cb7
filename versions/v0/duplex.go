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

// duplex is websocket, flashsocket, and any duplex transport of the user's own.
// A message is one packet both ways; framed ones are understood too.
type duplex struct {
	srv       *Server
	transport transports.DuplexTransport
}

func (m *duplex) posts() bool                { return false }
func (m *duplex) form([]byte) ([]byte, bool) { return nil, false }

// accept opens the connection, and returns its place among those that Close waits
// for.
func (m *duplex) accept(w http.ResponseWriter, r *http.Request) (transports.Conn, *list.Element, bool) {
	if !m.srv.enter() {
		plain(w, r, http.StatusServiceUnavailable, nil, m.srv.p.WriteTimeout)
		return nil, nil, false
	}
	accepted := false
	defer func() { // also if the transport, which may be the application's, panics
		if !accepted {
			m.srv.leave(nil)
		}
	}()
	conn, err := m.transport.Accept(w, r, transports.DuplexParams{
		MaxMessage:        m.srv.p.DestroyBufferSize,
		WriteTimeout:      m.srv.p.WriteTimeout,
		Budget:            m.srv.p.Budget,
		Deflate:           nil,
		Header:            nil,
		Drafts:            m.srv.p.Drafts,
		MatchOriginScheme: m.srv.p.MatchOriginProtocol,
	})
	if err != nil {
		return nil, nil, false
	}
	accepted = true
	return conn, m.srv.hold(conn), true
}

func (m *duplex) open(w http.ResponseWriter, r *http.Request, s *session) {
	conn, place, ok := m.accept(w, r)
	if !ok {
		return
	}
	c := &line{Conn: conn, s: s}
	c.out.Init(&m.srv.p.Outbox)
	c.d = transports.NewDuplex(c, &c.out, c.failed)
	if !s.place(c, m.transport.Name()) {
		go func() {
			defer m.srv.leave(place)
			if sayFarewell(conn, m.srv.lastWords(s)) == nil {
				s.forget()
			}
		}()
		return
	}
	// Not in the handler, whose stack and buffers net/http keeps alive. Deferred,
	// since whatever begin does, somebody has to see the connection to its end.
	defer func() {
		go func() {
			defer m.srv.leave(place)
			c.read()
		}()
	}()
	s.begin()
}

// turnAway opens the connection for the last packets and then closes it.
func (m *duplex) turnAway(w http.ResponseWriter, r *http.Request, _ *dialect, frames []*packet.Frame) error {
	conn, place, ok := m.accept(w, r)
	if !ok {
		return nil // has been answered
	}
	go func() {
		defer m.srv.leave(place)
		_ = sayFarewell(conn, frames)
	}()
	return nil
}

// sayFarewell sends packets and closes the connection in order.
func sayFarewell(conn transports.Conn, frames []*packet.Frame) error {
	var err error
	if len(frames) > 0 {
		err = conn.Write(frames)
	}
	conn.Goodbye(transports.CloseNone)
	for err == nil && conn.Read(func([]byte, bool) error { return nil }) == nil {
		continue
	}
	conn.Terminate()
	return err
}

// line is the carrier that a connection is. Once another has taken its place it
// stays open, because clients end the session when it closes; what still comes
// by it is of no interest.
type line struct {
	transports.Conn
	s       *session
	d       *transports.Duplex
	out     outbox.Outbox
	retired atomic.Bool
	epoch   int32 // in which it takes; set before it does
}

func (c *line) kind() kind             { return kindDuplex }
func (c *line) outbox() *outbox.Outbox { return &c.out }
func (c *line) worn() bool             { return false }
func (c *line) replaced()              {}
func (c *line) finish()                { c.d.End(transports.CloseNone) }
func (c *line) cut()                   { c.Terminate() }

func (c *line) attach() {
	c.epoch = c.s.currentEpoch()
	c.out.Attach(c.d)
}

func (c *line) retire() {
	c.retired.Store(true)
	c.out.Detach(c.d)
}

// settleTime is how long a connection that has lost its place may take to finish
// the write that is under way.
const settleTime = time.Second

// settle waits for the write under way. If the client does not take it the
// connection is cut, so that the frames fail, and go by its successor before all
// others.
func (c *line) settle() {
	if !c.d.WaitAtMost(settleTime) {
		c.Terminate()
		c.d.WaitAtMost(c.s.srv.p.WriteTimeout)
	}
}

// Write sends frames. If it fails, who is the carrier decides: with the carrier
// the session ends, and the frames of any other go the way of its successor.
//
// To a client that may come back to its session they go as one message, of which
// a connection that breaks meanwhile has brought all or nothing: they all go out
// again then.
func (c *line) Write(frames []*packet.Frame) error {
	message := frames
	if d := c.s.speaks(); c.s.srv.resume > 0 && !d.undecided {
		message = d.unite(frames)
	}
	err := c.Conn.Write(message)
	if err == nil {
		return nil
	}
	if !c.retired.Load() && !c.s.lost(c) && c.s.endOf(c, versions.ReasonTransportError, endNow, nil) {
		return err
	}
	c.s.putBack(frames, c.epoch)
	c.Terminate() // nothing else would, if nobody has taken its place
	return nil
}

// failed is called by the writer, once the session has ended.
func (c *line) failed(error) { c.Terminate() }

// read takes messages until the connection ends, and ends the session with it.
func (c *line) read() {
	take := c.take // once, not for each message
	var err error
	for err == nil {
		err = c.Read(take)
	}
	reason, accident := versions.ReasonTransportError, true
	switch {
	case errors.Is(err, transports.ErrPeerClosed):
		reason = versions.ReasonTransportClose
	case errors.Is(err, transports.ErrTooLarge):
		accident = false
		c.Goodbye(transports.CloseTooLarge)
	case errors.Is(err, transports.ErrNotText):
		accident = false
		c.Goodbye(transports.CloseNotText)
	case errors.Is(err, transports.ErrBusy):
		accident = false
		c.Goodbye(transports.CloseTryLater)
	}
	if !accident || !c.s.lost(c) {
		c.s.endOf(c, reason, endNow, nil)
	}
	c.Terminate()
	c.d.Wait()
	c.s.unretire(c)
}

// unretire forgets a carrier that has come to its end.
func (s *session) unretire(c carrier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving == c {
		s.leaving = nil
	}
	for i, r := range s.retired {
		if r == c {
			s.retired = append(s.retired[:i:i], s.retired[i+1:]...)
			return
		}
	}
}

// take handles one message, whose data is valid only during the call. Binary
// ones mean nothing, as to genuine servers.
func (c *line) take(data []byte, binary bool) error {
	if binary || c.retired.Load() {
		return nil
	}
	c.s.hear()
	c.s.receive(data)
	return nil
}
