package socketio

import (
	"context"
	"errors"
	"fmt"

	"github.com/heirloom-io/socketio/packet"
)

// maxPendingAcks bounds the acknowledgements one socket may owe. A client that
// never answers would otherwise let them grow as long as it stays.
const maxPendingAcks = 16_384

var errCallbackAndWait = errors.New("socketio: emit: a callback beside waiting for the acknowledgement")

// pendingAck is an acknowledgement the client owes: one that somebody waits for,
// one of those of a broadcast, or one for a callback.
type pendingAck struct {
	// wait has room for the answer, and is closed instead when none can come.
	wait chan *packet.Packet
	// tell takes the answer to a broadcast with the socket's id, or nil when none
	// can come.
	tell  func(id string, answer *packet.Packet)
	fn    any
	shape *shape
}

// cancel says that no answer will come. Callbacks never hear of it, as in
// Socket.IO.
func (a pendingAck) cancel(id string) {
	switch {
	case a.wait != nil:
		close(a.wait)
	case a.tell != nil:
		a.tell(id, nil)
	}
}

// request sends an event that asks for an acknowledgement, and returns its id.
func (s *Socket) request(event string, args []any, f flags, a pendingAck) (int64, error) {
	if !s.client.conn.Can(packet.FeatureAcks) {
		return 0, ErrAcksUnsupported
	}
	p, err := eventPacket(s.ns, event, args, f)
	if err != nil {
		return 0, err
	}
	p.ID, p.HasID = s.ns.acks.Add(1)-1, true
	if err := s.expect(p.ID, a); err != nil {
		return 0, err
	}
	s.tellOutgoing(p)
	if err := s.deliver(p); err != nil {
		s.withdraw(p.ID)
		return 0, err
	}
	return p.ID, nil
}

// ask sends an event and waits for its acknowledgement.
func (s *Socket) ask(ctx context.Context, event string, args []any, f flags) (Args, error) {
	if callbackOf(args) != nil {
		return Args{}, errCallbackAndWait
	}
	if err := context.Cause(ctx); err != nil {
		return Args{}, fmt.Errorf("socketio: acknowledgement: %w", err)
	}
	wait := make(chan *packet.Packet, 1)
	id, err := s.request(event, args, f, pendingAck{wait: wait})
	if err != nil {
		return Args{}, err
	}
	select {
	case p, ok := <-wait:
		if !ok {
			return Args{}, s.gone()
		}
		return argsOf(p, nil)
	case <-ctx.Done():
		s.withdraw(id)
		return Args{}, fmt.Errorf("socketio: acknowledgement: %w", context.Cause(ctx))
	}
}

func (s *Socket) expect(id int64, a pendingAck) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending != nil {
		return s.ending
	}
	r := s.rareLocked()
	if len(r.acks) >= maxPendingAcks {
		return ErrTooManyAcks
	}
	if r.acks == nil {
		r.acks = make(map[int64]pendingAck)
	}
	r.acks[id] = a
	return nil
}

// withdraw takes what waits for an id, which is then answered no more.
func (s *Socket) withdraw(id int64) (pendingAck, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return pendingAck{}, false
	}
	a, ok := s.rare.acks[id]
	delete(s.rare.acks, id)
	return a, ok
}

// answer hands an acknowledgement to whoever waits for it, and reports whether
// that was all there was to do. It runs no code of the application's and so may
// be called ahead of the handlers that are due. Unknown ids are ignored.
func (s *Socket) answer(p *packet.Packet) bool {
	a, ok := s.awaited(p)
	switch {
	case !ok:
	case a.wait != nil:
		a.wait <- p // has room: the first answer alone finds its way here
	case a.tell != nil:
		a.tell(s.id, p)
	default:
		return false
	}
	return true
}

// awaited returns what waits for an acknowledgement. It is taken from the list,
// unless it is a callback, whose turn comes later.
func (s *Socket) awaited(p *packet.Packet) (pendingAck, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil || !p.HasID {
		return pendingAck{}, false
	}
	a, ok := s.rare.acks[p.ID]
	if ok && (a.wait != nil || a.tell != nil) {
		delete(s.rare.acks, p.ID)
	}
	return a, ok
}

// callBack runs the callback that waits for an acknowledgement, if there still
// is one.
func (s *Socket) callBack(p *packet.Packet) {
	a, ok := s.withdraw(p.ID)
	if !ok || a.shape == nil {
		return
	}
	ev, err := newEvent(s, p)
	if err != nil {
		s.report(err)
		return
	}
	ev.asked = false // an answer is not answered
	if err := s.invoke(&listener{fn: a.fn, shape: a.shape}, ev); err != nil {
		s.report(err)
	}
}
