package rooms

import (
	"context"

	"github.com/heirloom-io/socketio/packet"
)

// Member is one socket of a namespace as the store sees it.
type Member interface {
	// ID is unique in the namespace.
	ID() string
	// Deliver queues a packet and never blocks.
	Deliver(*packet.Prepared) error
}

// Target selects members of a namespace.
type Target struct {
	// Rooms are united: a member of any of them is meant, once. Without rooms
	// everybody in the namespace is.
	Rooms []string
	// Except leaves out the members of these rooms. A member's own id is a room
	// too, so ids may stand here.
	Except []string
	// Skip leaves out the member of this id, whatever rooms it is in: the
	// sender of a broadcast. Empty for nobody.
	Skip string
	// Local keeps a cluster adapter from asking or telling other nodes.
	Local bool
}

// Adapter keeps the rooms of one namespace. Its shape follows Socket.IO's own
// adapters, so that one that speaks to other nodes can stand in for [Store].
// All methods may be called concurrently.
type Adapter interface {
	// Add puts a member into rooms; rooms it is already in are skipped. With no
	// room the member is known to the namespace only.
	Add(m Member, rooms ...string)
	// Remove takes a member out of rooms.
	Remove(id string, rooms ...string)
	// RemoveAll takes a member out of every room and forgets it.
	RemoveAll(id string)
	// Broadcast delivers a packet to every member that a target selects, once
	// each. A member that cannot take it does not keep others from it.
	Broadcast(p *packet.Prepared, t Target) error
	// Sockets returns the ids of the members that a target selects, those of
	// other nodes included unless the target is local.
	Sockets(ctx context.Context, t Target) ([]string, error)
	// SocketRooms returns the rooms of a member of this node, nil if there is no
	// such member.
	SocketRooms(id string) []string
	// Rooms returns the rooms of this node that have members.
	Rooms() []string
	// RoomSize returns the number of members of a room on this node.
	RoomSize(room string) int
	// Observe makes the adapter tell o about every change of its node's rooms
	// from then on, beside those it tells already.
	Observe(o Observer)
	// Close releases what the adapter holds. It does not touch members.
	Close() error

	Cluster
}
