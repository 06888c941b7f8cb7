package v0

import (
	"crypto/sha256"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

// A first poll mostly does not tell which of the two dialects of messages its
// client speaks, and an answer in the other one makes the client ask again at
// once, for ever. So the dialects are offered in turns: a client that has not
// come back to its session, and asks anew, is offered the other one. Each offer
// is a session of its own. To offer the same id in both dialects would save one,
// but two pages behind one connection or address could then meet in it.
const (
	// offerWindow is how long after an offer a new request from the same place
	// counts as its failure.
	offerWindow = 5 * time.Second
	// maxRounds is how many offers in a row one connection gets. Then it is closed,
	// upon which clients before 0.6 give up, and later ones connect anew.
	maxRounds = 6
	// slowRound is the first offer in a row that is held back, for slowStep, and
	// each further one for twice as long.
	slowRound = 3
	slowStep  = 250 * time.Millisecond
)

// caller is where first polls come from: a connection, or the address of a peer
// with what else its requests have in common. It exists as long as one of its
// offers waits for a client.
type caller struct {
	key    callerKey
	open   []*session // offered and not taken, oldest first
	last   *dialect
	at     time.Duration
	rounds int
}

// offers are the callers of a server, guarded by the server's mutex.
type offers struct {
	callers map[callerKey]*caller
	again   uint64 // offers that followed one which was not taken
}

func (o *offers) callerLocked(key callerKey) *caller {
	c := o.callers[key]
	if c == nil {
		c = &caller{key: key}
		o.callers[key] = c
	}
	return c
}

// choose returns the dialect to offer, which is first unless that has just been
// offered in vain, and how long to wait before. It reports false if there have
// been offers enough.
func (m *MessageServer) choose(r *http.Request, first, second *dialect) (d *dialect, wait time.Duration, ok bool) {
	now := m.core.now()
	place, line := callerKeys(r)
	m.core.mu.Lock()
	defer m.core.mu.Unlock()
	c := m.core.offers.callers[line]
	if c == nil || len(c.open) == 0 {
		c = m.core.offers.callers[place]
	}
	if c == nil || len(c.open) == 0 || now-c.at > offerWindow {
		return first, 0, true
	}
	m.core.offers.again++
	if c.key == line {
		if c.rounds >= maxRounds {
			return nil, 0, false
		}
		if c.rounds >= slowRound {
			wait = slowStep << (c.rounds - slowRound)
		}
	} else if len(c.open) > m.p.MaxUnclaimedPerPeer/2 {
		wait = slowStep
	}
	if d = first; c.last == first {
		d = second
	}
	return d, wait, true
}

// offered notes that a session waits for the client to which it was offered. Over
// the limit of a caller the oldest of that ends.
func (s *Server) offered(fresh *session, d *dialect, keys ...callerKey) {
	s.mu.Lock()
	var surplus *session
	if fresh.waiting != nil { // not ended meanwhile
		for i, key := range keys {
			c := s.offers.callerLocked(key)
			c.last, c.at = d, s.now()
			c.rounds++
			c.open = append(c.open, fresh)
			fresh.callers[i] = c
			if len(c.open) > s.p.MaxUnclaimedPerPeer {
				surplus = c.open[0]
			}
		}
	}
	s.mu.Unlock()
	if surplus != nil {
		surplus.end(versions.ReasonPingTimeout, endNow)
	}
}

// settleOffersLocked takes the session off the lists of its callers, because its
// client has come or because it has ended. After a client has come there is
// nothing in a row any more. The server's mutex is held.
func (s *session) settleOffersLocked(came bool) {
	for i, c := range s.callers {
		if c == nil {
			continue
		}
		s.callers[i] = nil
		if j := slices.Index(c.open, s); j >= 0 {
			c.open = slices.Delete(c.open, j, j+1)
		}
		if came {
			c.rounds = 0
		}
		if len(c.open) == 0 {
			delete(s.srv.offers.callers, c.key)
		}
	}
}

// callerKey is a digest, so that what clients write costs no memory.
type callerKey [sha256.Size]byte

// callerKeys returns what tells requests of the same peer: the address with what
// its browser adds, and besides the number of its connection.
func callerKeys(r *http.Request) (place, line callerKey) {
	host, port, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	h := r.Header
	text := strings.Join([]string{
		host, h.Get("X-Forwarded-For"), h.Get("User-Agent"), h.Get("Origin"), h.Get("Referer"),
	}, "\n")
	return sha256.Sum256([]byte(text)), sha256.Sum256([]byte(text + "\n" + port))
}
