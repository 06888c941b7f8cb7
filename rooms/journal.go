package rooms

import (
	"bytes"
	"crypto/rand"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// Journal is the [Recovery] that knows this process only: one log of events for
// a namespace, and the sessions of those who may come back. Both are bounded; what
// is oldest goes first. A session that would need an event which is gone is not
// restored.
//
// It runs no goroutine but that of a timer, while it holds anything.
type Journal struct {
	limits RecoveryLimits
	mark   string // starts every offset, so that no other string looks like one
	// tail is the position up to which events have been dropped.
	tail atomic.Uint64
	// trails is the number of those that are not over. While it is zero nobody can
	// come back, and nothing is kept.
	trails atomic.Int64

	mu sync.Mutex
	// Guarded by mu:
	log      []*logged // by position; those before head have been dropped
	head     int
	bytes    int
	last     uint64 // the last position given
	settled  uint64 // no event up to this position is still being sent
	sessions map[string]*kept
	queue    []*kept // of sessions, oldest first, those restored among them
	timer    *time.Timer
	due      time.Time // when the timer fires
	closed   bool
}

var _ Recovery = (*Journal)(nil)

// logged is an event in the log. All but sent and replay never change.
type logged struct {
	position uint64
	at       time.Time
	packet   *packet.Packet
	target   Target
	size     int
	sent     bool
	replay   *packet.Prepared // made when it is first sent again
}

// kept is a session in the store. gone is set when it is no longer there.
type kept struct {
	Session
	trail   *trail
	expires time.Time
	gone    bool
}

// loggedOverhead is what an event counts for beyond its contents.
const loggedOverhead = 256

// NewJournal returns an empty journal.
func NewJournal(limits RecoveryLimits) *Journal {
	j := &Journal{
		limits:   limits,
		mark:     rand.Text()[:8] + "-",
		sessions: make(map[string]*kept),
	}
	limits.Pool.enter(j)
	return j
}

// Record gives an event its offset and keeps it, unless there is nobody who could
// come back for it. A member that comes while it is being sent may get it or not: it
// was sent before the member was there. It does not fail.
func (j *Journal) Record(p *packet.Packet, t Target) error {
	keep := !p.Volatile && j.trails.Load() > 0
	if !keep && !endsInString(p) {
		return nil
	}
	j.place(p, t, keep)
	j.limits.Pool.relieve()
	return nil
}

func (j *Journal) place(p *packet.Packet, t Target, keep bool) {
	e := &logged{packet: p, target: t, size: sizeOf(p, t), at: time.Now()}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	j.last++
	p.Offset = j.mark + strconv.FormatUint(j.last, 36)
	if !keep {
		return
	}
	e.position = j.last
	j.log = append(j.log, e)
	j.bytes += e.size
	j.limits.Pool.addBytes(e.size)
	for j.bytes > j.limits.Bytes || len(j.log)-j.head > j.limits.Packets {
		j.dropLocked()
	}
	j.armLocked()
}

// endsInString reports whether the last of an event's name and arguments is a
// string: that is what clients look for an offset in.
func endsInString(p *packet.Packet) bool {
	args := bytes.TrimRight(p.Args, " \t\r\n")
	return len(args) == 0 || args[len(args)-1] == '"'
}

// Headers of a string and of a []byte.
const (
	stringOverhead = 16
	bytesOverhead  = 24
)

// sizeOf counts the contents twice, for the form in which they are sent again.
func sizeOf(p *packet.Packet, t Target) int {
	n := len(p.Name) + len(p.Args)
	for _, a := range p.Attachments {
		n += len(a) + bytesOverhead
	}
	n = loggedOverhead + 2*n
	for _, room := range t.Rooms {
		n += len(room) + stringOverhead
	}
	for _, room := range t.Except {
		n += len(room) + stringOverhead
	}
	return n
}

// dropLocked drops the oldest event.
func (j *Journal) dropLocked() {
	e := j.log[j.head]
	j.log[j.head] = nil
	j.head++
	j.bytes -= e.size
	j.limits.Pool.addBytes(-e.size)
	j.tail.Store(e.position)
	j.settled = max(j.settled, e.position)
	if j.head > len(j.log)/2 {
		n := copy(j.log, j.log[j.head:])
		clear(j.log[n:])
		j.log, j.head = j.log[:n], 0
	}
	if len(j.log) == 0 {
		j.log = nil
	}
}

// Sent says that nobody is being sent the event any more.
func (j *Journal) Sent(p *packet.Packet) {
	position, ok := j.position(p.Offset)
	if !ok {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if e := j.findLocked(position); e != nil {
		e.sent = true
	}
}

// settledLocked returns the position up to which no event is still being sent.
func (j *Journal) settledLocked() uint64 {
	for _, e := range j.log[j.indexLocked(j.settled+1):] {
		if !e.sent {
			break
		}
		j.settled = e.position
	}
	return j.settled
}

// openLocked returns the positions of the events that are still being sent, in
// order. It comes after settledLocked.
func (j *Journal) openLocked() (open []uint64) {
	for _, e := range j.log[j.indexLocked(j.settled+1):] {
		if !e.sent {
			open = append(open, e.position)
		}
	}
	return open
}

// position reads an offset.
func (j *Journal) position(offset string) (uint64, bool) {
	digits, ok := strings.CutPrefix(offset, j.mark)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 36, 64)
	return n, err == nil
}

// indexLocked returns the index of the first event from a position on.
func (j *Journal) indexLocked(position uint64) int {
	live := j.log[j.head:]
	return j.head + sort.Search(len(live), func(i int) bool { return live[i].position >= position })
}

func (j *Journal) findLocked(position uint64) *logged {
	if i := j.indexLocked(position); i < len(j.log) && j.log[i].position == position {
		return j.log[i]
	}
	return nil
}

// Begin starts the trail of a member.
func (j *Journal) Begin(to Taker) Trail {
	j.trails.Add(1)
	return &trail{journal: j, owner: to}
}

// Restore takes a session out.
func (j *Journal) Restore(pid, offset string) (Session, Trail, bool) {
	j.mu.Lock()
	k := j.sessions[pid]
	if k != nil {
		delete(j.sessions, pid)
		j.limits.Pool.addSessions(-1)
		k.gone = true
	}
	expired := k != nil && !time.Now().Before(k.expires)
	j.mu.Unlock()
	if k == nil {
		return Session{}, nil, false
	}
	if expired || !k.trail.restore(offset) {
		k.trail.End()
		return Session{}, nil, false
	}
	return k.Session, k.trail, true
}

// keep puts a session into the store.
func (j *Journal) keep(s Session, t *trail) {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		t.over()
		return
	}
	k := &kept{Session: s, trail: t, expires: time.Now().Add(j.limits.Window)}
	j.sessions[s.PID] = k
	j.limits.Pool.addSessions(1)
	j.queue = append(j.queue, k)
	var out []*kept
	for len(j.sessions) > j.limits.Sessions {
		out = j.shiftLocked(out)
	}
	// Those restored wait in the queue for their turn only as long as they are few.
	if len(j.queue) > 2*len(j.sessions)+16 {
		j.queue = slices.DeleteFunc(j.queue, func(k *kept) bool { return k.gone })
	}
	j.armLocked()
	j.mu.Unlock()
	conclude(out)
	j.limits.Pool.relieve()
}

