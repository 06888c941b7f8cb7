package socketio

import (
	"context"
	"errors"

	"github.com/heirloom-io/socketio/packet"
)

// To returns an operator that emits to the members of rooms, once to each, but
// not to this socket.
func (s *Socket) To(rooms ...string) Operator { return s.Broadcast().To(rooms...) }

// In is another name for [Socket.To].
func (s *Socket) In(rooms ...string) Operator { return s.To(rooms...) }

// Except returns an operator that emits to everyone in the namespace but the
// members of rooms and this socket.
func (s *Socket) Except(rooms ...string) Operator { return s.Broadcast().Except(rooms...) }

// Broadcast returns an operator that emits to everyone in the namespace but this
// socket.
func (s *Socket) Broadcast() Operator { return Operator{ns: s.ns, sender: s} }

// Local returns the operator of [Socket.Broadcast] for this node of a cluster.
func (s *Socket) Local() Operator { return s.Broadcast().Local() }

// Volatile returns an operator that emits to this socket, unless it is widened,
// and whose events are dropped if a client is not ready to take them.
func (s *Socket) Volatile() Operator { return s.alone().Volatile() }

// Compress returns an operator that emits to this socket, unless it is widened,
// and asks for compression or not.
func (s *Socket) Compress(compress bool) Operator { return s.alone().Compress(compress) }

func (s *Socket) alone() Operator { return Operator{ns: s.ns, sender: s, self: true} }

// Emit sends an event to the client. Arguments become JSON as by encoding/json;
// a []byte anywhere in them travels as binary, is not copied, and must not be
// changed afterwards. A slice that is nil is sent as [], so that clients need not
// ask which of the two an empty list is; only a []byte that is nil is null, as
// it stands for a binary value that is not there.
//
// A func as last argument asks for an acknowledgement: it is called with the
// answer, once, with parameters as those of a handler, in turn with the client's
// other handlers. It is never called if no answer comes before the socket ends;
// [Socket.EmitWithAck] waits and has a limit.
//
// Emit does not wait for the client. The error is ErrReservedEvent,
// ErrDisconnected, ErrSlow, ErrAcksUnsupported, ErrTooManyAcks, a *HandlerError
// for a func of the wrong form, or that of encoding the arguments.
func (s *Socket) Emit(event string, args ...any) error { return s.emit(event, args, flags{}) }

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return s.Emit(eventMessage, args...) }

// EmitWithAck sends an event and waits for the client's answer. It ends with the
// context's cause if that is first; set a time limit there. When the socket ends
// the error is ErrDisconnected, and ErrAcksUnsupported at once for a client
// whose release knows no acknowledgements. Otherwise the errors are those of
// [Socket.Emit].
//
// It may be called by a handler: answers do not queue behind the handler at
// work, unless the client's inbox is full.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	return s.ask(ctx, event, args, flags{})
}

func (s *Socket) emit(event string, args []any, f flags) error {
	callback := callbackOf(args)
	if callback == nil {
		p, err := eventPacket(s.ns, event, args, f)
		if err != nil {
			return err
		}
		s.tellOutgoing(p)
		if err := s.deliver(p); err != nil && !errors.Is(err, ErrDropped) {
			return err
		}
		return nil
	}
	shape, err := shapeOf(event, callback)
	if err != nil {
		return err
	}
	if problem := shape.unfitCallback(); problem != "" {
		return &HandlerError{Event: event, Type: shape.name(), Problem: problem}
	}
	_, err = s.request(event, args[:len(args)-1], f, pendingAck{fn: callback, shape: shape})
	if errors.Is(err, ErrDropped) {
		// As in Socket.IO, the answer to a dropped event just never comes.
		return nil
	}
	return err
}

// deliver queues a packet for the client of a socket that is connected or about
// to be.
func (s *Socket) deliver(p *packet.Packet) error {
	if s.session != nil && p.Type == packet.Event && !p.HasID {
		return s.emitRecorded(p)
	}
	return s.deliverDirect(packet.Prepare(p))
}

func (s *Socket) deliverDirect(p *packet.Prepared) error {
	if s.confirming() {
		if done, err := s.putOff(p.Packet(), func() { _ = s.queue(p) }); done {
			return err
		}
	}
	return s.queue(p)
}

func (s *Socket) queue(p *packet.Prepared) error {
	if s.state() > stateOpen {
		return s.gone()
	}
	err := delivered(s.client.conn.Deliver(p))
	if errors.Is(err, ErrDisconnected) {
		return s.gone()
	}
	return err
}

// gone returns the error for a socket that has ended, with the reason if that
// is known.
func (s *Socket) gone() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending != nil {
		return s.ending
	}
	return ErrDisconnected
}
