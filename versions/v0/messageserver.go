package v0

import (
	"context"
	"crypto/rand"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// MessageRequest is what the front door has found out about a request of 0.1 to
// 0.6.
type MessageRequest struct {
	// Transport is the first segment of the path, and Session the second, "" if
	// it is empty or missing.
	Transport, Session string
	// Bare is set if nothing follows the transport, not even a slash.
	Bare bool
	// Handshake is set if the request may open a session. With Session it means
	// that this may be the time of the request, in a path in which a proxy has made
	// one slash of two.
	Handshake bool
	// Candidates are the generations that the client may be of, and Guess the more
	// likely one.
	Candidates compat.Set
	Guess      compat.ID
	// Evidence is kept with a new session, and shown in its Info.
	Evidence string
}

// MessageServer owns the sessions of 0.1 to 0.6, whose packets are messages. All
// methods may be called concurrently.
type MessageServer struct {
	p                MessageParams
	core             *Server
	envelope, framed *dialect
}

// NewMessageServer returns a server without sessions. The error is that of
// [MessageParams.Check].
func NewMessageServer(p MessageParams) (*MessageServer, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := &MessageServer{p: p}
	m.envelope, m.framed = p.dialects()
	m.core = &Server{
		p:          p.core(),
		family:     m.framed,
		claim:      messageClaim,
		resume:     p.StreamCloseTimeout,
		messages:   m,
		mechanisms: map[string]mechanism{},
		epoch:      time.Now(),
		sessions:   map[string]*session{},
		offers:     offers{callers: map[callerKey]*caller{}},
	}
	for _, name := range p.Transports {
		m.core.mechanisms[name] = m.core.messageMechanism(name)
	}
	return m, nil
}

// Sessions is like [Server.Sessions].
func (m *MessageServer) Sessions() int { return m.core.Sessions() }

// Close is like [Server.Close], except that clients are told nothing: those since
// 0.6.3 connect anew by themselves.
func (m *MessageServer) Close(ctx context.Context) error { return m.core.Close(ctx) }

// Rehandshakes returns how many times a client has asked for a session anew
// without having taken the one it was offered. Each client of 0.1 to 0.4 that
// polls adds one, as a rule; a client that understands neither dialect adds to it
// without end.
func (m *MessageServer) Rehandshakes() uint64 {
	m.core.mu.Lock()
	defer m.core.mu.Unlock()
	return m.core.offers.again
}

// ServeHTTP answers a request of a client of 0.1 to 0.6. A request for a transport
// that is not enabled or for a session that does not exist ends with its
// connection, without an answer: any answer at all would make polling clients
// before 0.6 ask again at once, for ever.
func (m *MessageServer) ServeHTTP(w http.ResponseWriter, r *http.Request, q MessageRequest) {
	way, ok := m.core.mechanisms[q.Transport]
	upgrade := isUpgrade(r)
	session := m.core.lookup(q.Session)
	switch {
	case r.Method == http.MethodOptions:
		preflight(w, r, m.p.WriteTimeout)
	case !ok || upgrade && way.posts():
		versions.ReportRefusal(r, versions.RefusedTransport, "")
		abort(w)
	case r.Method == http.MethodPost && way.posts():
		m.post(w, r, way, q.Session == "", session)
	case r.Method != http.MethodGet:
		notAllowed(w, r, m.p.WriteTimeout)
	case !upgrade && !way.posts():
		w.Header().Set("Connection", "close")
		plain(w, r, http.StatusBadRequest, []byte("not a websocket"), m.p.WriteTimeout)
	case q.Transport == nameJSONPPolling && messagePolls.index(r) == "":
		plain(w, r, http.StatusBadRequest, []byte("no index"), m.p.WriteTimeout)
	case session == nil && q.Session != "" && !(q.Handshake && isRecent(q.Session)):
		versions.ReportRefusal(r, versions.RefusedSession, "")
		abort(w)
	case session == nil:
		m.handshake(w, r, q, way)
	case session.firstTransport() != q.Transport:
		abort(w)
	default:
		session.reopen(w, r, way)
	}
}

// reopen serves a request that carries messages to the client of a session. It is
// not greeted, as by genuine servers: it has its id.
func (s *session) reopen(w http.ResponseWriter, r *http.Request, way mechanism) {
	s.taken()
	if s.speaks().undecided {
		s.probe() // the answer to the one before may be lost
	}
	way.open(w, r, s)
}

// taken notes how the dialect of a session that was offered has become certain.
func (s *session) taken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.speaks(); s.receiver == nil && s.decided == "" && !d.undecided {
		s.decided = decidedByClaim + d.generation.String()
	}
}

func (s *session) firstTransport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport
}

