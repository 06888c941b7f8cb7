package socketio

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/heirloom-io/socketio/rooms"
)

// Namespace is one of the channels that share a client's connection, with
// sockets, rooms, middleware and handlers of its own. [Server.Of] makes it.
type Namespace struct {
	server *Server
	name   string

	closed  sync.Once
	adapter rooms.Adapter // set before anybody else can have the namespace
	// recovery is set along with it, if sessions are kept.
	recovery *recovery
	// parent is what the namespace was made from on demand, or nil; set before
	// anybody else can have the namespace.
	parent *ParentNamespace
	// guests counts the sockets that hold a child; under the server's lock.
	guests int
	// removed is set when a child has ended.
	removed atomic.Bool

	// acks is the number of acknowledgements asked for so far. The sockets of a
	// namespace share it, as they always have since 1.0.
	acks atomic.Int64

	mu         sync.RWMutex
	middleware []func(*Socket) error // copied when appended to
	connection []func(*Socket)       // copied when appended to
	serverSide []serverListener      // copied when appended to
	sockets    map[string]*Socket    // the connected ones by id
}

func (n *Namespace) close() (err error) {
	n.closed.Do(func() {
		err = n.adapter.Close()
		if n.recovery != nil {
			n.recovery.store.Close()
		}
	})
	return err
}

// Name returns the name, with its leading slash.
func (n *Namespace) Name() string { return n.name }

// Server returns the server.
func (n *Namespace) Server() *Server { return n.server }

// Adapter returns the room store.
func (n *Namespace) Adapter() rooms.Adapter { return n.adapter }

// Use adds a middleware, which is called for every socket that wants to join
// the namespace, before its connection handlers. An error refuses the socket:
// the client gets an ERROR packet with the data or message of an [*Error], or
// with the text of any other error, and its connection stays open; since 3.0 it
// gets both, the message and the data. A client before 3.0 that was refused in
// "/" joins no other namespace either.
//
// Middlewares run in the order in which they were added, one socket of a client
// after the other. They may block, and may emit: what they emit reaches the
// client before the confirmation. Those added meanwhile do not concern sockets
// that are on their way.
func (n *Namespace) Use(fn func(*Socket) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.middleware = append(slices.Clip(n.middleware), fn)
}

// OnConnection adds a handler that is called with every socket that has joined
// the namespace, before anything the client sends to it. It is the place to
// call [Socket.On].
func (n *Namespace) OnConnection(fn func(*Socket)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.connection = append(slices.Clip(n.connection), fn)
}

// OnConnect is another name for [Namespace.OnConnection], as in Socket.IO.
func (n *Namespace) OnConnect(fn func(*Socket)) { n.OnConnection(fn) }

// To returns an operator that emits to the members of rooms, once to each.
// Without rooms it means the whole namespace.
func (n *Namespace) To(rooms ...string) Operator { return n.all().To(rooms...) }

// In is another name for [Namespace.To].
func (n *Namespace) In(rooms ...string) Operator { return n.To(rooms...) }

// Except returns an operator that leaves out the members of rooms. The id of a
// socket is a room too.
func (n *Namespace) Except(rooms ...string) Operator { return n.all().Except(rooms...) }

// Local returns an operator that reaches no other node of a cluster.
func (n *Namespace) Local() Operator { return n.all().Local() }

// Volatile returns an operator whose events are dropped for clients that are
// not ready to take them at that moment.
func (n *Namespace) Volatile() Operator { return n.all().Volatile() }

// Compress returns an operator that asks for compression or not; by default it
// is asked for.
func (n *Namespace) Compress(compress bool) Operator { return n.all().Compress(compress) }

// Emit sends an event to every socket of the namespace. See [Operator.Emit].
func (n *Namespace) Emit(event string, args ...any) error { return n.all().Emit(event, args...) }

// Send emits the event "message".
func (n *Namespace) Send(args ...any) error { return n.all().Send(args...) }

// Clients returns the ids of all sockets of the namespace, those of other nodes
// of a cluster included.
func (n *Namespace) Clients(ctx context.Context) ([]string, error) { return n.all().Clients(ctx) }

// Sockets returns the sockets connected to this server, in no order.
func (n *Namespace) Sockets() []*Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	sockets := make([]*Socket, 0, len(n.sockets))
	for _, s := range n.sockets {
		sockets = append(sockets, s)
	}
	return sockets
}

// Socket returns the socket of that id if it is connected to this server.
func (n *Namespace) Socket(id string) (*Socket, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	s, ok := n.sockets[id]
	return s, ok
}

func (n *Namespace) all() Operator { return Operator{ns: n} }

func (n *Namespace) middlewares() []func(*Socket) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.middleware
}

func (n *Namespace) connectionHandlers() []func(*Socket) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.connection
}

func (n *Namespace) add(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets == nil {
		n.sockets = make(map[string]*Socket)
	}
	n.sockets[s.id] = s
}

func (n *Namespace) remove(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets[s.id] == s {
		delete(n.sockets, s.id)
	}
}
