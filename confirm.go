package socketio

import "github.com/heirloom-io/socketio/packet"

// A client that has been told of its socket may tell others, and what they send to
// it has to find it. So the socket is in its rooms before the confirmation leaves;
// and what comes for it in that moment is put off, as nothing may overtake the
// confirmation.

// appear makes the socket one that can be found, by its id and in rooms. From now
// on everything for it waits for unpark.
func (s *Socket) appear(rooms ...string) {
	s.stage.Store(stateConfirming)
	s.ns.add(s)
	s.ns.adapter.Add((*member)(s), rooms...)
}

// confirming reports whether something may have to be parked. It spares those on hot
// paths the making of a func.
func (s *Socket) confirming() bool { return s.state() == stateConfirming }

// putOff puts off what sends a packet, until the confirmation has left, and reports
// whether it has to. A volatile one is dropped, as its client is not ready.
func (s *Socket) putOff(p *packet.Packet, fn func()) (done bool, err error) {
	switch {
	case !s.confirming():
		return false, nil
	case p.Volatile:
		return true, ErrDropped
	}
	return s.park(sizeOf(p), fn), nil
}

// park puts off what has to follow the confirmation, and reports whether it has to.
// The size is that of the packet it holds, in bytes, 0 if it holds none. A client for
// which more comes in that moment than it could be sent is given up.
func (s *Socket) park(size int, fn func()) bool {
	config := &s.server().config
	s.mu.Lock()
	if !s.confirming() {
		s.mu.Unlock()
		return false
	}
	r := s.rareLocked()
	full := len(r.parked) >= config.MaxOutboxPackets ||
		len(r.parked) > 0 && r.parkedBytes+size > config.MaxOutboxBytes
	if !full {
		r.parked = append(r.parked, fn)
		r.parkedBytes += size
	}
	s.mu.Unlock()
	if full {
		s.client.close(ReasonSlowConsumer)
	}
	return true
}

// unpark opens the socket, unless its end is among what was put off, and does that
// first, in order. What comes meanwhile is behind it.
func (s *Socket) unpark() {
	for {
		s.mu.Lock()
		var due []func()
		if s.rare != nil {
			due, s.rare.parked, s.rare.parkedBytes = s.rare.parked, nil, 0
		}
		if len(due) == 0 {
			s.stage.CompareAndSwap(stateConfirming, stateOpen)
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		for _, fn := range due {
			fn()
		}
	}
}
