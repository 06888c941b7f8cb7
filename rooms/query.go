package rooms

import (
	"context"
	"maps"
	"slices"
)

// Sockets returns the ids of the members that a target selects, in no
// particular order, empty but never nil when there are none. It knows this
// process only, whatever the target says. The error is that of an ended
// context, or [ErrClosed].
func (s *Store) Sockets(ctx context.Context, t Target) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	ids := []string{}
	s.each(&t, func(e *entry) { ids = append(ids, e.id) })
	return ids, nil
}

// Members returns the members that a target selects, in no particular order.
func (s *Store) Members(t Target) []Member {
	var list []Member
	s.each(&t, func(e *entry) { list = append(list, e.member) })
	return list
}

// SocketRooms returns the rooms of a member in alphabetical order: nil if there
// is no such member, empty if it is in no room.
func (s *Store) SocketRooms(id string) []string {
	e := s.shards.member(id)
	if e == nil {
		return nil
	}
	e.mu.Lock()
	if e.gone {
		e.mu.Unlock()
		return nil
	}
	rooms := append([]string{}, e.rooms.list...)
	e.mu.Unlock()
	slices.Sort(rooms)
	return rooms
}

// Rooms returns the rooms that have members, in alphabetical order, empty but
// never nil when there are none.
func (s *Store) Rooms() []string {
	rooms := []string{}
	for i := range s.shards.table {
		sh := s.shards.table[i].Load()
		if sh == nil {
			continue
		}
		sh.mu.RLock()
		rooms = slices.AppendSeq(rooms, maps.Keys(sh.rooms))
		sh.mu.RUnlock()
	}
	slices.Sort(rooms)
	return rooms
}

// RoomSize returns the number of members of a room, 0 if there is no such room.
func (s *Store) RoomSize(room string) int {
	sh := s.shards.peek(room)
	if sh == nil {
		return 0
	}
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	r := sh.rooms[room]
	if r == nil {
		return 0
	}
	return len(r.list)
}
