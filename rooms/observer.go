package rooms

// Observer is told how the rooms of a [Store] change. The calls correspond to
// the events create-room, join-room, leave-room and delete-room, which the
// adapters of Socket.IO have had since 3.1.
//
// The methods run on the goroutine that made the change, after it is done and
// with no lock held, so they may use the store. The changes of one call arrive
// in order; those of calls made at the same time may arrive in any order.
type Observer interface {
	// RoomCreated: the first member is about to be announced for the room.
	RoomCreated(room string)
	// Joined: the member with that id is now in the room.
	Joined(room, id string)
	// Left: the member with that id is no longer in the room.
	Left(room, id string)
	// RoomDeleted: the last member has left the room.
	RoomDeleted(room string)
}

// WithObserver makes a store tell o about every change. Without it nobody is
// told, at no cost.
func WithObserver(o Observer) Option {
	return func(s *Store) { s.observer = o }
}

// changes collects what happened while locks were held.
type changes []change

type change struct {
	room, id string
	join     bool
	edge     bool // the room was created, or deleted
}

func (c *changes) joined(room, id string, created bool) {
	*c = append(*c, change{room: room, id: id, join: true, edge: created})
}

func (c *changes) left(room, id string, deleted bool) {
	*c = append(*c, change{room: room, id: id, edge: deleted})
}

// report tells the observer. It is deferred before the locks are taken, hence
// runs after they are released.
func (s *Store) report(c *changes) {
	for _, ch := range *c {
		switch {
		case ch.join:
			if ch.edge {
				s.observer.RoomCreated(ch.room)
			}
			s.observer.Joined(ch.room, ch.id)
		default:
			s.observer.Left(ch.room, ch.id)
			if ch.edge {
				s.observer.RoomDeleted(ch.room)
			}
		}
	}
}
