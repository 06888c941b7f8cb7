package rooms

import (
	"context"
	"encoding/json"

	"github.com/heirloom-io/socketio/packet"
)

// Cluster is the part of an [Adapter] that acts on the members a target
// selects wherever they are: on this node, and on the others of a cluster
// unless the target is local. The methods correspond to those that adapters of
// Socket.IO have had since 4.0.
type Cluster interface {
	// AddSockets puts the members into rooms.
	AddSockets(t Target, rooms ...string) error
	// RemoveSockets takes the members out of rooms.
	RemoveSockets(t Target, rooms ...string) error
	// DisconnectSockets ends the members, with their connections if asked.
	DisconnectSockets(t Target, closeConn bool) error
	// FetchSockets describes the members, in no particular order. When the
	// context ends before every node has answered, what has come is returned
	// with the context's cause.
	FetchSockets(ctx context.Context, t Target) ([]Details, error)
	// BroadcastWithAck delivers an event that asks for an acknowledgement, as
	// Broadcast does, and waits until everyone who was asked has answered or has
	// gone. When the context ends first, what has come is returned with the
	// context's cause.
	BroadcastWithAck(ctx context.Context, p *packet.Prepared, t Target) (Answers, error)
	// ServerSideEmit hands an event to the namespace on every other node, never
	// on this one.
	ServerSideEmit(p *packet.Packet) error
	// ServerSideEmitWithAck does the same and waits for the acknowledgement of
	// each node. When the context ends first, what has come is returned with the
	// context's cause.
	ServerSideEmitWithAck(ctx context.Context, p *packet.Packet) ([]*packet.Packet, error)
}

// Subject is a member that can be acted on. Where a member is none, the store
// moves it between rooms by itself and cannot disconnect it.
type Subject interface {
	Member
	// Join and Leave change its rooms, unless its end has come.
	Join(rooms ...string)
	Leave(rooms ...string)
	// Disconnect ends it, with its connection if asked.
	Disconnect(closeConn bool)
}

// Describer is a member that can be shown to other nodes.
type Describer interface {
	// Describe returns the member's handshake and data as JSON.
	Describe() (handshake, data json.RawMessage, err error)
}

// Details describes a member.
type Details struct {
	// ID is the member's id, and Rooms are its rooms, in alphabetical order.
	ID    string
	Rooms []string
	// Member is the member itself if it is one of this node, else nil.
	Member Member
	// Handshake and Data are those of [Describer], for members of other nodes
	// only.
	Handshake, Data json.RawMessage
}

// AddSockets puts the members a target selects into rooms. The error is
// [ErrClosed].
func (s *Store) AddSockets(t Target, rooms ...string) error {
	return s.onEach(t, func(m Member) {
		if subject, ok := m.(Subject); ok {
			subject.Join(rooms...)
			return
		}
		s.Add(m, rooms...)
	})
}

// RemoveSockets takes the members a target selects out of rooms. The error is
// [ErrClosed].
func (s *Store) RemoveSockets(t Target, rooms ...string) error {
	return s.onEach(t, func(m Member) {
		if subject, ok := m.(Subject); ok {
			subject.Leave(rooms...)
			return
		}
		s.Remove(m.ID(), rooms...)
	})
}

// DisconnectSockets ends the members a target selects, as far as they are a
// [Subject]. The error is [ErrClosed].
func (s *Store) DisconnectSockets(t Target, closeConn bool) error {
	return s.onEach(t, func(m Member) {
		if subject, ok := m.(Subject); ok {
			subject.Disconnect(closeConn)
		}
	})
}

// onEach calls f for the members there are now: those that f itself brings into
// a room are not among them.
func (s *Store) onEach(t Target, f func(Member)) error {
	if s.closed.Load() {
		return ErrClosed
	}
	for _, m := range s.Members(t) {
		f(m)
	}
	return nil
}

// FetchSockets describes the members a target selects. It knows this process
// only. The error is that of an ended context, or [ErrClosed].
func (s *Store) FetchSockets(ctx context.Context, t Target) ([]Details, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	list := []Details{}
	err := s.onEach(t, func(m Member) {
		id := m.ID()
		list = append(list, Details{ID: id, Rooms: s.SocketRooms(id), Member: m})
	})
	return list, err
}

// ServerSideEmit does nothing, as there is no other node. The error is
// [ErrClosed].
func (s *Store) ServerSideEmit(*packet.Packet) error {
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}

// ServerSideEmitWithAck returns no acknowledgement, as there is no other node.
// The error is [ErrClosed].
func (s *Store) ServerSideEmitWithAck(context.Context, *packet.Packet) ([]*packet.Packet, error) {
	return nil, s.ServerSideEmit(nil)
}
