package v0

import (
	"time"

	"github.com/heirloom-io/socketio/versions"
)

// One timer serves a session: for its client's first request, then as the
// carrier has it (heartbeats, or the end of a poll), between polls for the next
// one, and after the end for a client that fetches the last packets. It is set
// anew by every change, and looks at the state when it fires; a firing that has
// been overtaken by a change finds its time not come.

// setTimerLocked sets the timer, 0 for never.
func (s *session) setTimerLocked(d time.Duration) {
	switch {
	case d <= 0:
		s.due = 0
		if s.timer != nil {
			s.timer.Stop()
		}
		return
	case s.timer == nil:
		s.timer = time.AfterFunc(d, s.tick)
	default:
		s.timer.Reset(d)
	}
	s.due = s.srv.now() + d
}

// startTimerLocked sets the timer for a fresh carrier.
func (s *session) startTimerLocked() {
	switch {
	case s.carrier == nil:
		s.setTimerLocked(s.srv.p.CloseTimeout)
	case s.speaks().undecided:
		s.setTimerLocked(decisionTimeout)
	case s.carrier.kind() == kindPoll:
		s.setTimerLocked(s.srv.p.PollingDuration)
	case !s.srv.p.DisableHeartbeats:
		s.setTimerLocked(s.srv.p.HeartbeatInterval)
	case s.carrier.kind() == kindStream:
		s.setTimerLocked(s.srv.p.StreamMaxAge)
	default:
		s.setTimerLocked(0)
	}
}

// expectClient gives a handshake its time.
func (s *session) expectClient() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.transport == "" && s.receiver == nil && !s.closed {
		s.setTimerLocked(s.srv.claim)
	}
}

// tick does what is due.
func (s *session) tick() {
	s.mu.Lock()
	rest := s.due - s.srv.now()
	c := s.carrier
	switch {
	case s.due == 0:
	case rest > 0:
		s.timer.Reset(rest)
	case s.closed:
		s.mu.Unlock()
		s.forget()
		return
	case c == nil:
		s.mu.Unlock()
		s.end(versions.ReasonPingTimeout, endNow)
		return
	case c.kind() == kindPoll:
		s.due = 0
		s.mu.Unlock()
		c.finish() // answers the poll
		return
	case s.speaks().undecided:
		s.mu.Unlock()
		s.despair()
		return
	case c.worn():
		s.mu.Unlock()
		s.wear(c)
		return
	default:
		s.heartbeatLocked() // unlocks
		return
	}
	s.mu.Unlock()
}

// heartbeatLocked asks the client whether it is there, or gives it up. It
// unlocks mu.
func (s *session) heartbeatLocked() {
	switch {
	case s.srv.p.DisableHeartbeats:
		s.due = 0
	case !s.awaiting:
		s.askLocked() // unlocks
		return
	case s.receiving.Load():
		// While a packet of the client is being handled its heartbeat cannot be
		// read: that is our silence, not the client's.
		s.setTimerLocked(s.srv.p.HeartbeatTimeout)
	default:
		c := s.carrier
		s.mu.Unlock()
		if s.srv.resume > 0 {
			c.cut() // which leaves the session to the client's return, see lost
			return
		}
		s.end(versions.ReasonPingTimeout, endNow)
		return
	}
	s.mu.Unlock()
}

// askLocked sends a heartbeat. It unlocks mu.
func (s *session) askLocked() {
	d, c := s.speaks(), s.carrier
	s.beats++
	frame := d.heartbeat(s.beats)
	s.awaiting = !d.oneWay
	if s.awaiting {
		s.setTimerLocked(s.srv.p.HeartbeatTimeout)
	} else {
		s.setTimerLocked(s.srv.p.HeartbeatInterval)
	}
	s.mu.Unlock()
	if page, ok := c.(*stream); ok && d.oneWay && page.style.pulse != nil {
		page.stream.Comment(page.style.pulse)
		return
	}
	s.control(frame)
}

// echoed takes the heartbeat of a client that repeats the number of the
// server's. Only the latest counts.
func (s *session) echoed(n int) {
	s.mu.Lock()
	current := n == s.beats
	s.mu.Unlock()
	if current {
		s.beaten()
	}
}

// beaten takes a heartbeat of the client. Nothing else that it sends counts as
// one.
func (s *session) beaten() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.carrier == nil || s.carrier.kind() == kindPoll || s.srv.p.DisableHeartbeats {
		return
	}
	s.awaiting = false
	s.setTimerLocked(s.srv.p.HeartbeatInterval)
}

// wear ends a session whose stream has become too long or too old. Its client
// cannot open another one in the same session, so it is asked to begin anew.
func (s *session) wear(c carrier) {
	s.endOf(c, versions.ReasonTransportClose, endFlush, s.speaks().stranger)
}
