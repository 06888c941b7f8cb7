package rooms

import "sync"

const (
	// skipFew is the number of members a skip set holds without a map. To
	// leave out the sender, or to unite the rooms of a few ids, stays below it.
	skipFew = 8
	// skipKeep is the size up to which a map goes back to the pool: clearing a
	// larger one costs more than it saves.
	skipKeep = 1 << 14
)

var skipMaps = sync.Pool{New: func() any { return make(map[*entry]struct{}) }}

// skip is the set of members that a broadcast leaves out because they are
// excepted or have been served. The zero value is empty and lives on the stack.
type skip struct {
	few  [skipFew]*entry
	n    int
	many map[*entry]struct{}
}

func (s *skip) empty() bool {
	return s.n == 0 && s.many == nil
}

func (s *skip) has(e *entry) bool {
	if s.many != nil {
		_, in := s.many[e]
		return in
	}
	for _, have := range s.few[:s.n] {
		if have == e {
			return true
		}
	}
	return false
}

// add reports whether the member is new to the set.
func (s *skip) add(e *entry) bool {
	if s.has(e) {
		return false
	}
	switch {
	case s.many != nil:
		s.many[e] = struct{}{}
	case s.n < skipFew:
		s.few[s.n] = e
		s.n++
	default:
		s.many = skipMaps.Get().(map[*entry]struct{})
		for _, have := range s.few {
			s.many[have] = struct{}{}
		}
		s.many[e] = struct{}{}
	}
	return true
}

// release ends the use of the set.
func (s *skip) release() {
	if s.many == nil || len(s.many) > skipKeep {
		return
	}
	clear(s.many)
	skipMaps.Put(s.many)
}
