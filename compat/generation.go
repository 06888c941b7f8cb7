package compat

import (
	"slices"

	"github.com/heirloom-io/socketio/packet"
)

// ID numbers the generations, oldest first. Values are for use within one
// process; logs, metrics and configuration use the names.
type ID uint8

// The generations. A constant is called after the package that speaks the
// dialect, with the first release where one package speaks several.
const (
	// Unknown is no generation.
	Unknown ID = iota
	// V01 is 0.1 to 0.4: messages in a JSON envelope.
	V01
	// V05 is 0.5 and 0.6: messages in ~m~ frames.
	V05
	// V07 is 0.7 to 0.9: colon packets.
	V07
	// V1 is 1.x: Engine.IO 2 and 3.
	V1
	// V2 is 2.x: Engine.IO 3.
	V2
	// V4 is 3.x and 4.x: Engine.IO 4.
	V4

	// Count is the number of IDs, Unknown included: the length of an array
	// indexed by them.
	Count = int(V4) + 1
)

// String returns the name of the generation, "unknown" for any other value.
func (id ID) String() string {
	if id == Unknown || int(id) >= Count {
		return "unknown"
	}
	return catalogue[id].Name
}

// Generation is one row of the catalogue.
type Generation struct {
	// ID is the generation's number.
	ID ID
	// Name is what logs, metrics and Info say: "0.7-0.9".
	Name string
	// Releases are the published releases of the original whose clients speak
	// the dialect, oldest first, without prereleases.
	Releases []string
	// Mark describes how the first request shows the generation.
	Mark string
	// Features are the abilities of the dialect.
	Features packet.Feature
	// Served is set if this release of the library serves the generation.
	Served bool
}

// First returns the oldest release of the generation: "0.7.0".
func (g *Generation) First() string {
	return g.Releases[0]
}

// Last returns the newest release of the generation: "0.9.19".
func (g *Generation) Last() string {
	return g.Releases[len(g.Releases)-1]
}

// Generations returns the catalogue, oldest generation first. The caller owns
// the result.
func Generations() []Generation {
	list := slices.Clone(catalogue[1:])
	for i := range list {
		list[i].Releases = slices.Clone(list[i].Releases)
	}
	return list
}

// Lookup returns a row of the catalogue; false for an ID that has none.
func Lookup(id ID) (Generation, bool) {
	if id == Unknown || int(id) >= Count {
		return Generation{}, false
	}
	g := catalogue[id]
	g.Releases = slices.Clone(g.Releases)
	return g, true
}

// ByName returns the ID of the generation with that name, Unknown if there is
// none.
func ByName(name string) ID {
	for i := 1; i < Count; i++ {
		if catalogue[i].Name == name {
			return ID(i)
		}
	}
	return Unknown
}

// Features returns the abilities of a generation, none for Unknown.
func (id ID) Features() packet.Feature {
	if int(id) >= Count {
		return 0
	}
	return catalogue[id].Features
}
