package engine

import (
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

var (
	pingFrame = &packet.Frame{Data: []byte{'0' + byte(PacketPing)}}
	pongFrame = &packet.Frame{Data: []byte{'0' + byte(PacketPong)}}
)

// patience is how long a client may be silent.
func (s *Session) patience() time.Duration {
	return s.profile.PingInterval + s.profile.PingTimeout
}

func (s *Session) startHeartbeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.profile.Revision.Heartbeat == ServerPings {
		s.timer = time.AfterFunc(s.profile.PingInterval, s.askOrGiveUp)
		return
	}
	s.timer = time.AfterFunc(s.patience(), s.watch)
}

// watch runs when the client may have been silent for too long. Packets only
// note their time; the timer is moved here, once for each period.
func (s *Session) watch() {
	// While a packet of the client is being handled the next one cannot be
	// read: that is our silence, not the client's.
	rest := s.patience() - s.silence()
	if rest <= 0 && s.receiving.Load() {
		rest = s.profile.PingTimeout
	}
	if rest > 0 {
		s.again(rest)
		return
	}
	s.end(versions.ReasonPingTimeout, endNow)
}

// silence is the time since the last packet of the client, or since the last
// handling of one.
func (s *Session) silence() time.Duration {
	return s.srv.now() - time.Duration(s.lastSeen.Load())
}

// again sets the heartbeat timer, unless the session has ended.
func (s *Session) again(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.timer.Reset(d)
	}
}

// askOrGiveUp runs for revisions in which the server asks.
func (s *Session) askOrGiveUp() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	if s.awaiting && !s.receiving.Load() {
		if rest := s.profile.PingTimeout - s.silence(); rest > 0 {
			s.timer.Reset(rest)
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		s.end(versions.ReasonPingTimeout, endNow)
		return
	}
	s.awaiting = true
	s.timer.Reset(s.profile.PingTimeout)
	s.mu.Unlock()
	s.control(pingFrame)
}

func (s *Session) pinged() {
	if s.profile.Revision.Heartbeat == ServerPings {
		// A ping in the wrong direction.
		s.end(versions.ReasonTransportError, endNow)
		return
	}
	s.control(pongFrame)
}

func (s *Session) ponged() {
	if s.profile.Revision.Heartbeat != ServerPings {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.awaiting {
		s.awaiting = false
		s.timer.Reset(s.profile.PingInterval)
	}
}

// control queues a packet of the transport protocol.
func (s *Session) control(f *packet.Frame) {
	if err := s.out.PutControl(f); err != nil && !s.ended() {
		s.end(versions.ReasonSlowConsumer, endNow)
	}
}
