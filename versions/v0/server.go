package v0

import (
	"container/list"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/unclaimed"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// Request is what the front door has found out about a request.
type Request struct {
	// Transport is the segment of the path behind the protocol number, "" if
	// there is none.
	Transport string
	// Session is the segment behind that, "" if there is none.
	Session string
	// Evidence is kept with a new session, and shown in its Info.
	Evidence string
}

// Server owns the sessions of 0.7 to 0.9; a [MessageServer] is made of one. All methods may be called
// concurrently.
type Server struct {
	p          Params
	family     *dialect       // what strangers are told in
	claim      time.Duration  // how long a session waits for its client
	resume     time.Duration  // how long a broken stream can be replaced, 0 for not at all
	messages   *MessageServer // what this is a part of, nil for 0.7 to 0.9
	transports string         // as announced
	mechanisms map[string]mechanism
	epoch      time.Time // sessions keep times as durations since it
	// early bounds what is kept for clients that were not heard yet; nil keeps
	// nothing, for clients that never change their transport.
	early *transports.Budget

	mu sync.Mutex
	// Guarded by mu:
	sessions  map[string]*session
	unclaimed unclaimed.Book[*session]
	offers    offers
	open      list.List // of cutter: what has been entered and held
	closed    bool
	cutting   bool // what comes is cut at once

	wg sync.WaitGroup // readers of duplex connections, and streams
}

// NewServer returns a server without sessions. The error is that of
// [Params.Check].
func NewServer(p Params) (*Server, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	s := &Server{
		p:          p,
		family:     colon,
		claim:      claimTimeout,
		transports: strings.Join(p.Transports, ","),
		mechanisms: map[string]mechanism{},
		epoch:      time.Now(),
		early:      transports.NewBudget(maxEarlyTotal),
		sessions:   map[string]*session{},
		offers:     offers{callers: map[callerKey]*caller{}},
	}
	for _, name := range p.Transports {
		s.mechanisms[name] = s.mechanism(name)
	}
	return s, nil
}

func (s *Server) now() time.Duration { return time.Since(s.epoch) }

// Sessions returns the number of sessions that have not ended, handshakes whose
// client has not come yet included.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// ServeHTTP answers a request of a client of 0.7 to 0.9: a handshake, or a
// request of a session. A request without a session is a handshake, whatever
// its transport, unless it wants a connection.
//
// A request for a transport that is not enabled ends with its connection,
// without an answer, as by genuine servers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request, q Request) {
	switch {
	case r.Method == http.MethodOptions:
		preflight(w, r, s.p.WriteTimeout)
		return
	case q.Session == "" && !isUpgrade(r):
		s.handshake(w, r, q)
		return
	case r.URL.Query().Has("disconnect"):
		s.forceDisconnect(w, r, q)
		return
	}
	m, ok := s.mechanisms[q.Transport]
	if !ok {
		versions.ReportRefusal(r, versions.RefusedTransport, "")
		abort(w)
		return
	}
	session := s.lookup(q.Session)
	switch {
	case r.Method == http.MethodPost && m.posts():
		s.post(w, r, m, session)
	case r.Method != http.MethodGet:
		notAllowed(w, r, s.p.WriteTimeout)
	case session == nil:
		versions.ReportRefusal(r, versions.RefusedSession, "")
		_ = m.turnAway(w, r, s.family, s.lastWords(nil))
	default:
		session.narrow(tellsOfRequest(r))
		m.open(w, r, session)
	}
}

// isUpgrade reports whether a request wants a websocket of any draft.
func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

func (s *Server) lookup(sid string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[sid]
}

// add enters a fresh session, unless the server is closing or the id is taken.
func (s *Server) add(fresh *session) bool {
	from := unclaimed.Address(fresh.handshake.RemoteAddr)
	s.mu.Lock()
	if s.closed || s.sessions[fresh.id] != nil {
		s.mu.Unlock()
		return false
	}
	s.sessions[fresh.id] = fresh
	fresh.waiting = s.unclaimed.Add(fresh, from)
	var evicted *session
	if s.unclaimed.Len() > s.p.MaxUnclaimed {
		evicted = s.unclaimed.Surplus()
		s.strikeLocked(evicted)
	}
	s.mu.Unlock()
	if evicted != nil {
		evicted.end(versions.ReasonPingTimeout, endNow)
	}
	return true
}

// claimed notes that a session's client has come.
func (s *Server) claimed(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session.settleOffersLocked(true)
	s.strikeLocked(session)
}

// strikeLocked takes a session out of those that wait for their client, if it is
// one of them.
func (s *Server) strikeLocked(session *session) {
	s.unclaimed.Remove(session.waiting)
	session.waiting = nil
}

func (s *Server) remove(session *session) {
	session.forgetEarly()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.id] == session {
		delete(s.sessions, session.id)
	}
	session.settleOffersLocked(false)
	s.strikeLocked(session)
}

// cutter is a connection, or a stream, that can be ended at once.
type cutter interface{ Terminate() }

// enter counts a connection in that Close has to wait for. Leave has to follow.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	return true
}

// hold shows Close what it may have to cut, and returns what leave takes.
func (s *Server) hold(c cutter) *list.Element {
	s.mu.Lock()
	cutting := s.cutting
	place := s.open.PushBack(c)
	s.mu.Unlock()
	if cutting {
		c.Terminate()
	}
	return place
}

// leave is for what has entered, once it has come to its end; place is nil if it
// never came to be.
func (s *Server) leave(place *list.Element) {
	if place != nil {
		s.mu.Lock()
		s.open.Remove(place)
		s.mu.Unlock()
	}
	s.wg.Done()
}

// cutTime is how long Close waits for what it has cut.
const cutTime = time.Second

// Close ends every session and waits for their connections, or for the context.
// Then it cuts every connection there is, those of sessions that ended before
// among them, and returns the error of the context about a second later at the
// latest. Clients are asked to connect anew.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	all := slices.Collect(maps.Values(s.sessions))
	s.mu.Unlock()
	for _, session := range all {
		session.end(versions.ReasonServerShutdown, endFlush)
	}
	done, err := engine.Await(ctx, &s.wg) // each has a deadline for all it does
	if err == nil {
		return nil
	}
	s.mu.Lock()
	s.cutting = true
	open := make([]cutter, 0, s.open.Len())
	for e := s.open.Front(); e != nil; e = e.Next() {
		open = append(open, e.Value.(cutter))
	}
	s.mu.Unlock()
	for _, c := range open {
		c.Terminate()
	}
	limit := time.NewTimer(cutTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
	}
	return err
}
