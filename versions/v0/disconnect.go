package v0

import (
	"net/http"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// ending is how a session ends.
type ending uint8

const (
	// endNow: what is queued is of no use any more.
	endNow ending = iota
	// endFlush: what is queued is still sent, by the next poll if none is open.
	endFlush
	// endClient: the client has said goodbye itself, and does not poll again.
	endClient
)

// end ends the session. Only the first call counts.
func (s *session) end(reason versions.Reason, how ending) {
	s.endOf(nil, reason, how, s.speaks().farewell(reason))
}

// endOf ends the session with some last word if c is its carrier, or is nil. It
// reports false if the session goes on, because c is its carrier no longer.
func (s *session) endOf(c carrier, reason versions.Reason, how ending, farewell *packet.Frame) bool {
	s.mu.Lock()
	if s.closed || c != nil && c != s.carrier {
		closed := s.closed
		s.mu.Unlock()
		return closed
	}
	s.closed, s.reason = true, reason
	s.setTimerLocked(0)
	c = s.carrier
	retired := s.retired
	if s.leaving != nil {
		retired = append(retired, s.leaving)
	}
	s.retired, s.leaving = nil, nil
	receiver := s.receiver
	if receiver != nil {
		s.told = true
	}
	// Whoever sees from now on that the session has ended finds its last words in
	// the outbox: a client that comes at this moment must not miss them.
	s.sending.Lock()
	s.mu.Unlock()
	s.concludeLocked(c, how, farewell)
	for _, r := range retired {
		r.cut()
	}
	if receiver != nil {
		receiver.Closed(reason)
	}
	return true
}

// concludeLocked decides what becomes of the outbox and the carrier of a session
// that has ended. It unlocks sending.
func (s *session) concludeLocked(c carrier, how ending, farewell *packet.Frame) {
	if how == endNow || how == endClient && c == nil {
		s.out.Discard()
		s.sending.Unlock()
		s.srv.remove(s)
		if c != nil {
			c.cut()
		}
		return
	}
	// Between polls a client that finds its session gone hears that it is a
	// stranger anyway.
	if farewell != nil && (c != nil || farewell != s.speaks().stranger) {
		s.out.CloseWith(farewell)
	} else {
		s.out.Close()
	}
	n, _ := s.out.Len()
	s.sending.Unlock()
	switch {
	case n > 0 && (c == nil || c.kind() == kindPoll):
		// Genuine servers drop what a client without a poll has not got, and it
		// never hears that it was thrown out.
		s.mu.Lock()
		s.setTimerLocked(s.srv.p.CloseTimeout)
		s.mu.Unlock()
	default:
		s.srv.remove(s)
	}
	if c != nil {
		c.finish()
	}
}

// forget drops a session that has ended and what nobody fetched of it.
func (s *session) forget() {
	s.mu.Lock()
	s.setTimerLocked(0)
	s.mu.Unlock()
	s.sending.Lock()
	s.out.Discard()
	s.sending.Unlock()
	s.srv.remove(s)
}

// fetched is called when packets of a session that has ended have arrived.
func (s *session) fetched() {
	s.sending.Lock()
	n, _ := s.out.Len()
	s.sending.Unlock()
	if n == 0 {
		s.forget()
	}
}

// lastWords are for a client whose session does not exist or has ended. There
// may be none, in which case the end of the connection has to do.
func (s *Server) lastWords(session *session) []*packet.Frame {
	if session != nil {
		session.sending.Lock()
		frames := drainOutbox(session.out)
		session.sending.Unlock()
		if len(frames) > 0 {
			return frames
		}
	}
	if s.family.stranger == nil {
		return nil
	}
	return []*packet.Frame{s.family.stranger}
}

// dismiss answers a request for a session that has ended. What the client does
// not get this time waits for another.
func (s *session) dismiss(w http.ResponseWriter, r *http.Request, m mechanism) {
	epoch := s.currentEpoch()
	d, frames := s.speaks(), s.srv.lastWords(s)
	if len(frames) == 0 {
		abort(w)
		s.forget()
		return
	}
	if err := m.turnAway(w, r, d, frames); err != nil && frames[0] != d.stranger {
		s.putBack(frames, epoch)
		return
	}
	s.forget()
}

// forceDisconnect serves the request that browsers make when their page goes,
// and that clients of 0.9.9 and later can be told to make. The page may read the
// answer, unlike that of genuine servers, in which such a request throws. With
// no poll open those servers did nothing until the close timeout.
func (s *Server) forceDisconnect(w http.ResponseWriter, r *http.Request, q Request) {
	transports.Drain(r)
	if session := s.lookup(q.Session); session != nil {
		if q.Transport == "" {
			session.narrow(tellForceDisconnect)
		}
		session.end(versions.ReasonClientDisconnect, endClient)
	}
	allowOrigin(w, r)
	plain(w, r, http.StatusOK, nil, s.p.WriteTimeout)
}
