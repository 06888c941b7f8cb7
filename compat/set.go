package compat

import "strings"

// Set is a set of generations, one bit for each ID.
type Set uint16

// All is the set of all generations of the catalogue.
const All Set = 1<<Count - 2

// SetOf returns the set of the given generations.
func SetOf(ids ...ID) Set {
	var s Set
	for _, id := range ids {
		s |= 1 << id
	}
	return s & All
}

// Served returns the set of the generations that this release of the library
// serves.
func Served() Set {
	var s Set
	for id := range catalogue {
		if catalogue[id].Served {
			s |= 1 << id
		}
	}
	return s
}

// Has reports whether a generation is in the set.
func (s Set) Has(id ID) bool {
	return s>>id&1 != 0
}

// IDs returns the members of the set, oldest generation first.
func (s Set) IDs() []ID {
	ids := make([]ID, 0, Count)
	for id := V01; int(id) < Count; id++ {
		if s.Has(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// String returns the names of the members, separated by commas.
func (s Set) String() string {
	var b strings.Builder
	for _, id := range s.IDs() {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(id.String())
	}
	return b.String()
}
