package socketio

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
	"github.com/heirloom-io/socketio/versions"
)

// recovery is what a namespace has if its clients can have their sessions back.
type recovery struct {
	store rooms.Recovery

	mu sync.Mutex
	// live holds, by their secret, the sockets that a client might come back to.
	live map[string]*Socket
}

// session is the part of a socket that outlives its connection.
type session struct {
	pid       string
	trail     rooms.Trail
	recovered bool
	opened    time.Time // when the server took the client in
	// gone is closed when the session is in the store, or over.
	gone chan struct{}
	// Used by whoever ends the socket:
	rooms []string
}

// claim is a session that a client has come back to.
type claim struct {
	rooms.Session
	trail rooms.Trail
}

// takeoverTimeout is how long a client that comes back waits for the handlers
// of the connection that it has lost, of which the server did not know yet.
const takeoverTimeout = 10 * time.Second

// maxClaim bounds what is taken for a secret or an offset, in bytes.
const maxClaim = 128

// Recovered reports whether the client has come back to a session that it had
// lost: with the same id, the rooms and the data of before, and what was sent to it
// in the meantime. See [RecoveryConfig]. Since 4.6.
func (s *Socket) Recovered() bool { return s.session != nil && s.session.recovered }

// openRecovery returns the recovery of a namespace with that adapter, or nil.
func (s *Server) openRecovery(ns *Namespace, adapter rooms.Adapter) *recovery {
	c := &s.config.Recovery
	if !c.Enabled {
		return nil
	}
	limits := rooms.RecoveryLimits{
		Window: c.Window,
		// A connection may have been dead for so long before it is found to be.
		Retention: c.Window + s.config.PingInterval + s.config.V4.PingTimeout + s.config.WriteTimeout,
		Bytes:     c.MaxBytes,
		Packets:   c.MaxPackets,
		Sessions:  c.MaxSessions,
		Pool:      s.journals,
	}
	var store rooms.Recovery
	switch a := adapter.(type) {
	case *rooms.Store:
		store = rooms.NewJournal(limits)
	case rooms.Recoverer:
		store = a.Recovery(limits)
	}
	if store == nil {
		s.log().Warn("adapter cannot recover sessions", "namespace", ns.name)
		return nil
	}
	return &recovery{store: store, live: make(map[string]*Socket)}
}

// record gives an event its place if sessions are kept, and sent says that it has
// reached everybody.
func (n *Namespace) record(p *packet.Packet, t rooms.Target) error {
	if n.recovery == nil || p.Type != packet.Event || p.HasID {
		return nil
	}
	if err := n.recovery.store.Record(p, t); err != nil {
		return fmt.Errorf("socketio: record: %w", err)
	}
	return nil
}

func (n *Namespace) sent(p *packet.Packet) {
	if n.recovery != nil && p.Offset != "" {
		n.recovery.store.Sent(p)
	}
}

// outlet is a socket as its trail sees it.
type outlet Socket

var _ rooms.Taker = (*outlet)(nil)

// Deliver queues a packet for the client.
func (o *outlet) Deliver(p *packet.Prepared) error {
	err := o.client.conn.Deliver(p)
	if errors.Is(err, versions.ErrClosed) {
		return rooms.ErrAway
	}
	return err
}

// deliverRecorded hands an event that has its place to the trail. It is not an
// error that the connection has ended, unless the client cannot come back.
func (s *Socket) deliverRecorded(p *packet.Prepared) error {
	if s.state() == stateLeaving {
		return s.gone()
	}
	if e, ok := s.client.conn.(versions.Encoder); ok {
		// The trail delivers under its lock, where nothing may be encoded.
		if err := e.Encode(p); err != nil {
			return delivered(err)
		}
	}
	err := s.session.trail.Deliver(p, (*outlet)(s))
	switch {
	case errors.Is(err, rooms.ErrAway):
		s.mu.Lock()
		ending := s.ending
		s.mu.Unlock()
		if ending != nil && !recoverable(ending.Reason) {
			return ending
		}
		return nil
	case errors.Is(err, rooms.ErrOver):
		return s.gone()
	}
	return delivered(err)
}

// emitRecorded sends an event to a socket with a session.
func (s *Socket) emitRecorded(p *packet.Packet) error {
	if s.state() == stateLeaving || !s.session.trail.Waits((*outlet)(s)) {
		return s.gone()
	}
	if err := s.ns.record(p, rooms.Target{Rooms: []string{s.id}}); err != nil {
		return err
	}
	defer s.ns.sent(p)
	prepared := packet.Prepare(p)
	switch {
	case p.Offset == "":
		return s.deliverDirect(prepared)
	case !s.session.recovered && s.confirming(): // else its trail knows what has to wait
		if done, err := s.putOff(p, func() { _ = s.deliverRecorded(prepared) }); done {
			return err
		}
	}
	return s.deliverRecorded(prepared)
}

