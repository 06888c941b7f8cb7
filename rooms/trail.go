package rooms

import (
	"cmp"
	"errors"
	"slices"
	"sort"
	"sync"

	"github.com/heirloom-io/socketio/packet"
)

// trail is the [Trail] of a [Journal]: the positions of the events sent to one
// member, in the order in which they were queued for it. They take up to 16 bytes
// for each event in the log.
//
// What a member that is away has missed is found in three parts. Of events that
// nobody was being sent any more when it left its rooms, the trail says whether
// they were for it. Of the others, and of later ones, the rooms do, or that they
// came by the trail after all. When the member is back in its rooms, and only then,
// the log is looked at a last time: an event recorded before is found there, one
// recorded later finds the member; what comes both ways has the same position.
type trail struct {
	journal *Journal

	// The lock is held while an event is queued, so that the order of the
	// positions is that in which the client gets the events. The journal's lock
	// may be taken under it.
	mu sync.Mutex
	// Guarded by mu:
	phase phase
	owner Taker
	runs  []run
	cut   bool // the oldest positions have been dropped

	// Of a member that is away or being restored:
	id      string
	rooms   []string
	settled uint64             // the journal's, when it left
	left    uint64             // the last position given by then
	open    []uint64           // those up to left that were still being sent, in order
	late    []uint64           // came since
	missed  []*logged          // found by restore
	upTo    uint64             // the last position that has been looked at
	looked  bool               // for the last time, by Resume
	held    []*packet.Prepared // came after that
	lost    bool               // more came than can be held
}

// run is a row of positions that follow each other.
type run struct{ first, last uint64 }

type phase uint8

const (
	phaseLive     phase = iota // events go to the owner
	phaseAway                  // they wait for somebody to come
	phaseResuming              // somebody has come
	phaseOver                  // nobody will
)

// Deliver sends an event to the member, or keeps it.
func (t *trail) Deliver(p *packet.Prepared, to Taker) error {
	position, ok := t.journal.position(p.Packet().Offset)
	if !ok {
		return to.Deliver(p) // not recorded: the journal has been closed
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	volatile := p.Packet().Volatile
	switch {
	case t.phase == phaseLive && to == t.owner && position <= t.upTo:
		// A slow sender finds the member back in its rooms. The event was in the
		// log by then, and has been sent from there.
		return nil
	case t.phase == phaseLive && to == t.owner:
		err := to.Deliver(p)
		if err == nil || errors.Is(err, ErrAway) && !volatile {
			t.addLocked(position)
		}
		return err
	case t.phase == phaseOver:
		return ErrOver
	case volatile:
		return ErrAway
	case t.phase == phaseAway:
		t.lateLocked(position, t.settled)
		return ErrAway
	case t.phase == phaseResuming && !t.looked:
		// It is in the log, and found by its place if the rooms are not enough.
		t.lateLocked(position, t.upTo)
		return nil
	case t.phase == phaseResuming && len(t.held) < t.journal.limits.Packets:
		t.held = append(t.held, p)
		return nil
	case t.phase == phaseResuming:
		t.lost = true
	case position <= t.upTo:
		return ErrAway // by a way of old, and found in the log
	}
	return ErrOver
}

// Waits reports whether events for that way may still arrive.
func (t *trail) Waits(to Taker) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.phase == phaseResuming || t.owner == to && t.phase != phaseOver
}

// lateLocked notes an event that came by its place. Nothing is looked for up to a
// position. Of more events than fit into the log one has been dropped, and then the
// member cannot come back.
func (t *trail) lateLocked(position, from uint64) {
	if position > from && len(t.late) < t.journal.limits.Packets {
		t.late = append(t.late, position)
	}
}

// addLocked appends a position. Those go behind which an event is no longer in the
// log: a client that has got all but what is there may come back, however old the
// last it got is.
func (t *trail) addLocked(position uint64) {
	if n := len(t.runs); n > 0 && t.runs[n-1].last+1 == position {
		t.runs[n-1].last = position
	} else {
		t.runs = append(t.runs, run{position, position})
	}
	tail := t.journal.tail.Load()
	for len(t.runs) > 1 && (t.runs[1].first <= tail || len(t.runs) > t.journal.limits.Packets) {
		t.runs, t.cut = t.runs[1:], true
	}
}