// handshake begins a session. On a stream it opens it; the answer to a poll is
// the id alone.
func (m *MessageServer) handshake(w http.ResponseWriter, r *http.Request, q MessageRequest, way mechanism) {
	if m.p.Admit != nil && m.p.Admit(r) != nil {
		m.Refuse(w, r, RefuseOrigin)
		return
	}
	if poll, ok := way.(*polling); ok {
		m.offer(w, r, q, poll)
		return
	}
	d, second, how := m.choices(r, q)
	if d != second {
		d = undecided
	}
	s := m.start(w, r, q, d, how)
	if s == nil {
		return
	}
	s.greet()
	way.open(w, r, s)
	if s.unopened() {
		s.end(versions.ReasonTransportError, endNow)
	}
}

// start makes a session and enters it. If that cannot be it refuses the request,
// and returns nil.
func (m *MessageServer) start(w http.ResponseWriter, r *http.Request, q MessageRequest, d *dialect, how string) *session {
	s, err := m.newSession(r, q, d)
	if err != nil {
		m.p.Logger.Warn("session not started", "error", err)
		m.Refuse(w, r, RefuseRequest)
		return nil
	}
	s.decided = how
	if !m.core.add(s) {
		abort(w)
		return nil
	}
	return s
}

// choices returns the dialect that a client speaks, twice, or the two that it may
// speak.
func (m *MessageServer) choices(r *http.Request, q MessageRequest) (first, second *dialect, how string) {
	first, second = m.framed, m.envelope
	if q.Guess == compat.V01 {
		first, second = second, first
	}
	if q.Candidates&(q.Candidates-1) == 0 {
		return first, first, ""
	}
	pin := m.p.Dialect
	if m.p.ChooseDialect != nil {
		if chosen := m.p.ChooseDialect(r); chosen != DialectAuto {
			pin = chosen
		}
	}
	switch pin {
	case DialectJSON:
		return m.envelope, m.envelope, decidedByConfig
	case DialectFramed:
		return m.framed, m.framed, decidedByConfig
	default:
		return first, second, ""
	}
}

// expect gives the client of a poll its time to come back.
func (s *session) expect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.setTimerLocked(s.srv.claim)
	}
}

// unopened reports whether no stream has come to be for the session.
func (s *session) unopened() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && s.carrier == nil && s.receiver == nil && s.due == 0
}

// pause waits, and reports false if the client has gone meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// isRecent reports whether a segment is the time of a request, in milliseconds,
// to within a week.
func isRecent(segment string) bool {
	ms, err := strconv.ParseInt(segment, 10, 64)
	if err != nil || len(segment) != len("1795196057866") {
		return false
	}
	return time.Since(time.UnixMilli(ms)).Abs() < 7*24*time.Hour
}

// idDigits is the length of session ids in decimal digits, like those of genuine
// servers, of which there are enough for 120 random bits.
const idDigits = 37

func (m *MessageServer) newID(r *http.Request) (string, error) {
	if m.p.GenerateID == nil {
		low := new(big.Int).Exp(big.NewInt(10), big.NewInt(idDigits-1), nil)
		n, err := rand.Int(rand.Reader, new(big.Int).Mul(low, big.NewInt(9)))
		if err != nil {
			return "", err // never, see the documentation of Reader
		}
		return n.Add(n, low).String(), nil
	}
	id, err := m.p.GenerateID(r)
	if err != nil {
		return "", err
	}
	if !validID(id) {
		return "", errBadID
	}
	return id, nil
}

func validID(id string) bool {
	return id != "" && len(id) <= maxID && !strings.ContainsAny(id, ":/?#% \r\n")
}

// packetOf returns the packet that a client's message is.
func (m *MessageServer) packetOf(message compat.Message) (*packet.Packet, error) {
	decode := m.p.Decode
	if decode == nil {
		return compat.PacketOfMessage(message)
	}
	p, err := decode(message)
	if err == nil && (p == nil || p.Type != packet.Event) {
		err = errMessagesArray
	}
	if err != nil {
		return nil, err
	}
	event := *p
	event.Namespace, event.ID, event.HasID = packet.DefaultNamespace, 0, false
	return &event, nil
}

// Refuse answers a request that may not come in. There is no word for it: the
// connection ends. A websocket gets a status, and a script of 0.6 whose page may
// not connect the alert of genuine servers.
func (m *MessageServer) Refuse(w http.ResponseWriter, r *http.Request, why Refusal) {
	why.report(r)
	transports.Drain(r)
	switch {
	case isUpgrade(r):
		w.Header().Set("Connection", "close") // what follows is no request
		status := http.StatusNotFound
		if why == RefuseOrigin {
			status = http.StatusForbidden
		}
		plain(w, r, status, nil, m.p.WriteTimeout)
	case why == RefuseOrigin && r.Method == http.MethodGet && strings.Contains(r.URL.EscapedPath(), "/"+nameJSONPPolling+"/"):
		answer(w, r, http.StatusOK, typeScript, []byte("alert('Cross domain security restrictions not met');"), m.p.WriteTimeout)
	default:
		abort(w)
	}
}
