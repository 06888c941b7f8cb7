package rooms

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// JournalPool bounds what several journals keep together, such as those of a
// server's namespaces. When they keep more, those that keep most drop half of it,
// oldest first, until a sixteenth of the bound is free. It is safe for concurrent use.
type JournalPool struct {
	bytes, sessions share

	// The lock is held while the journals make room, whose locks are taken under it.
	mu       sync.Mutex
	journals map[*Journal]struct{} // guarded by mu
}

// share is the use of one bound.
type share struct {
	limit int64
	used  atomic.Int64
}

func (s *share) full() bool { return s.used.Load() > s.limit }

// NewJournalPool returns a pool for so many bytes of events and so many sessions,
// both above zero and counted as in [RecoveryLimits].
func NewJournalPool(bytes, sessions int) *JournalPool {
	p := &JournalPool{journals: make(map[*Journal]struct{})}
	p.bytes.limit, p.sessions.limit = int64(bytes), int64(sessions)
	return p
}

func (p *JournalPool) enter(j *Journal) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.journals[j] = struct{}{}
	}
}

func (p *JournalPool) leave(j *Journal) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.journals, j)
	}
}

func (p *JournalPool) addBytes(n int) {
	if p != nil {
		p.bytes.used.Add(int64(n))
	}
}

func (p *JournalPool) addSessions(n int) {
	if p != nil {
		p.sessions.used.Add(int64(n))
	}
}

// relieve makes room where there is none. The caller holds no journal's lock and
// no trail's.
func (p *JournalPool) relieve() {
	if p == nil || !p.bytes.full() && !p.sessions.full() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes.full() {
		p.makeRoomLocked(&p.bytes, func(j *Journal) int { return j.bytes }, (*Journal).halveLog)
	}
	if p.sessions.full() {
		p.makeRoomLocked(&p.sessions, func(j *Journal) int { return len(j.sessions) }, (*Journal).halveSessions)
	}
}

func (p *JournalPool) makeRoomLocked(s *share, count func(*Journal) int, halve func(*Journal)) {
	type use struct {
		journal *Journal
		n       int
	}
	for target := s.limit - s.limit/16; s.used.Load() > target; {
		var list []use
		for j := range p.journals {
			j.mu.Lock()
			n := count(j)
			j.mu.Unlock()
			if n > 0 {
				list = append(list, use{j, n})
			}
		}
		if len(list) == 0 {
			return
		}
		slices.SortFunc(list, func(a, b use) int { return cmp.Compare(b.n, a.n) })
		// Those with less than half of the most get their turn in the next round.
		for _, u := range list {
			if u.n < list[0].n/2 || s.used.Load() <= target {
				break
			}
			halve(u.journal)
		}
	}
}

// halveLog drops the older half of the events, by their size, at least one.
func (j *Journal) halveLog() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for keep := j.bytes / 2; j.head < len(j.log) && j.bytes > keep; {
		j.dropLocked()
	}
}

// halveSessions drops the older half of the sessions, at least one.
func (j *Journal) halveSessions() {
	var out []*kept
	j.mu.Lock()
	for keep := len(j.sessions) / 2; len(j.sessions) > keep; {
		out = j.shiftLocked(out)
	}
	j.mu.Unlock()
	conclude(out)
}
