package v0

import (
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// lost notes that a connection or stream has come to its end, whoever ended it, in
// a generation whose clients may come back to their session. What is sent to the
// client waits for that, within the limits of the outbox. It reports false if the
// session has to end instead, or if c carries it no longer.
//
// A client whose dialect is not known yet can come back as well: it has its id.
//
// Genuine servers of 0.1 to 0.6 had a time for this, and its default was none.
func (s *session) lost(c carrier) bool {
	s.mu.Lock()
	if s.srv.resume <= 0 || s.closed || s.carrier != c {
		s.mu.Unlock()
		return false
	}
	// A successor waits until what c still fails to send is back.
	s.carrier, s.leaving, s.awaiting = nil, c, false
	c.retire()
	s.setTimerLocked(s.srv.resume)
	s.mu.Unlock()
	s.shelve(c)
	return true
}

// shelve moves what waits out of the reach of a carrier that is broken, unless
// another has taken it over already.
func (s *session) shelve(c carrier) {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.out != c.outbox() {
		return
	}
	shelf := &outbox.Outbox{}
	shelf.Init(&s.srv.p.Outbox)
	s.moveLocked(shelf, func(waiting []*packet.Frame) []*packet.Frame { return waiting })
}
