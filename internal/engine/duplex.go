package engine

import (
	"errors"
	"net/http"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// open starts a session on a duplex carrier.
func (s *Server) open(w http.ResponseWriter, r *http.Request, session *Session, t transports.DuplexTransport) {
	if !s.enter() {
		refuseBusy(w, r)
		return
	}
	reading := false
	defer func() { // also if a carrier of the application's own panics
		if !reading {
			s.wg.Done()
		}
	}()
	conn, err := t.Accept(w, r, s.duplexParams(session.profile))
	if err != nil {
		return
	}
	if session.record.Base64 {
		conn = &base64Conn{Conn: conn, framing: session.profile.Revision.Framing}
	}
	d := transports.NewDuplex(conn, &session.out, session.writeFailed)
	d.Hold()            // the open packet leaves together with what Accept sends
	session.carrier = d // nobody else knows the session yet
	session.duplex.Store(true)
	session.out.Attach(d)
	if err := s.start(session, false); err != nil {
		conn.Goodbye(transports.CloseTryLater)
		conn.Terminate()
		return
	}
	d.Resume()
	reading = true
	// Not in the handler, whose stack and buffers net/http keeps alive.
	go func() {
		defer s.wg.Done()
		session.read(d)
	}()
}

// enter counts a reader in, unless the server is closing.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	return true
}

func (s *Server) duplexParams(p *Profile) transports.DuplexParams {
	return transports.DuplexParams{
		MaxMessage:   p.MaxPayload,
		WriteTimeout: s.p.WriteTimeout,
		Budget:       s.p.Budget,
		Deflate:      s.p.Deflate,
		Header:       openHeader,
		// Clients since 1.0 speak RFC 6455.
		Drafts:            0,
		MatchOriginScheme: false,
	}
}

// openHeader goes with the answer to every opening request. It is not changed.
var openHeader = http.Header{"X-Content-Type-Options": {"nosniff"}}

// read takes messages until the connection ends, and ends the session with it.
func (s *Session) read(d *transports.Duplex) {
	conn := d.Conn()
	take := s.takeMessage // once, not for each message
	var err error
	for err == nil {
		err = conn.Read(take)
	}
	reason := versions.ReasonTransportError
	switch {
	case errors.Is(err, transports.ErrPeerClosed):
		reason = versions.ReasonTransportClose
	case errors.Is(err, transports.ErrTooLarge):
		dismiss(conn, transports.CloseTooLarge)
	case errors.Is(err, transports.ErrNotText):
		dismiss(conn, transports.CloseNotText)
	case errors.Is(err, transports.ErrBusy):
		dismiss(conn, transports.CloseTryLater)
	}
	s.end(reason, endNow)
	conn.Terminate()
	d.Wait()
	s.mu.Lock()
	if s.timer != nil {
		s.timer.Stop() // that of an end in order, which has come to pass
	}
	s.mu.Unlock()
}

// dismiss says goodbye and takes what the peer still sends, for the time that
// Goodbye leaves it: closing at once would reset a connection with bytes unread,
// and the peer might never see why.
func dismiss(conn transports.Conn, code transports.CloseCode) {
	conn.Goodbye(code)
	for conn.Read(func([]byte, bool) error { return nil }) == nil {
		continue
	}
}

// takeMessage handles one message of a duplex carrier, whose data is valid only
// during the call.
func (s *Session) takeMessage(data []byte, binary bool) error {
	if s.ended() {
		return nil // only the client's goodbye is of interest now
	}
	if !binary {
		data = s.record.repairFrame(data, s.profile.Revision)
	}
	// Never nil: in revision 4 it may be an attachment without a byte, which is not
	// the same as none.
	raw := [1]RawPacket{{Binary: binary, Data: append(make([]byte, 0, len(data)), data...)}}
	if !s.receive(raw[:]) {
		s.end(versions.ReasonParseError, endFlush)
	}
	return nil
}

// writeFailed is called by the carrier's writer.
func (s *Session) writeFailed(error) {
	s.end(versions.ReasonTransportError, endNow)
	s.terminate()
}

// terminate cuts the connection of a duplex carrier.
func (s *Session) terminate() {
	s.mu.Lock()
	d := s.carrier
	s.mu.Unlock()
	if d != nil {
		d.Conn().Terminate()
	}
}

// base64Conn writes binary messages as text, for a client that asked for that
// when it opened the connection.
type base64Conn struct {
	transports.Conn
	framing *Framing
}

func (c *base64Conn) Write(frames []*packet.Frame) error {
	text := make([]*packet.Frame, len(frames))
	for i, f := range frames {
		text[i] = f
		if f.Binary {
			text[i] = &packet.Frame{Data: c.framing.AppendBase64(nil, f.Data), NoCompress: f.NoCompress}
		}
	}
	return c.Conn.Write(text)
}