// shiftLocked takes the oldest session out, and adds it to a list for conclude.
func (j *Journal) shiftLocked(out []*kept) []*kept {
	k := j.queue[0]
	j.queue[0] = nil
	j.queue = j.queue[1:]
	if k.gone {
		return out
	}
	k.gone = true
	delete(j.sessions, k.PID)
	j.limits.Pool.addSessions(-1)
	return append(out, k)
}

// conclude ends trails, without the journal's lock, as theirs comes before it.
func conclude(list []*kept) {
	for _, k := range list {
		k.trail.over()
	}
}

// armLocked sets the timer for what goes next.
func (j *Journal) armLocked() {
	if j.closed {
		return
	}
	var next time.Time
	if j.head < len(j.log) {
		next = j.log[j.head].at.Add(j.limits.Retention)
	}
	if len(j.queue) > 0 && (next.IsZero() || j.queue[0].expires.Before(next)) {
		next = j.queue[0].expires
	}
	switch {
	case next.IsZero():
	case j.timer == nil:
		j.due, j.timer = next, time.AfterFunc(time.Until(next), j.sweep)
	case next.Before(j.due):
		j.due = next
		j.timer.Reset(time.Until(next))
	}
}

// sweep drops what has been kept long enough.
func (j *Journal) sweep() {
	now := time.Now()
	var out []*kept
	j.mu.Lock()
	for j.head < len(j.log) && !now.Before(j.log[j.head].at.Add(j.limits.Retention)) {
		j.dropLocked()
	}
	for len(j.queue) > 0 && !now.Before(j.queue[0].expires) {
		out = j.shiftLocked(out)
	}
	// It may have been set anew while this was waiting for the lock.
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
	j.armLocked()
	j.mu.Unlock()
	conclude(out)
}

// Close drops everything, and keeps nothing from then on.
func (j *Journal) Close() {
	var out []*kept
	j.mu.Lock()
	j.closed = true
	if j.timer != nil {
		j.timer.Stop()
	}
	for len(j.queue) > 0 {
		out = j.shiftLocked(out)
	}
	j.limits.Pool.addBytes(-j.bytes)
	j.log, j.head, j.bytes = nil, 0, 0
	j.tail.Store(j.last)
	j.mu.Unlock()
	j.limits.Pool.leave(j)
	conclude(out)
}
