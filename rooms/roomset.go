package rooms

import "slices"

// roomSetScan is the number of rooms up to which a set is a list to walk: most
// members are in one or a few, and a map costs more than all of their names.
const roomSetScan = 16

// roomSet is the set of the rooms of one member.
type roomSet struct {
	list []string
	// index holds the places in list, nil while a walk is cheap enough.
	index map[string]int
}

func (s *roomSet) find(room string) int {
	if s.index == nil {
		return slices.Index(s.list, room)
	}
	if at, ok := s.index[room]; ok {
		return at
	}
	return -1
}

func (s *roomSet) has(room string) bool { return s.find(room) >= 0 }

// add adds a room that is not in the set.
func (s *roomSet) add(room string) {
	if s.index != nil {
		s.index[room] = len(s.list)
	}
	s.list = append(s.list, room)
	if s.index == nil && len(s.list) > roomSetScan {
		s.index = make(map[string]int, 2*len(s.list))
		for i, r := range s.list {
			s.index[r] = i
		}
	}
}

// remove takes a room out; the last one moves to its place.
func (s *roomSet) remove(room string) {
	at := s.find(room)
	if at < 0 {
		return
	}
	last := len(s.list) - 1
	moved := s.list[last]
	s.list[at], s.list[last] = moved, ""
	s.list = s.list[:last]
	if s.index != nil {
		s.index[moved] = at
		delete(s.index, room)
	}
}
