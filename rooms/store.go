package rooms

import (
	"errors"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrClosed is returned by the methods of a [Store] that has been closed.
var ErrClosed = errors.New("rooms: store closed")

// Store is the [Adapter] that knows the members of this process and no others.
// An empty one is small, since every namespace owns one.
//
// The store puts nobody into a room unasked: whoever adds a member names its
// own id among the rooms, as Socket.IO servers do. All methods may be called
// concurrently, also from inside Member.Deliver.
type Store struct {
	shards    shards
	observers atomic.Pointer[[]Observer] // nil while there are none
	closed    atomic.Bool
}

var _ Adapter = (*Store)(nil)

// record is the part of an entry that says where its member is. Its lock makes
// the changes of one member happen one after the other; a shard's lock may be
// taken under it, the lock of another record never.
type record struct {
	mu    sync.Mutex
	rooms roomSet
	gone  bool // set once the member has been removed; the entry is dead
}

// Option changes a new [Store].
type Option func(*Store)

// NewStore returns an empty store. It is safe to forget without Close.
func NewStore(options ...Option) *Store {
	s := &Store{shards: shards{seed: maphash.MakeSeed()}}
	for _, option := range options {
		option(s)
	}
	return s
}

// Add puts a member into rooms; rooms it is already in are skipped. A member
// that the store knows by its id keeps its entry: the first one added counts
// until RemoveAll. After Close nothing is added.
func (s *Store) Add(m Member, rooms ...string) {
	id := m.ID()
	for {
		e := s.shards.of(id).enter(m, id, &s.closed)
		// A failed join means that the member was removed in between: its entry
		// is dead and has left the shard, so the next round makes a new one.
		if e == nil || s.join(e, rooms) {
			return
		}
	}
}

func (s *Store) join(e *entry, rooms []string) bool {
	var log changes
	defer s.report(&log)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gone {
		return false
	}
	for _, room := range rooms {
		if e.rooms.has(room) {
			continue
		}
		created, ok := s.shards.of(room).join(room, e, &s.closed)
		if !ok {
			return true
		}
		e.rooms.add(room)
		if s.observers.Load() != nil {
			log.joined(room, e.id, created)
		}
	}
	return true
}

// Remove takes a member out of rooms. Rooms it is not in and ids that nobody
// has are ignored.
func (s *Store) Remove(id string, rooms ...string) {
	e := s.shards.member(id)
	if e == nil {
		return
	}
	var log changes
	defer s.report(&log)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, room := range rooms {
		if e.rooms.has(room) {
			s.leaveLocked(e, room, &log)
		}
	}
}

// RemoveAll takes a member out of every room and forgets it. A broadcast under
// way may still reach it.
func (s *Store) RemoveAll(id string) {
	e := s.shards.member(id)
	if e == nil {
		return
	}
	var log changes
	defer s.report(&log)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gone {
		return
	}
	e.gone = true
	for _, room := range slices.Clone(e.rooms.list) {
		s.leaveLocked(e, room, &log)
	}
	// Last, so that whoever finds no entry may make a new one without the old
	// one still being in a room.
	s.shards.of(id).forget(e)
}

func (s *Store) leaveLocked(e *entry, room string, log *changes) {
	e.rooms.remove(room)
	deleted := s.shards.of(room).leave(room, e)
	if s.observers.Load() != nil {
		log.left(room, e.id, deleted)
	}
}

// Close forgets all members and rooms, without telling observers. It does not
// touch the members. It never fails, and may be called again.
func (s *Store) Close() error {
	s.closed.Store(true)
	for i := range s.shards.table {
		if sh := s.shards.table[i].Load(); sh != nil {
			sh.clear()
		}
	}
	return nil
}
