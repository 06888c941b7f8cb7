package v0

import (
	"crypto/sha256"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/packet"
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
// offers is being made or waits for a client.
type caller struct {
	key    callerKey
	open   []*session // offered and not taken, oldest first
	making int        // offers that are being made
	last   *dialect
	at     time.Duration
	rounds int
}

// offers are the callers of a server, guarded by the server's mutex.
type offers struct {
	callers map[callerKey]*caller
	again   uint64 // offers that followed one which was not taken
}

// bid is an offer that is being made: it counts already, so that first polls
// which come at the same time, as over HTTP/2, are one after the other all the
// same.
type bid struct {
	dialect *dialect
	wait    time.Duration // before the answer
	callers [2]*caller    // nil once it has been made or withdrawn; the second may be nil
}

func (o *offers) callerLocked(key callerKey) *caller {
	c := o.callers[key]
	if c == nil {
		c = &caller{key: key}
		o.callers[key] = c
	}
	return c
}

// tidyLocked forgets a caller without offers.
func (o *offers) tidyLocked(c *caller) {
	if len(c.open) == 0 && c.making == 0 {
		delete(o.callers, c.key)
	}
}

// rejectedLocked returns the caller that has just let an offer pass, if one of
// the two that a request has did: rather its connection than its address.
func (o *offers) rejectedLocked(line, place callerKey, now time.Duration) *caller {
	c := o.callers[line]
	if c == nil {
		c = o.callers[place]
	}
	if c == nil || now-c.at > offerWindow {
		return nil
	}
	return c
}

// choose decides which dialect to offer, which is first unless that has just been
// offered in vain, and how long to wait before. It reports false if there have
// been offers enough; else the bid has to be made or withdrawn.
func (m *MessageServer) choose(r *http.Request, first, second *dialect) (b bid, ok bool) {
	now := m.core.now()
	place, line := callerKeys(r)
	m.core.mu.Lock()
	defer m.core.mu.Unlock()
	o := &m.core.offers
	b.dialect = first
	if c := o.rejectedLocked(line, place, now); c != nil {
		o.again++
		switch {
		case c.key != line:
			if len(c.open) > m.p.MaxUnclaimedPerPeer/2 {
				b.wait = slowStep
			}
		case c.rounds >= maxRounds:
			return bid{}, false
		case c.rounds >= slowRound:
			b.wait = slowStep << (c.rounds - slowRound)
		}
		if c.last == first {
			b.dialect = second
		}
	}
	o.bidLocked(&b, now, line, place)
	return b, true
}

// bidLocked counts an offer of the callers of some keys, two at most.
func (o *offers) bidLocked(b *bid, now time.Duration, keys ...callerKey) {
	for i, key := range keys {
		c := o.callerLocked(key)
		c.last, c.at = b.dialect, now
		c.rounds++
		c.making++
		b.callers[i] = c
	}
}

// handed notes that a session of 0.7 to 0.9 has been handed out, which is an offer
// without a choice.
func (s *Server) handed(fresh *session, key callerKey) {
	b := bid{dialect: colon}
	s.mu.Lock()
	s.offers.bidLocked(&b, s.now(), key)
	s.mu.Unlock()
	s.offered(fresh, &b)
}

// offer answers a first poll with a session in the dialect whose turn it is. The
// next request shows whether its client has understood.
func (m *MessageServer) offer(w http.ResponseWriter, r *http.Request, q MessageRequest, way *polling) {
	first, second, how := m.choices(r, q)
	b, ok := m.choose(r, first, second)
	defer m.core.withdraw(&b)
	if !ok || !pause(r, b.wait) {
		abort(w)
		return
	}
	s := m.start(w, r, q, b.dialect, how)
	if s == nil {
		return
	}
	s.expect()
	m.core.offered(s, &b)
	s.opened.Add(1) // the poll that brings the id
	_ = way.answer(w, r, b.dialect, []*packet.Frame{b.dialect.greeting(s.id)})
}

// withdraw ends a bid, unless it has been made.
func (s *Server) withdraw(b *bid) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offers.endLocked(b)
}

// endLocked ends the making of a bid, if it has not ended.
func (o *offers) endLocked(b *bid) {
	for i, c := range b.callers {
		if c != nil {
			b.callers[i] = nil
			c.making--
			o.tidyLocked(c)
		}
	}
}

// offered notes that a session waits for the client to which a bid is made. Over
// the limit of a caller the oldest of that ends.
func (s *Server) offered(fresh *session, b *bid) {
	s.mu.Lock()
	var surplus *session
	if fresh.waiting != nil { // not ended meanwhile
		fresh.callers = b.callers
		for _, c := range b.callers {
			if c == nil {
				continue
			}
			c.at = s.now()
			c.open = append(c.open, fresh)
			if len(c.open) > s.p.MaxUnclaimedPerPeer {
				surplus = c.open[0]
			}
		}
	}
	s.offers.endLocked(b)
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
		s.srv.offers.tidyLocked(c)
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
