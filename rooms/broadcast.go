package rooms

import "github.com/heirloom-io/socketio/packet"

// Broadcast delivers a packet to every member that a target selects, once each,
// on the calling goroutine. No lock is held while it delivers. Members that
// join or leave meanwhile may or may not be reached.
//
// What Member.Deliver returns is the member's own affair; the only error is
// [ErrClosed].
func (s *Store) Broadcast(p *packet.Prepared, t Target) error {
	if s.closed.Load() {
		return ErrClosed
	}
	s.each(&t, func(e *entry) { _ = e.member.Deliver(p) })
	return nil
}

// each calls f for every member that a target selects, once each.
func (s *Store) each(t *Target, f func(*entry)) {
	var seen skip
	defer seen.release()
	if t.Skip != "" {
		if e := s.shards.member(t.Skip); e != nil {
			seen.add(e)
		}
	}
	for _, room := range t.Except {
		for _, e := range s.shards.room(room) {
			seen.add(e)
		}
	}
	switch len(t.Rooms) {
	case 0:
		for i := range s.shards.table {
			if sh := s.shards.table[i].Load(); sh != nil {
				walk(sh.everybody(), &seen, f)
			}
		}
	case 1:
		walk(s.shards.room(t.Rooms[0]), &seen, f)
	default:
		for _, room := range t.Rooms {
			for _, e := range s.shards.room(room) {
				if seen.add(e) {
					f(e)
				}
			}
		}
	}
}

// walk is for lists in which nobody stands twice.
func walk(list []*entry, seen *skip, f func(*entry)) {
	if seen.empty() {
		for _, e := range list {
			f(e)
		}
		return
	}
	for _, e := range list {
		if !seen.has(e) {
			f(e)
		}
	}
}
