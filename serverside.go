package socketio

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/heirloom-io/socketio/packet"
)

// ServerEvent is an event that another node of a cluster sent to the namespace
// on this one. Its methods may be called from any goroutine.
type ServerEvent struct {
	ns     *Namespace
	name   string
	args   Args
	answer func(*packet.Packet) // nil if nobody asked
	acked  atomic.Bool
}

// Name returns the event's name.
func (ev *ServerEvent) Name() string { return ev.name }

// Namespace returns the namespace.
func (ev *ServerEvent) Namespace() *Namespace { return ev.ns }

// Args returns the arguments.
func (ev *ServerEvent) Args() Args { return ev.args }

// Decode stores an argument in the value that v points to; see [Args.Decode].
func (ev *ServerEvent) Decode(i int, v any) error { return ev.args.Decode(i, v) }

// WantsAck reports whether the other node asked for an acknowledgement.
func (ev *ServerEvent) WantsAck() bool { return ev.answer != nil }

// Ack answers the other node. Only the first answer is sent; later ones, and
// those nobody asked for, are dropped without error. The error is that of
// encoding the arguments, in which case another answer can be given.
func (ev *ServerEvent) Ack(args ...any) error {
	if ev.answer == nil || ev.acked.Load() {
		return nil
	}
	raw, attachments, err := packet.Marshal(args)
	if err != nil {
		return fmt.Errorf("socketio: acknowledgement: %w", err)
	}
	if ev.acked.CompareAndSwap(false, true) {
		ev.answer(&packet.Packet{
			Type: packet.Ack, Namespace: ev.ns.name, Args: raw, Attachments: attachments,
		})
	}
	return nil
}

// serverListener is a handler for the events of other nodes.
type serverListener struct {
	event string
	fn    func(*ServerEvent)
}

// OnServerSide adds a handler for the events of a name that other nodes of a
// cluster send by [Namespace.ServerSideEmit]. It is called on a goroutine of the
// adapter. Since 4.1, where it is a handler of the namespace.
func (n *Namespace) OnServerSide(event string, fn func(*ServerEvent)) {
	if isReservedForServers(event) {
		refuseHandler(event, fn, "the name is reserved")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.serverSide = append(slices.Clip(n.serverSide), serverListener{event, fn})
}

// ServerSideEmit sends an event to this namespace on every other node of the
// cluster, and to no client. Without a cluster there is nobody to get it. The
// error is ErrReservedEvent, that of encoding the arguments, or the adapter's.
// Since 4.1.
func (n *Namespace) ServerSideEmit(event string, args ...any) error {
	p, err := n.serverSidePacket(event, args)
	if err != nil {
		return err
	}
	if err := n.adapter.ServerSideEmit(p); err != nil {
		return fmt.Errorf("socketio: server side emit: %w", err)
	}
	return nil
}

// ServerSideEmitWithAck does as [Namespace.ServerSideEmit] and returns what each
// of the other nodes answered. When the context ends first, the answers there
// are are returned with its cause. Since 4.6.
func (n *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	p, err := n.serverSidePacket(event, args)
	if err != nil {
		return nil, err
	}
	packets, err := n.adapter.ServerSideEmitWithAck(ctx, p)
	answers := []Args{}
	for _, p := range packets {
		if a, bad := argsOf(p, nil); bad == nil {
			answers = append(answers, a)
		}
	}
	if err != nil {
		return answers, fmt.Errorf("socketio: server side emit: %w", err)
	}
	return answers, nil
}

func (n *Namespace) serverSidePacket(event string, args []any) (*packet.Packet, error) {
	if callbackOf(args) != nil {
		return nil, errCallbackAndWait
	}
	if isReservedForServers(event) {
		return nil, ErrReservedEvent
	}
	return eventPacket(n, event, args, flags{})
}

// ServerSide hands an event of another node to the handlers of
// [Namespace.OnServerSide], one after the other. It is for adapters. The answer,
// if one is wanted, is given by calling answer, at most once, which must not
// block; nil if none is wanted. A panic of a handler is logged.
func (n *Namespace) ServerSide(p *packet.Packet, answer func(*packet.Packet)) error {
	args, err := argsOf(p, nil)
	if err != nil {
		return err
	}
	ev := &ServerEvent{ns: n, name: p.Name, args: args, answer: answer}
	n.mu.RLock()
	listeners := n.serverSide
	n.mu.RUnlock()
	for _, l := range listeners {
		if l.event == ev.name {
			n.server.guard("server side handler", func() { l.fn(ev) })
		}
	}
	return nil
}

// ServerSideEmit is [Namespace.ServerSideEmit] of "/".
func (s *Server) ServerSideEmit(event string, args ...any) error {
	return s.root.ServerSideEmit(event, args...)
}

// ServerSideEmitWithAck is [Namespace.ServerSideEmitWithAck] of "/".
func (s *Server) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return s.root.ServerSideEmitWithAck(ctx, event, args...)
}

// OnServerSide is [Namespace.OnServerSide] of "/".
func (s *Server) OnServerSide(event string, fn func(*ServerEvent)) { s.root.OnServerSide(event, fn) }
