package socketio

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
	"github.com/heirloom-io/socketio/versions"
)

// Operator says to whom events go and how. It is a value that never changes:
// every method returns another one, nothing is left behind for the next emit,
// and one operator can be kept and used by several goroutines at once.
//
// It comes from a [Namespace], and then means all of it until rooms are named,
// from a [ParentNamespace], and then means all its namespaces, or from a [Socket],
// and then never means that socket itself, except for
// [Socket.Volatile] and [Socket.Compress], which mean it alone until
// [Operator.To] or [Operator.Broadcast] widens them.
type Operator struct {
	ns *Namespace
	// parent is set in place of ns where every namespace made from it is meant.
	parent *ParentNamespace
	// sender is the socket that the operator comes from, or nil. It alone is
	// meant if self is set, otherwise everyone but it.
	sender *Socket
	self   bool

	rooms  []string
	except []string
	flags  flags
}

type flags struct {
	local, volatile, noCompress bool
}

// To adds rooms. The members of all rooms named so far are meant, once each.
func (o Operator) To(rooms ...string) Operator {
	o.self = false
	o.rooms = append(slices.Clip(o.rooms), rooms...)
	return o
}

// In is another name for [Operator.To].
func (o Operator) In(rooms ...string) Operator { return o.To(rooms...) }

// Except leaves out the members of rooms. The id of a socket is a room too.
func (o Operator) Except(rooms ...string) Operator {
	o.self = false
	o.except = append(slices.Clip(o.except), rooms...)
	return o
}

// Broadcast widens an operator that means a socket alone to everyone in its
// namespace but that socket. On others it has no effect.
func (o Operator) Broadcast() Operator {
	o.self = false
	return o
}

// Local keeps the event from the other nodes of a cluster. Since 1.7.
func (o Operator) Local() Operator {
	o.flags.local = true
	return o
}

// Volatile drops the event for clients that are not ready to take it at that
// moment: a WebSocket that is still writing, a polling client between polls.
func (o Operator) Volatile() Operator {
	o.flags.volatile = true
	return o
}

// Compress asks for compression or not; by default it is asked for. Since 1.4.
func (o Operator) Compress(compress bool) Operator {
	o.flags.noCompress = !compress
	return o
}

// Emit sends an event. Arguments become JSON as by encoding/json; a []byte
// anywhere in them travels as binary, is not copied, and must not be changed
// afterwards. A slice that is nil is sent as [], a []byte that is nil as null.
//
// It does not wait for any client. The error is ErrReservedEvent, that of
// encoding the arguments, or that of the adapter; clients that cannot take the
// event are no error. A func as last argument is ErrAckOnBroadcast, unless the
// operator means one socket alone; see [Socket.Emit]. Everyone's acknowledgement
// is what [Operator.EmitWithAcks] waits for.
func (o Operator) Emit(event string, args ...any) error {
	if o.self {
		return o.sender.emit(event, args, o.flags)
	}
	if callbackOf(args) != nil {
		return ErrAckOnBroadcast
	}
	if o.parent != nil {
		return o.each(func(o Operator) error { return o.Emit(event, args...) })
	}
	p, err := eventPacket(o.ns, event, args, o.flags)
	if err != nil {
		return err
	}
	t := o.target()
	if err := o.ns.record(p, t); err != nil {
		return err
	}
	defer o.ns.sent(p)
	if err := o.ns.adapter.Broadcast(packet.Prepare(p), t); err != nil {
		return fmt.Errorf("socketio: broadcast: %w", err)
	}
	return nil
}

// Send emits the event "message".
func (o Operator) Send(args ...any) error { return o.Emit(eventMessage, args...) }

// EmitWithAck is [Socket.EmitWithAck] with the operator's flags. It returns
// ErrAckOnBroadcast unless the operator means one socket alone; of all others
// [Operator.EmitWithAcks] asks.
func (o Operator) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	if !o.self {
		return Args{}, ErrAckOnBroadcast
	}
	return o.sender.ask(ctx, event, args, o.flags)
}

// Clients returns the ids of the sockets the operator means, those of other
// nodes of a cluster included unless it is local.
func (o Operator) Clients(ctx context.Context) ([]string, error) {
	if o.self {
		return []string{o.sender.id}, nil
	}
	all := []string{}
	err := o.act("clients", func(o Operator) error {
		ids, err := o.ns.adapter.Sockets(ctx, o.target())
		all = append(all, ids...)
		return err
	})
	return all, err
}

func (o Operator) target() rooms.Target {
	t := rooms.Target{Rooms: o.rooms, Except: o.except, Local: o.flags.local}
	if o.sender != nil {
		t.Skip = o.sender.id
	}
	return t
}

// callbackOf returns the func that ends the arguments, or nil.
func callbackOf(args []any) any {
	if len(args) == 0 {
		return nil
	}
	last := args[len(args)-1]
	if t := reflect.TypeOf(last); t == nil || t.Kind() != reflect.Func {
		return nil
	}
	return last
}

func eventPacket(ns *Namespace, event string, args []any, f flags) (*packet.Packet, error) {
	if isReserved(event) {
		return nil, ErrReservedEvent
	}
	raw, attachments, err := packet.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("socketio: emit: %w", err)
	}
	return &packet.Packet{
		Type:        packet.Event,
		Namespace:   ns.name,
		Name:        event,
		Args:        raw,
		Attachments: attachments,
		Volatile:    f.volatile,
		NoCompress:  f.noCompress,
	}, nil
}

// delivered turns the errors of a connection into those of this package.
func delivered(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, versions.ErrClosed):
		return ErrDisconnected
	case errors.Is(err, ErrSlow), errors.Is(err, ErrDropped):
		return err
	}
	return fmt.Errorf("socketio: emit: %w", err)
}
