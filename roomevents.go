package socketio

import "github.com/heirloom-io/socketio/rooms"

// RoomHooks are called when the rooms of a namespace change, on this node. Those
// that are nil are left out. They run on the goroutine that made the change, after
// it, with no lock held, and for several changes at once if several goroutines
// make them; the changes of one call come in order. The room of a socket's own id
// is a room like all others, but a client that comes into it is told of its socket
// only when the hooks have returned, and what they send to it follows that: they must
// not wait for its answer.
type RoomHooks struct {
	// Create: a room has got its first member, who is told next. Since 3.1.
	Create func(room string)
	// Join: the socket of that id is in the room. Since 3.1.
	Join func(room, id string)
	// Leave: the socket of that id is not in the room any more. Since 3.1.
	Leave func(room, id string)
	// Delete: the last member has left the room. Since 3.1.
	Delete func(room string)
}

// OnRooms adds hooks for the changes of rooms, which correspond to the events
// create-room, join-room, leave-room and delete-room of Socket.IO's adapters. A
// panic in one of them is logged.
func (n *Namespace) OnRooms(hooks RoomHooks) {
	n.adapter.Observe(&roomObserver{n.server, hooks})
}

// OnRooms is [Namespace.OnRooms] of "/".
func (s *Server) OnRooms(hooks RoomHooks) { s.root.OnRooms(hooks) }

// roomObserver calls hooks.
type roomObserver struct {
	server *Server
	hooks  RoomHooks
}

var _ rooms.Observer = (*roomObserver)(nil)

// RoomCreated calls the hook Create.
func (o *roomObserver) RoomCreated(room string) {
	if o.hooks.Create != nil {
		o.server.guard("room hook", func() { o.hooks.Create(room) })
	}
}

// Joined calls the hook Join.
func (o *roomObserver) Joined(room, id string) {
	if o.hooks.Join != nil {
		o.server.guard("room hook", func() { o.hooks.Join(room, id) })
	}
}

// Left calls the hook Leave.
func (o *roomObserver) Left(room, id string) {
	if o.hooks.Leave != nil {
		o.server.guard("room hook", func() { o.hooks.Leave(room, id) })
	}
}

// RoomDeleted calls the hook Delete.
func (o *roomObserver) RoomDeleted(room string) {
	if o.hooks.Delete != nil {
		o.server.guard("room hook", func() { o.hooks.Delete(room) })
	}
}