// runsBehind returns what tells whether a position behind from is in one of the runs.
func runsBehind(runs []run, from uint64) func(position uint64) bool {
	var list []run
	for _, r := range runs {
		if r.last > from {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	return func(position uint64) bool {
		i := sort.Search(len(list), func(i int) bool { return list[i].last >= position })
		return i < len(list) && list[i].first <= position
	}
}

// afterLocked returns the rest of the trail behind an offset; false if that is
// not on it.
func (t *trail) afterLocked(offset string) ([]run, bool) {
	if offset == "" {
		return t.runs, !t.cut
	}
	position, ok := t.journal.position(offset)
	if !ok {
		return nil, false
	}
	for i, r := range slices.Backward(t.runs) {
		if r.first <= position && position <= r.last {
			rest := slices.Clone(t.runs[i:])
			rest[0].first = position + 1
			return rest, true
		}
	}
	return nil, false
}

// Leave notes where the member was.
func (t *trail) Leave(id string, rooms []string) {
	t.journal.mu.Lock()
	settled, open := t.journal.settledLocked(), t.journal.openLocked()
	left := t.journal.last
	t.journal.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase == phaseLive {
		t.phase = phaseAway
		t.id, t.rooms = id, rooms
		t.settled, t.left, t.open = settled, left, open
	}
}

// Keep makes the session one that can be restored. A trail that was restored and
// not resumed is kept as it was.
func (t *trail) Keep(s Session) {
	t.mu.Lock()
	if t.phase == phaseResuming {
		t.phase = phaseAway
		t.settled = t.upTo
		t.held, t.missed = nil, nil
	}
	over := t.phase == phaseOver
	t.mu.Unlock()
	if !over {
		t.journal.keep(s, t)
	}
}

// End says that the member will not come back.
func (t *trail) End() {
	t.over()
}

func (t *trail) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase != phaseOver {
		t.journal.trails.Add(-1)
	}
	t.phase = phaseOver
	t.runs, t.open, t.late, t.missed, t.held, t.rooms, t.owner = nil, nil, nil, nil, nil, nil, nil
}

// restore finds what the member missed, or reports that it cannot be found.
func (t *trail) restore(offset string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase != phaseAway {
		return false
	}
	rest, ok := t.afterLocked(offset)
	if !ok {
		return false
	}
	j := t.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	var missed []*logged
	for _, r := range rest {
		if r.first <= min(r.last, j.tail.Load()) {
			return false
		}
		// By the log, which is bounded: volatile events that have a place are not in
		// it, and any number of them may be in a run.
		for _, e := range j.log[j.indexLocked(r.first):] {
			if e.position > r.last {
				break
			}
			missed = append(missed, e)
		}
	}
	away, ok := t.collectLocked(t.settled)
	if !ok {
		return false
	}
	t.missed = append(missed, away...)
	t.phase, t.owner = phaseResuming, nil
	return true
}

// collectLocked returns the events behind a position that are for the member and
// not on its trail, and puts them there. It reports false if some may be gone.
// The journal's lock is held too.
func (t *trail) collectLocked(from uint64) ([]*logged, bool) {
	j := t.journal
	if j.tail.Load() > from {
		return nil, false
	}
	slices.Sort(t.late)
	has := runsBehind(t.runs, from)
	var found []*logged
	for _, e := range j.log[j.indexLocked(from+1):] {
		if t.wantsLocked(e) && !has(e.position) {
			found = append(found, e)
		}
	}
	for _, e := range found {
		t.addLocked(e.position)
	}
	t.late, t.upTo = nil, j.last
	return found, true
}

// wantsLocked reports whether an event that came while the member was away, or on
// its way there, is for it. What had reached everybody before would be on the trail,
// whatever rooms the member has joined since.
func (t *trail) wantsLocked(e *logged) bool {
	if _, late := slices.BinarySearch(t.late, e.position); late {
		return true
	}
	if e.position <= t.left {
		if _, open := slices.BinarySearch(t.open, e.position); !open {
			return false
		}
	}
	return t.meant(&e.target)
}

// meant reports whether a target selects the member by where it was.
func (t *trail) meant(target *Target) bool {
	in := func(room string) bool { return slices.Contains(t.rooms, room) }
	if t.id == target.Skip || slices.ContainsFunc(target.Except, in) {
		return false
	}
	return len(target.Rooms) == 0 || slices.ContainsFunc(target.Rooms, in)
}

// Resume sends what was missed.
func (t *trail) Resume(to Taker, confirm *packet.Prepared) error {
	t.mu.Lock()
	if t.phase != phaseResuming {
		t.mu.Unlock()
		return ErrOver
	}
	t.journal.mu.Lock()
	more, ok := t.collectLocked(t.upTo)
	missed := append(t.missed, more...)
	packets := make([]*packet.Prepared, 0, len(missed)+1)
	for _, e := range missed {
		if e.replay == nil {
			e.replay = packet.Prepare(e.packet)
		}
		packets = append(packets, e.replay)
	}
	t.journal.mu.Unlock()
	t.missed, t.looked = nil, true
	t.mu.Unlock()
	if !ok {
		return ErrGap
	}
	// What cannot be sent stays on the trail, and is missed the next time.
	var err error
	for _, p := range append(packets, confirm) {
		err = errors.Join(err, to.Deliver(p))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.held {
		position, _ := t.journal.position(p.Packet().Offset)
		if position <= t.upTo {
			continue
		}
		if sent := to.Deliver(p); sent == nil || errors.Is(sent, ErrAway) {
			t.addLocked(position)
		}
	}
	t.held, t.looked = nil, false
	if t.lost {
		return ErrGap
	}
	t.phase, t.owner = phaseLive, to
	return err
}
