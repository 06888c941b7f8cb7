package socketio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/heirloom-io/socketio/packet"
)

// Event is an event that a client sent. It may be kept after its handlers have
// returned, to answer later.
type Event struct {
	socket *Socket
	name   string
	args   Args
	id     int64
	asked  bool
	acked  atomic.Bool
	// few is where short lists of arguments are kept.
	few [2][]byte
}

func newEvent(s *Socket, p *packet.Packet) (*Event, error) {
	ev := &Event{socket: s, name: p.Name, id: p.ID, asked: p.HasID}
	args, err := argsOf(p, ev.few[:0])
	if err != nil {
		return nil, err
	}
	ev.args = args
	return ev, nil
}

// Name returns the event's name.
func (ev *Event) Name() string { return ev.name }

// Socket returns the socket the event came to.
func (ev *Event) Socket() *Socket { return ev.socket }

// Context returns the socket's context; see [Socket.Context].
func (ev *Event) Context() context.Context { return ev.socket.Context() }

// Len returns the number of arguments.
func (ev *Event) Len() int { return ev.args.Len() }

// Args returns the arguments.
func (ev *Event) Args() Args { return ev.args }

// Decode stores an argument in the value that v points to; see [Args.Decode].
func (ev *Event) Decode(i int, v any) error {
	err := ev.args.Decode(i, v)
	var bad *ArgumentError
	if errors.As(err, &bad) {
		bad.Event = ev.name
	}
	return err
}

// Rewrite changes the name and the arguments of the event for the middlewares
// and handlers that follow. Only a middleware may call it, before it returns.
// The error is ErrReservedEvent or that of encoding the arguments.
func (ev *Event) Rewrite(name string, args ...any) error {
	p, err := eventPacket(ev.socket.ns, name, args, flags{})
	if err != nil {
		return err
	}
	changed, err := argsOf(p, nil)
	if err != nil {
		return err
	}
	ev.name, ev.args = name, changed
	return nil
}

// WantsAck reports whether the client asked for an acknowledgement.
func (ev *Event) WantsAck() bool { return ev.asked }

// Ack answers the client, with arguments as those of [Socket.Emit]. Only the first answer is sent; later ones, and those
// nobody asked for, are dropped without error. The error is ErrDisconnected for
// a socket that has ended, ErrSlow, or that of encoding the arguments, in which
// case another answer can be given.
func (ev *Event) Ack(args ...any) error {
	if !ev.asked || ev.acked.Load() {
		return nil
	}
	raw, attachments, err := packet.Marshal(args)
	if err != nil {
		return fmt.Errorf("socketio: acknowledgement: %w", err)
	}
	if !ev.acked.CompareAndSwap(false, true) {
		return nil
	}
	return ev.socket.deliver(&packet.Packet{
		Type:        packet.Ack,
		Namespace:   ev.socket.ns.name,
		ID:          ev.id,
		HasID:       true,
		Args:        raw,
		Attachments: attachments,
	})
}

// fail answers with an error that a handler returned. An error that the client
// is not told, or not in full, is returned for the socket's own handlers.
func (ev *Event) fail(err error) error {
	f, deliberate := failureOf(err)
	if !ev.asked {
		return err
	}
	if sent := ev.Ack(f); sent != nil && deliberate {
		return sent
	}
	if deliberate {
		return nil
	}
	return err
}
