package rooms

import "sync/atomic"

// entry is one member as the store keeps it: the identity that rosters and
// skip sets compare.
type entry struct {
	id     string
	member Member
	record
}

// rosterScan is the size up to which a roster is searched by walking it. Most
// rooms hold one member, the room of a client's own id, and need no index.
const rosterScan = 16

// roster is the list of the members of one room, or of one shard of the
// namespace. Its shard's lock guards it.
//
// The list is its own snapshot. What view has returned is never written again:
// additions go behind its end, and the first removal after a view copies. So a
// broadcast that finds no change allocates nothing, and a room costs at most
// one copy for each broadcast however many members leave between two of them.
type roster struct {
	list []*entry
	// index holds the places in list, nil while a walk is cheap enough.
	index map[*entry]int
	// viewed is set when someone may still read list as it is. It is atomic
	// because readers set it under the shared lock.
	viewed atomic.Bool
}

// view returns the members at this moment. The caller holds the shard's lock,
// shared at least, and may keep the result afterwards but not change it.
func (r *roster) view() []*entry {
	if !r.viewed.Load() {
		r.viewed.Store(true)
	}
	return r.list
}

// add appends a member that is not in the roster yet.
func (r *roster) add(e *entry) {
	if r.index != nil {
		r.index[e] = len(r.list)
	}
	r.list = append(r.list, e)
	if r.index == nil && len(r.list) > rosterScan {
		r.index = make(map[*entry]int, 2*len(r.list))
		for i, e := range r.list {
			r.index[e] = i
		}
	}
}

// remove takes a member out; the last one moves to its place.
func (r *roster) remove(e *entry) {
	at := r.find(e)
	if at < 0 {
		return
	}
	if r.viewed.Load() {
		r.list = append(make([]*entry, 0, len(r.list)), r.list...)
		r.viewed.Store(false)
	}
	last := len(r.list) - 1
	moved := r.list[last]
	r.list[at], r.list[last] = moved, nil
	r.list = r.list[:last]
	switch {
	case r.index == nil:
	case last <= rosterScan/2:
		r.index = nil
	default:
		r.index[moved] = at
		delete(r.index, e)
	}
}

func (r *roster) find(e *entry) int {
	if r.index != nil {
		if at, ok := r.index[e]; ok {
			return at
		}
		return -1
	}
	for i, have := range r.list {
		if have == e {
			return i
		}
	}
	return -1
}
