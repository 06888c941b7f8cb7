package rooms

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// shardCount is the number of locks the membership of a namespace is spread
// over. It is a power of two.
const shardCount = 64

// shard holds the rooms and the members whose names fall on it. Its lock is
// held for a look-up or a change of a list, never longer, and no other lock of
// the store is ever taken under it.
type shard struct {
	mu      sync.RWMutex
	rooms   map[string]*roster
	members map[string]*entry
	all     roster // the same members, as a list to walk
}

// shards is a table of shards that come into being with their first content:
// there is one table for each namespace, and most namespaces of a dynamic kind
// hold a handful of members.
type shards struct {
	seed  maphash.Seed
	table [shardCount]atomic.Pointer[shard]
}

// of returns the shard of a name, made if there is none.
func (s *shards) of(name string) *shard {
	at := &s.table[s.place(name)]
	if sh := at.Load(); sh != nil {
		return sh
	}
	at.CompareAndSwap(nil, &shard{})
	return at.Load()
}

// peek returns the shard of a name, or nil if nothing has ever been in it.
func (s *shards) peek(name string) *shard {
	return s.table[s.place(name)].Load()
}

func (s *shards) place(name string) uint64 {
	return maphash.String(s.seed, name) & (shardCount - 1)
}

// member returns the entry of an id, or nil.
func (s *shards) member(id string) *entry {
	sh := s.peek(id)
	if sh == nil {
		return nil
	}
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.members[id]
}

// room returns the members of a room at this moment.
func (s *shards) room(name string) []*entry {
	sh := s.peek(name)
	if sh == nil {
		return nil
	}
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	r := sh.rooms[name]
	if r == nil {
		return nil
	}
	return r.view()
}

// everybody returns the members of the shard at this moment.
func (sh *shard) everybody() []*entry {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.all.view()
}

// join adds a member to a room and reports whether that made the room.
func (sh *shard) join(room string, e *entry, closed *atomic.Bool) (created, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if closed.Load() {
		return false, false
	}
	r := sh.rooms[room]
	if r == nil {
		if sh.rooms == nil {
			sh.rooms = make(map[string]*roster)
		}
		r, created = &roster{}, true
		sh.rooms[room] = r
	}
	r.add(e)
	return created, true
}

// leave takes a member out of a room and reports whether that emptied the room.
func (sh *shard) leave(room string, e *entry) (deleted bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	r := sh.rooms[room]
	if r == nil {
		return false
	}
	r.remove(e)
	if len(r.list) > 0 {
		return false
	}
	delete(sh.rooms, room)
	return true
}

// enter returns the entry of a member, made if it has none; nil once the store
// is closed.
func (sh *shard) enter(m Member, id string, closed *atomic.Bool) *entry {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if closed.Load() {
		return nil
	}
	if e := sh.members[id]; e != nil {
		return e
	}
	e := &entry{id: id, member: m}
	if sh.members == nil {
		sh.members = make(map[string]*entry)
	}
	sh.members[id] = e
	sh.all.add(e)
	return e
}

// forget removes an entry that enter has made.
func (sh *shard) forget(e *entry) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.members[e.id] == e {
		delete(sh.members, e.id)
		sh.all.remove(e)
	}
}

// clear drops everything.
func (sh *shard) clear() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.rooms, sh.members = nil, nil
	sh.all = roster{}
}
