package engine

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/internal/unclaimed"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// Session is one client of any revision. All exported methods may be called
// concurrently, and none of them blocks.
type Session struct {
	srv       *Server
	profile   *Profile
	id        string
	handshake *versions.Handshake
	evidence  string
	record    Record
	out       outbox.Outbox

	lastSeen  atomic.Int64 // duration since the server's epoch
	duplex    atomic.Bool  // carrier is set
	narrowed  atomic.Pointer[map[string]bool]
	greeting  atomic.Bool // the answer to a polling handshake is due
	receiving atomic.Bool // a Message call is under way

	recv    sync.Mutex // held during calls of the handler's Message and Learnt
	handler Handler    // set once, under both locks

	mu sync.Mutex
	// Guarded by mu:
	transport string
	carrier   *transports.Duplex // nil while polling
	held      *transports.Held   // the held GET of a polling session
	probing   bool               // an upgrade is under way,
	probe     transports.Conn    // on this connection, once it stands
	posting   bool
	awaiting  bool // a ping of the server is unanswered
	closed    bool
	told      bool            // the handler knows that the session has ended
	reason    versions.Reason // valid if closed
	farewell  *packet.Frame   // what ends the last poll of a closed session
	timer     *time.Timer     // heartbeat; after the end, of lingering

	// Guarded by the server's mutex:
	waiting *unclaimed.Entry[*Session] // nil once its client has come back
	live    bool
}

// ID returns the session id.
func (s *Session) ID() string { return s.id }

// Handshake returns the request that started the session.
func (s *Session) Handshake() *versions.Handshake { return s.handshake }

// Revision returns the session's revision.
func (s *Session) Revision() *Revision { return s.profile.Revision }

// Record returns what is known of the client's habits.
func (s *Session) Record() *Record { return &s.record }

// Transport returns the name of the carrier in use.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport
}

// Duplex reports whether the session is on a duplex carrier, which it never
// leaves again.
func (s *Session) Duplex() bool { return s.duplex.Load() }

// Evidence tells by what the client was recognised when the session started.
func (s *Session) Evidence() string { return s.evidence }

// Narrow replaces the transports of the profile that the client may use from now
// on. The map is not changed any more.
func (s *Session) Narrow(names map[string]bool) { s.narrowed.Store(&names) }

func (s *Session) allowed() map[string]bool {
	if names := s.narrowed.Load(); names != nil {
		return *names
	}
	return s.profile.Transports
}

// Send queues the frames of one packet. Errors are those of package versions;
// ErrSlow has ended the session.
func (s *Session) Send(frames []packet.Frame, volatile bool) error {
	err := NotQueued(s.out.Put(frames, volatile))
	if errors.Is(err, versions.ErrSlow) {
		s.end(versions.ReasonSlowConsumer, endNow)
	}
	return err
}

// NotQueued returns what an error of an outbox means to whoever sends: one of
// package versions. After ErrSlow the session has to end.
func NotQueued(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, outbox.ErrDropped):
		return versions.ErrDropped
	case errors.Is(err, outbox.ErrFull):
		return versions.ErrSlow
	default:
		return versions.ErrClosed
	}
}

// Close ends the session once what is queued has been sent.
func (s *Session) Close(reason versions.Reason) { s.end(reason, endFlush) }

// serve handles a request that names the session.
func (s *Session) serve(w http.ResponseWriter, r *http.Request, t transports.Transport) {
	if duplex, ok := t.(transports.DuplexTransport); ok {
		s.upgrade(w, r, duplex)
		return
	}
	s.srv.claim(s)
	if t.Name() != s.Transport() {
		Refuse(w, r, CodeBadRequest, "")
		return
	}
	switch r.Method {
	case http.MethodGet:
		s.poll(w, r)
	case http.MethodPost:
		s.post(w, r)
	case http.MethodOptions:
		s.preflight(w, r)
	default:
		s.answer(w, r, http.StatusInternalServerError, "", nil)
	}
}

// adopt connects the handler, telling it at once if the session has ended in
// the meantime.
func (s *Session) adopt(h Handler) {
	s.recv.Lock()
	s.mu.Lock()
	s.handler = h
	tell := s.closed && !s.told
	if tell {
		s.told = true
	}
	reason := s.reason
	s.mu.Unlock()
	s.recv.Unlock()
	if tell {
		h.Closed(reason)
	}
}

func (s *Session) touch() { s.lastSeen.Store(int64(s.srv.now())) }

// receive handles the packets of one body or message, in order. It reports
// false if one of them was no packet.
func (s *Session) receive(packets []RawPacket) bool {
	s.recv.Lock()
	defer s.recv.Unlock()
	s.receiving.Store(true)
	defer func() {
		// The client may have been waiting for us, so its silence begins anew.
		s.touch()
		s.receiving.Store(false)
	}()
	for _, raw := range packets {
		p, err := s.decode(raw)
		if err != nil {
			return false
		}
		if s.ended() {
			return true
		}
		s.touch()
		s.handle(p)
	}
	return true
}

func (s *Session) decode(raw RawPacket) (Packet, error) {
	if raw.Binary {
		return s.profile.Revision.Framing.DecodeBinary(raw.Data)
	}
	return s.profile.Revision.Framing.DecodeText(raw.Data)
}

func (s *Session) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Session) handle(p Packet) {
	switch p.Type {
	case PacketMessage:
		if s.handler != nil {
			s.handler.Message(p.Data, p.Binary)
		}
	case PacketPing:
		s.pinged()
	case PacketPong:
		s.ponged()
	case PacketClose:
		s.end(versions.ReasonTransportClose, endClient)
	case PacketOpen, PacketUpgrade, PacketNoop:
		// Of no meaning from a client here; genuine servers ignore them.
	}
}
