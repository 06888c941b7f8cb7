package engine

import (
	"errors"
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

const (
	probeText = "probe"

	// nudgeInterval is how often a held poll is ended with a noop while a probe
	// is under way, so that the client can stop polling.
	nudgeInterval = 100 * time.Millisecond
)

var probeFrame = &packet.Frame{Data: []byte{'0' + byte(PacketPong), 'p', 'r', 'o', 'b', 'e'}}

// errProbe ends the reading of a connection that did not become the carrier.
var errProbe = errors.New("engine: upgrade not completed")

// upgrade serves the opening of a duplex connection for a polling session. A
// second one for the same session is opened and closed at once, and does the
// session no harm.
func (s *Session) upgrade(w http.ResponseWriter, r *http.Request, t transports.DuplexTransport) {
	s.srv.claim(s)
	if !s.srv.enter() {
		refuseBusy(w, r)
		return
	}
	s.mu.Lock()
	first := !s.probing && s.carrier == nil && !s.closed
	if first {
		s.probing = true
	}
	s.mu.Unlock()
	reading := false
	defer func() { // also if a carrier of the application's own panics
		if reading {
			return
		}
		if first {
			s.endProbe(nil)
		}
		s.srv.wg.Done()
	}()
	conn, err := t.Accept(w, r, s.srv.duplexParams(s.profile))
	if err != nil {
		return
	}
	reading = true
	base64 := s.profile.Revision.Base64Asked && r.URL.Query().Get("b64") != ""
	header := r.Header // the request itself is not kept
	go func() {
		defer s.srv.wg.Done()
		if !first {
			turnAway(conn)
			return
		}
		// Only websocket openings show which library a node client has.
		s.record.readHeader(header)
		if base64 {
			conn = &base64Conn{Conn: conn, framing: s.profile.Revision.Framing}
		}
		s.probeOn(conn, t.Name())
	}()
}

// turnAway closes a connection in order.
func turnAway(conn transports.Conn) {
	dismiss(conn, transports.CloseNone)
	conn.Terminate()
}

// endProbe ends an upgrade that did not complete.
func (s *Session) endProbe(conn transports.Conn) {
	s.mu.Lock()
	s.probing, s.probe = false, nil
	s.mu.Unlock()
	if conn != nil {
		turnAway(conn)
	}
}

// probeOn waits for the client's probe and then for its upgrade packet, and
// goes on as the reader of the session.
func (s *Session) probeOn(conn transports.Conn, name string) {
	s.mu.Lock()
	s.probe = conn
	closed := s.closed
	s.mu.Unlock()
	if closed {
		s.endProbe(conn)
		return
	}
	limit := time.AfterFunc(s.srv.p.UpgradeTimeout, conn.Terminate)
	defer limit.Stop()

	for probed := false; ; {
		p, err := s.readProbe(conn)
		switch {
		case err != nil:
			s.endProbe(conn)
			return
		case p.Type == PacketPing && string(p.Data) == probeText && !probed:
			probed = true
			if conn.Write([]*packet.Frame{probeFrame}) != nil {
				s.endProbe(conn)
				return
			}
			s.nudgeFor(conn)
		case p.Type == PacketUpgrade:
			limit.Stop()
			d := transports.NewDuplex(conn, &s.out, s.writeFailed)
			if !s.carry(d, name) {
				s.endProbe(conn)
				return
			}
			s.read(d)
			return
		default:
			s.endProbe(conn)
			return
		}
	}
}

func (s *Session) readProbe(conn transports.Conn) (p Packet, err error) {
	err = conn.Read(func(data []byte, binary bool) error {
		var derr error
		p, derr = s.decode(RawPacket{Binary: binary, Data: append([]byte(nil), data...)})
		if derr != nil {
			return errProbe
		}
		return nil
	})
	return p, err
}

// nudgeFor ends held polls from time to time, as long as the probe on a
// connection lasts.
func (s *Session) nudgeFor(conn transports.Conn) {
	time.AfterFunc(nudgeInterval, func() {
		s.mu.Lock()
		held, lasts := s.held, s.probe == conn
		s.mu.Unlock()
		if !lasts {
			return
		}
		if held != nil {
			held.Tell()
		}
		s.nudgeFor(conn)
	})
}

// carry makes d the session's carrier. What waits in the outbox goes out on it
// from now on: also the rest of a session that has ended meanwhile, unless a poll
// has fetched that.
func (s *Session) carry(d *transports.Duplex, name string) bool {
	s.mu.Lock()
	closed := s.closed
	if closed && s.farewell == nil {
		s.mu.Unlock()
		return false
	}
	if closed {
		s.farewell = nil
		s.timer.Stop()
		s.timer = time.AfterFunc(lingerTime, d.Conn().Terminate)
	}
	s.carrier, s.transport = d, name
	s.duplex.Store(true)
	s.probing, s.probe = false, nil
	held := s.held
	// Under the lock, so that an end that finds the carrier finds it attached.
	d.Hold()
	s.out.Attach(d)
	s.mu.Unlock()
	if held != nil {
		held.Tell() // it will find nothing to take, and be answered with a noop
	}
	d.Resume()
	if closed {
		d.End(transports.CloseNone)
		s.srv.remove(s)
	}
	return true
}