// recoverable reports whether a socket that ended for a reason may come back.
func recoverable(reason Reason) bool {
	switch reason {
	case ReasonTransportError, ReasonTransportClose, ReasonPingTimeout, ReasonForcedClose, ReasonServerShutdown:
		return true
	case ReasonServerDisconnect, ReasonClientDisconnect, ReasonParseError, ReasonSlowConsumer, ReasonPolicy:
	}
	return false
}

// claimOf reads what a client that wants its session back says.
func claimOf(p *packet.Packet) (pid, offset string) {
	var auth struct {
		PID    string `json:"pid"`
		Offset string `json:"offset"`
	}
	// Whoever says something else does not mean it.
	if p.Data == nil || json.Unmarshal(p.Data, &auth) != nil || len(auth.PID) > maxClaim || len(auth.Offset) > maxClaim {
		return "", ""
	}
	return auth.PID, auth.Offset
}

// recovery returns that of the namespace if it concerns the client, or nil.
func (c *client) recovery(ns *Namespace) *recovery {
	if ns == nil || ns.recovery == nil || !c.conn.Can(packet.FeatureRecovery) {
		return nil
	}
	return ns.recovery
}

// claim takes the session out that a client asks for, or returns nil. If the
// server does not know yet that the client has lost its connection, that one is
// ended first, which may take as long as its handlers do. A connection that was
// confirmed after this one had begun is another claimant's, and stays.
func (c *client) claim(ns *Namespace, p *packet.Packet) *claim {
	r := c.recovery(ns)
	if r == nil || c.hasEnded() || c.socket(ns.name) != nil {
		return nil
	}
	pid, offset := claimOf(p)
	if pid == "" {
		return nil
	}
	r.mu.Lock()
	old := r.live[pid]
	r.mu.Unlock()
	if old != nil && old.client != c {
		if !old.session.opened.Before(c.conn.Handshake().Issued) {
			return nil
		}
		old.client.close(ReasonTransportClose)
		timeout := time.NewTimer(takeoverTimeout)
		defer timeout.Stop()
		select {
		case <-old.session.gone:
		case <-timeout.C:
			return nil
		}
	}
	kept, trail, ok := r.store.Restore(pid, offset)
	if !ok {
		return nil
	}
	return &claim{Session: kept, trail: trail}
}

// begin gives a new socket its session.
func (s *Socket) begin(r *recovery, back *claim) {
	switch {
	case back != nil:
		s.id = back.ID
		s.session = &session{pid: back.PID, trail: back.trail, recovered: true, rooms: back.Rooms}
		if len(back.Data) > 0 {
			s.rare = &rare{data: back.Data}
		}
	case r != nil:
		s.session = &session{pid: newSocketID(), trail: r.store.Begin((*outlet)(s))}
	default:
		return
	}
	s.session.opened = time.Now()
	s.session.gone = make(chan struct{})
}

// come makes the session known as one that its client may come back to, before the
// client can know of it.
func (s *Socket) come() {
	if s.session == nil {
		return
	}
	r := s.ns.recovery
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[s.session.pid] = s
}

// leaveRooms notes for the session where the socket was, right before it is
// taken out of its rooms.
func (s *Socket) leaveRooms() {
	if s.session == nil {
		return
	}
	s.session.rooms = s.ns.adapter.SocketRooms(s.id)
	s.session.trail.Leave(s.id, s.session.rooms)
}

// settle keeps the session, or ends it, when the socket is out of everything.
func (s *Socket) settle(keep bool) {
	if s.session == nil {
		return
	}
	if keep {
		s.mu.Lock()
		var data map[string]any
		if s.rare != nil {
			data = maps.Clone(s.rare.data)
		}
		s.mu.Unlock()
		s.session.trail.Keep(rooms.Session{PID: s.session.pid, ID: s.id, Rooms: s.session.rooms, Data: data})
	} else {
		s.session.trail.End()
	}
	r := s.ns.recovery
	r.mu.Lock()
	// Whoever has taken the session out meanwhile is known by the same secret.
	if r.live[s.session.pid] == s {
		delete(r.live, s.session.pid)
	}
	r.mu.Unlock()
	close(s.session.gone)
}

// resume brings a socket back: into its rooms first, so that nothing falls
// between what has been recorded and what still comes. It reports false if something
// has; the client then comes back once more, and begins anew.
func (s *Socket) resume() bool {
	s.come()
	s.appear(s.session.rooms...)
	err := s.session.trail.Resume((*outlet)(s), packet.Prepare(s.confirmation()))
	if errors.Is(err, rooms.ErrGap) || errors.Is(err, rooms.ErrOver) {
		s.client.close(ReasonTransportError)
		s.discard(false)
		return false
	}
	s.unpark()
	return true
}
