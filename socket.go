package socketio

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// Socket is one client in one namespace: what the application talks to. A client
// that comes back after its connection ended, or after it left the namespace, is
// a new socket; what is done to the old one then does not concern it.
type Socket struct {
	client *client
	ns     *Namespace
	id     string
	hello  *hello
	// session is set, for good, if the client may come back to it.
	session *session
	stage   atomic.Int32

	mu sync.Mutex
	// listeners holds those of events and, under the reserved names no client
	// can use, those of the life-cycle. Most sockets have few, and a short list
	// is smaller and faster than a map.
	listeners []listener
	serial    uint32 // of the last listener
	// watched says which kinds of catch-all listeners there are. It changes under
	// the lock and is read without.
	watched atomic.Uint32
	rare    *rare
	// ending is set as soon as the socket is known to end, and says why.
	ending *DisconnectError
	// moving counts the calls about the socket's rooms that are under way. It
	// grows under the lock, and not any more once the socket is gone.
	moving sync.WaitGroup
}

// rare is what few sockets need.
type rare struct {
	middleware []func(*Event) error
	acks       map[int64]pendingAck
	data       map[string]any
	incoming   []watcher // copied when changed, like the next
	outgoing   []watcher
	ctx        context.Context
	cancel     context.CancelCauseFunc
	parked     []func() // what has to follow the confirmation
	// parkedBytes is the size of the packets in parked.
	parkedBytes int
}

// The stages of a socket's life, which it goes through in this order.
const (
	stateConnecting int32 = iota // middlewares are at work
	stateConfirming              // it can be found, and the client is being told
	stateOpen                    // it takes and sends events
	stateLeaving                 // the application disconnected it
	stateGone                    // it is in no room and no namespace
)

// newSocket makes a socket for a request to join a namespace.
func newSocket(c *client, ns *Namespace, p *packet.Packet, back *claim) *Socket {
	s := &Socket{client: c, ns: ns}
	switch {
	case c.conn.Can(packet.FeatureOwnIDs):
		s.id = newSocketID()
	case ns.name == packet.DefaultNamespace:
		s.id = c.conn.ID()
	default:
		s.id = ns.name + "#" + c.conn.ID()
	}
	s.begin(c.recovery(ns), back)
	if p.Query != "" || p.Data != nil {
		s.hello = &hello{query: p.Query, auth: p.Data}
	}
	return s
}

// member is a socket as its rooms see it. It is a type of its own so that
// Deliver is no part of the public API.
type member Socket

var _ rooms.Member = (*member)(nil)

// ID returns the socket's id.
func (m *member) ID() string { return m.id }

// Deliver queues a packet for the client.
func (m *member) Deliver(p *packet.Prepared) error {
	s := (*Socket)(m)
	recorded := s.session != nil && p.Packet().Offset != ""
	if recorded && s.session.recovered {
		// Its trail knows by itself what has to wait.
		if s.state() == stateOpen {
			s.tellOutgoing(p.Packet())
		}
		return s.deliverRecorded(p)
	}
	switch s.state() {
	case stateConnecting:
		return ErrDisconnected
	case stateConfirming:
		if done, err := s.putOff(p.Packet(), func() { _ = s.take(p, recorded) }); done {
			return err
		}
	}
	return s.take(p, recorded)
}

// take queues a packet of a broadcast for the client of a socket that is, or was,
// connected.
func (s *Socket) take(p *packet.Prepared, recorded bool) error {
	connected := s.state() <= stateOpen
	if connected {
		s.tellOutgoing(p.Packet())
	}
	switch {
	case recorded:
		return s.deliverRecorded(p)
	case !connected:
		return ErrDisconnected
	}
	return s.client.conn.Deliver(p)
}

func (s *Socket) state() int32    { return s.stage.Load() }
func (s *Socket) server() *Server { return s.client.server }

// ID returns the socket's id. For a client before 3.0 it is that of the session
// in "/", and with the name of the namespace before it elsewhere, "/chat#ID", as
// since 1.5; for a later one it is one of its own, which is new each time the
// client joins.
func (s *Socket) ID() string { return s.id }

// Namespace returns the namespace.
func (s *Socket) Namespace() *Namespace { return s.ns }

// Server returns the server.
func (s *Socket) Server() *Server { return s.client.server }

// Conn returns the connection, which the client's sockets in other namespaces
// share.
func (s *Socket) Conn() Conn { return Conn{s.client} }

// Connected reports whether the socket is connected. It is false in
// middlewares, and from the moment the end of the socket is known, which is
// before the disconnect handlers run.
func (s *Socket) Connected() bool {
	return s.state() == stateOpen && !s.ended()
}

// Context returns a context that ends as soon as the end of the socket is known,
// also while handlers are still at work. Its cause is then a *DisconnectError,
// which holds the reason. It is what handlers that take a context get.
func (s *Socket) Context() context.Context {
	s.mu.Lock()
	r := s.rareLocked()
	if r.ctx == nil {
		r.ctx, r.cancel = context.WithCancelCause(context.Background())
	}
	ctx, cancel, ending := r.ctx, r.cancel, s.ending
	s.mu.Unlock()
	if ending != nil {
		cancel(ending)
	}
	return ctx
}

func (s *Socket) rareLocked() *rare {
	if s.rare == nil {
		s.rare = &rare{}
	}
	return s.rare
}
