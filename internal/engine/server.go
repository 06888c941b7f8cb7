package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/internal/unclaimed"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// Params is what a Server is made of. Every field is set by the caller, who has
// applied the defaults.
type Params struct {
	// Registry finds transports by name.
	Registry *transports.Registry
	// UpgradeTimeout bounds a probe, UplinkTimeout the reading of a request
	// body, WriteTimeout every write.
	UpgradeTimeout, UplinkTimeout, WriteTimeout time.Duration
	// Budget bounds what is being received over all clients.
	Budget *transports.Budget
	// Outbox bounds what waits for one client.
	Outbox outbox.Limits
	// MaxUnclaimed is the number of polling sessions that have not made their
	// second request; over it the oldest of those is ended that were asked for from
	// the network address with the most of them.
	MaxUnclaimed int
	// NoUpgrades keeps the open packet from offering upgrades.
	NoUpgrades bool
	// CompressHTTP is the smallest polling answer in bytes that is compressed;
	// negative for never.
	CompressHTTP int
	// Deflate enables permessage-deflate; nil to refuse it.
	Deflate *transports.Deflate
	// Admit is asked before a session starts; nil admits everybody. A refusal
	// that is a *RefusedError tells the client its message.
	Admit func(*http.Request) error
	// GenerateID makes session ids; nil for random ones.
	GenerateID func(*http.Request) (string, error)
	// Logger gets what operators may want to know.
	Logger *slog.Logger
}

// RefusedError refuses a session with a message meant for the client.
type RefusedError struct{ Message string }

func (e *RefusedError) Error() string { return "engine: refused: " + e.Message }

// Profile is what a generation asks of the sessions it starts. Values are never
// changed after their first use.
type Profile struct {
	// Revision is the Engine.IO revision its clients speak.
	Revision *Revision
	// PingInterval and PingTimeout are announced to clients and watched.
	PingInterval, PingTimeout time.Duration
	// MaxPayload is the largest body or message taken from a client, in bytes.
	MaxPayload int
	// Cookie makes the cookie of polling answers for a session id; nil for none.
	Cookie func(sid string) string
	// Transports holds the names its clients may use.
	Transports map[string]bool
	// Upgrades lists the names offered to a polling client.
	Upgrades []string
	// Accept takes a new session. It may send at once. An error refuses.
	Accept func(*Session) (Handler, error)
}

// Handler is the layer above one session. Message and Learnt are called one at
// a time. Closed is called exactly once; it may come while a Message is under
// way or about to start, which is then of no interest any more.
type Handler interface {
	// Message takes the content of a message packet and owns it.
	Message(data []byte, binary bool)
	// Learnt tells what the session has found out about the encoding of text in
	// polling bodies: Yes for twice.
	Learnt(double Tri)
	// Closed tells that the session has ended.
	Closed(versions.Reason)
}

// Server owns the sessions. All methods may be called concurrently.
type Server struct {
	p     Params
	epoch time.Time // sessions keep times as durations since it

	mu sync.Mutex
	// Guarded by mu:
	sessions  map[string]*Session
	unclaimed unclaimed.Book[*Session]
	live      int // sessions that have not ended; others linger
	closed    bool

	wg sync.WaitGroup // readers of duplex connections
}

// NewServer returns a server without sessions.
func NewServer(p Params) *Server {
	return &Server{p: p, epoch: time.Now(), sessions: map[string]*Session{}}
}

func (s *Server) now() time.Duration { return time.Since(s.epoch) }

// Sessions returns the number of sessions that have not ended.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}

