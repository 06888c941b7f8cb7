package negotiate

import (
	"slices"
	"sync/atomic"

	"github.com/heirloom-io/socketio/compat"
)

// Outcome says what the door has done with a request.
type Outcome uint8

// The outcomes that are no refusals. The outcome of a refusal is its
// RefusalKind, converted.
const (
	// Admitted requests went to their generation's handler.
	Admitted Outcome = iota + Outcome(BadRequest) + 1
	// Filed requests went to the handler of client files.
	Filed
	// Missing requests asked for files, and there is no handler for them.
	Missing

	outcomeCount = int(Missing) + 1
)

// String returns the outcome in lower case, for logs and metrics.
func (o Outcome) String() string {
	switch o {
	case Admitted:
		return "admitted"
	case Filed:
		return "file"
	case Missing:
		return "file missing"
	}
	return RefusalKind(o).String()
}

// Places in a census for transports that have no name of their own.
const (
	transportNone = iota
	transportOther
	transportFirst
)

// Census counts the decisions of a door. The number of counters is fixed: a
// transport that nobody has announced counts as "other". All methods may be
// called concurrently.
type Census struct {
	transports []string
	counters   []atomic.Uint64
}

// NewCensus returns a census that knows the carriers of all generations, and
// the given names of further ones.
func NewCensus(transports ...string) *Census {
	c := &Census{transports: []string{"", "other", "polling", "webtransport"}}
	for i := range carriers {
		c.transports = append(c.transports, carriers[i].name)
	}
	for _, name := range transports {
		if !slices.Contains(c.transports, name) {
			c.transports = append(c.transports, name)
		}
	}
	c.counters = make([]atomic.Uint64, compat.Count*len(c.transports)*outcomeCount)
	return c
}

// Count counts one decision.
func (c *Census) Count(v Verdict, o Outcome) {
	transport := transportOther
	if v.Transport == "" {
		transport = transportNone
	} else if i := slices.Index(c.transports[transportFirst:], v.Transport); i >= 0 {
		transport = transportFirst + i
	}
	if int(v.Generation) >= compat.Count || int(o) >= outcomeCount {
		return
	}
	c.counters[c.place(v.Generation, transport, o)].Add(1)
}

func (c *Census) place(id compat.ID, transport int, o Outcome) int {
	return (int(id)*len(c.transports)+transport)*outcomeCount + int(o)
}

// Tally is one line of a census.
type Tally struct {
	// Generation is the name of the generation, or "unknown". Where a request
	// left several open it is the best guess.
	Generation string `json:"generation"`
	// Transport is the name of the transport, "other", or "" for none.
	Transport string `json:"transport"`
	// Outcome is what was decided.
	Outcome string `json:"outcome"`
	// Count is the number of requests.
	Count uint64 `json:"count"`
}

// Snapshot returns the lines that are not zero, oldest generation first.
func (c *Census) Snapshot() []Tally {
	list := []Tally{}
	for id := compat.Unknown; int(id) < compat.Count; id++ {
		for transport, name := range c.transports {
			for o := range Outcome(outcomeCount) {
				if n := c.counters[c.place(id, transport, o)].Load(); n > 0 {
					list = append(list, Tally{id.String(), name, o.String(), n})
				}
			}
		}
	}
	return list
}
