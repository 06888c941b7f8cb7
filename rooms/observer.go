package rooms

import "slices"

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

// WithObserver makes a store tell o about every change. Without an observer
// nobody is told, at no cost.
func WithObserver(o Observer) Option {
	return func(s *Store) { s.Observe(o) }
}

// Observe makes the store tell o about every change from now on, after the
// observers it has. Changes that are under way may be missed.
func (s *Store) Observe(o Observer) {
	for {
		old := s.observers.Load()
		var list []Observer
		if old != nil {
			list = slices.Clone(*old)
		}
		list = append(list, o)
		if s.observers.CompareAndSwap(old, &list) {
			return
		}
	}
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

// report tells the observers. It is deferred before the locks are taken, hence
// runs after they are released.
func (s *Store) report(c *changes) {
	if len(*c) == 0 {
		return
	}
	observers := *s.observers.Load() // they only ever grow in number
	for _, ch := range *c {
		for _, o := range observers {
			ch.tell(o)
		}
	}
}

func (ch *change) tell(o Observer) {
	if ch.join {
		if ch.edge {
			o.RoomCreated(ch.room)
		}
		o.Joined(ch.room, ch.id)
		return
	}
	o.Left(ch.room, ch.id)
	if ch.edge {
		o.RoomDeleted(ch.room)
	}
}
