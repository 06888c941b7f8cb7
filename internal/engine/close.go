package engine

import (
	"time"

	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// ending is how a session ends.
type ending uint8

const (
	// endNow: what is queued is of no use any more.
	endNow ending = iota
	// endFlush: what is queued is still sent.
	endFlush
	// endClient: the client has said goodbye itself.
	endClient
)

// lingerTime is how long a polling client has to fetch the last packets of a
// session that the server ended; the genuine servers' value.
const lingerTime = 30 * time.Second

// end ends the session. Only the first call counts.
func (s *Session) end(reason versions.Reason, how ending) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed, s.reason = true, reason
	if s.timer != nil {
		s.timer.Stop()
	}
	carrier, held, probe := s.carrier, s.held, s.probe
	linger := carrier == nil && (held != nil || how == endFlush)
	if linger && how == endFlush {
		// The client may have stopped polling for the upgrade: it fetches the rest by
		// either way.
		probe = nil
	}
	if linger {
		s.farewell = closeFrame
		if how == endClient {
			s.farewell = noopFrame
		}
		s.timer = time.AfterFunc(lingerTime, s.forget)
	}
	if carrier != nil && how != endNow {
		// A peer that takes a little now and then could stretch this without end.
		s.timer = time.AfterFunc(lingerTime, carrier.Conn().Terminate)
	}
	handler := s.handlerLocked()
	s.mu.Unlock()
	s.srv.left(s)

	if how == endNow {
		s.out.Discard()
	} else {
		s.out.Close()
	}
	if probe != nil {
		probe.Terminate()
	}
	switch {
	case carrier == nil && held != nil:
		held.Tell()
	case carrier != nil && how == endNow:
		carrier.Conn().Terminate()
	case carrier != nil:
		carrier.End(transports.CloseNone)
	}
	if !linger {
		s.srv.remove(s)
	}
	if handler != nil {
		handler.Closed(reason)
	}
}

// handlerLocked returns the handler to tell, once.
func (s *Session) handlerLocked() Handler {
	if s.handler == nil || s.told {
		return nil
	}
	s.told = true
	return s.handler
}

// forget drops what nobody fetched.
func (s *Session) forget() {
	s.mu.Lock()
	if s.carrier != nil { // which has taken over in this moment
		s.mu.Unlock()
		return
	}
	s.farewell = nil
	s.mu.Unlock()
	s.out.Discard()
	s.abandonProbe()
	s.srv.remove(s)
}

// abandonProbe cuts the connection of an upgrade under way.
func (s *Session) abandonProbe() {
	s.mu.Lock()
	probe := s.probe
	s.mu.Unlock()
	if probe != nil {
		probe.Terminate()
	}
}
