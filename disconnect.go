package socketio

import (
	"context"

	"github.com/heirloom-io/socketio/packet"
)

// The names under which the listeners of the life-cycle are kept.
const (
	eventDisconnecting = "disconnecting"
	eventDisconnect    = "disconnect"
	eventError         = "error"
	eventMessage       = "message"
)

// OnDisconnecting adds a handler for the end of the socket that runs while it is
// still in its rooms. Since 1.5.
func (s *Socket) OnDisconnecting(fn func(Reason)) { s.listen(eventDisconnecting, listener{fn: fn}) }

// OnDisconnect adds a handler for the end of the socket that runs when it has
// left its rooms and its namespace. It runs once, on every kind of end, after
// the handlers of whatever the client sent before.
func (s *Socket) OnDisconnect(fn func(Reason)) { s.listen(eventDisconnect, listener{fn: fn}) }

// OnError adds a handler for what goes wrong with the socket without ending it:
// an *ArgumentError when a client's arguments do not fit a handler, a
// *PanicError, an error a handler returned and no client is told, a
// *ClientError that the client reported, or the error of its protocol right
// before the connection is closed for it.
func (s *Socket) OnError(fn func(error)) { s.listen(eventError, listener{fn: fn}) }

// Disconnect takes the socket out of its namespace and tells the client. With
// closeConn it does so in every namespace the client is in, and then closes the
// connection. The socket is not connected any more when it returns; the
// handlers for its end run when those at work have returned, with
// [ReasonServerDisconnect]. What the client has sent and nobody has handled by
// then is dropped.
//
// A socket that is not connected, as in a middleware, is left as it is.
func (s *Socket) Disconnect(closeConn bool) {
	if !closeConn {
		s.leave()
		return
	}
	if !s.park(0, func() { s.hangUp(stateConfirming) }) {
		s.hangUp(stateOpen)
	}
}

// hangUp ends every socket of the client of a connected one, and its connection.
func (s *Socket) hangUp(from int32) {
	if s.ended() || s.state() != from {
		return
	}
	for _, other := range s.client.snapshot() {
		if other == s {
			s.part(from)
		} else {
			other.leave()
		}
	}
	s.client.close(ReasonServerDisconnect)
}

// leave ends one connected socket by the application's will.
func (s *Socket) leave() {
	if !s.park(0, func() { s.part(stateConfirming) }) {
		s.part(stateOpen)
	}
}

// part ends a socket that is at that stage.
func (s *Socket) part(from int32) {
	if s.ended() || !s.stage.CompareAndSwap(from, stateLeaving) {
		return
	}
	// First, as a client that is told may close its connection at once.
	s.abandon(ReasonServerDisconnect)
	_ = s.client.conn.Deliver(packet.Prepare(&packet.Packet{
		Type:      packet.Disconnect,
		Namespace: s.ns.name,
	}))
	s.client.push(s.finish)
}

// ended reports whether the end of the socket is known.
func (s *Socket) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending != nil
}

// abandon ends at once what waits for the socket: its context, and the
// acknowledgements it owes. Only the first call counts. The handlers for the
// end are left to finish, which waits its turn.
func (s *Socket) abandon(reason Reason) {
	ending := &DisconnectError{Reason: reason}
	s.mu.Lock()
	if s.ending != nil {
		s.mu.Unlock()
		return
	}
	s.ending = ending
	var acks map[int64]pendingAck
	var cancel context.CancelCauseFunc
	if r := s.rare; r != nil {
		acks, r.acks = r.acks, nil
		cancel = r.cancel
	}
	s.mu.Unlock()
	for _, a := range acks {
		a.cancel(s.id)
	}
	if cancel != nil {
		cancel(ending)
	}
}

// finish runs the handlers for the end of a connected socket and takes it out of
// everything, once. It has been abandoned before, and for that reason it ends.
// The dispatcher calls it.
func (s *Socket) finish() {
	switch s.state() {
	case stateConnecting, stateGone:
		return
	}
	s.mu.Lock()
	reason := s.ending.Reason
	s.mu.Unlock()
	// Deferred, as a handler may end its goroutine.
	defer s.finale(eventDisconnect, reason)
	defer s.depart(recoverable(reason))
	s.finale(eventDisconnecting, reason)
}

// depart takes the socket out of everything. A client that comes back to the
// namespace is not admitted before that has been done. Its session is kept if asked.
func (s *Socket) depart(keep bool) {
	s.vacate()
	s.ns.remove(s)
	s.client.remove(s)
	s.settle(keep)
	s.ns.release()
}

func (s *Socket) finale(event string, reason Reason) {
	each(s.matching(nil, event), func(l listener) {
		if fn, ok := l.fn.(func(Reason)); ok {
			s.guard(func() { fn(reason) })
		}
	})
}