// Serve handles a request of a client that was recognised as one of a profile.
// Requests that name a session go by that session's own profile. The evidence
// for the recognition is kept with a new session.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, p *Profile, evidence string) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil && len(q) == 0 {
		Refuse(w, r, CodeTransportUnknown, "")
		return
	}
	name, sid := q.Get("transport"), q.Get("sid")
	var session *Session
	if sid != "" {
		if session = s.lookup(sid); session != nil {
			p = session.profile
		}
	}
	if p.Revision.Preflight && isPreflight(r) {
		preflight(w, r, s.p.WriteTimeout)
		return
	}
	t, ok := s.p.Registry.Lookup(name)
	allowed := p.Transports
	if session != nil {
		allowed = session.allowed()
	}
	switch {
	case !ok || !allowed[name]:
		Refuse(w, r, CodeTransportUnknown, "")
	case sid != "" && session == nil:
		Refuse(w, r, CodeSessionUnknown, "")
	case session == nil && r.Method != http.MethodGet:
		Refuse(w, r, CodeBadHandshakeMethod, "")
	case name == (transports.WebSocket{}).Name() && !upgradeWanted(r):
		Refuse(w, r, CodeBadRequest, "")
	case session != nil:
		session.serve(w, r, t)
	default:
		s.handshake(w, r, p, t, q, evidence)
	}
}

func (s *Server) lookup(sid string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[sid]
}

// add enters a session, unless the server is closing or the id is taken. Polling
// clients have to claim theirs.
func (s *Server) add(session *Session, polling bool) error {
	var from string
	if polling {
		from = unclaimed.Address(session.handshake.RemoteAddr)
	}
	s.mu.Lock()
	var evicted *Session
	switch {
	case s.closed:
		s.mu.Unlock()
		return ErrBusy
	case s.sessions[session.id] != nil:
		s.mu.Unlock()
		return errDuplicateID
	}
	s.sessions[session.id] = session
	session.live = true
	s.live++
	if polling {
		session.waiting = s.unclaimed.Add(session, from)
		if s.unclaimed.Len() > s.p.MaxUnclaimed {
			evicted = s.unclaimed.Surplus()
			s.strikeLocked(evicted)
		}
	}
	s.mu.Unlock()
	if evicted != nil {
		evicted.end(versions.ReasonPingTimeout, endNow)
	}
	return nil
}

var errDuplicateID = errors.New("engine: session id in use")

// claim notes that a session's client has come back.
func (s *Server) claim(session *Session) {
	s.mu.Lock()
	s.strikeLocked(session)
	s.mu.Unlock()
}

// strikeLocked takes a session out of those that wait for their client, if it is
// one of them.
func (s *Server) strikeLocked(session *Session) {
	s.unclaimed.Remove(session.waiting)
	session.waiting = nil
}

// left notes that a session has ended, though its client may still fetch what
// was queued.
func (s *Server) left(session *Session) {
	s.mu.Lock()
	if session.live {
		session.live = false
		s.live--
	}
	s.mu.Unlock()
}

func (s *Server) remove(session *Session) {
	s.mu.Lock()
	if s.sessions[session.id] == session {
		delete(s.sessions, session.id)
	}
	s.strikeLocked(session)
	s.mu.Unlock()
}

// Close ends every session and waits for the goroutines of their connections,
// or for the context.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	all := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		all = append(all, session)
	}
	s.mu.Unlock()
	for _, session := range all {
		session.end(versions.ReasonServerShutdown, endFlush)
		session.abandonProbe()
	}
	_, err := Await(ctx, &s.wg)
	if err != nil {
		// The readers end with their connections, except one that is inside a
		// handler: that cannot be ended from here, nor waited for without end.
		for _, session := range all {
			session.terminate()
		}
	}
	return err
}

// Await waits for a group of connections, each of which is bounded in time, or for
// the context, whose error it then returns. The channel is closed when the last of
// the group has ended, in either case.
func Await(ctx context.Context, group *sync.WaitGroup) (<-chan struct{}, error) {
	done := make(chan struct{})
	go func() { // ends with the last of the group
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return done, nil
	case <-ctx.Done():
		return done, ctx.Err()
	}
}

// NewID returns 120 random bits in 20 characters of the url-safe alphabet, the
// form of the genuine servers' ids.
func NewID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails, see its documentation
	return base64.RawURLEncoding.EncodeToString(b[:])
}
