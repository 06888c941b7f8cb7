package socketio

import (
	"errors"
	"regexp"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// ParentNamespace makes namespaces when clients ask for them, out of the names
// that a pattern or a func admits. [Server.OfPattern] and [Server.OfFunc] make
// it. Each namespace has the middlewares and connection handlers that its parent
// had when it was made, and sockets and rooms of its own.
//
// A client may only cause [Config.MaxDynamicNamespaces] of them to exist, and
// with [Config.CleanupEmptyChildNamespaces] they end with their last socket.
type ParentNamespace struct {
	server  *Server
	pattern *regexp.Regexp // nil if admit decides
	admit   func(name string, h *Handshake) (bool, error)

	mu         sync.RWMutex
	middleware []func(*Socket) error // copied when appended to
	connection []func(*Socket)       // copied when appended to
	children   map[*Namespace]struct{}
}

// OfPattern returns a parent for the namespaces whose names, leading slash
// included, have a match of the pattern; anchor it to mean whole names. Parents
// are asked in the order in which they were made, and only for names there is no
// namespace of. Since 2.1.
func (s *Server) OfPattern(pattern *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{pattern: pattern})
}

// OfFunc returns a parent for the namespaces that a func admits by their name,
// leading slash included, and by what the client said with its request: its query
// and, since 3.0, its auth. An error, which is logged, or a panic means no. It is
// called in turn with the client's handlers and may block. Since 2.1.
func (s *Server) OfFunc(admit func(name string, h *Handshake) (bool, error)) *ParentNamespace {
	return s.addParent(&ParentNamespace{admit: admit})
}

func (s *Server) addParent(p *ParentNamespace) *ParentNamespace {
	p.server, p.children = s, make(map[*Namespace]struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parents = append(slices.Clip(s.parents), p)
	return p
}

// Use adds a middleware to the namespaces made from now on; see [Namespace.Use].
func (p *ParentNamespace) Use(fn func(*Socket) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.middleware = append(slices.Clip(p.middleware), fn)
}

// OnConnection adds a handler to the namespaces made from now on; see
// [Namespace.OnConnection].
func (p *ParentNamespace) OnConnection(fn func(*Socket)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connection = append(slices.Clip(p.connection), fn)
}

// OnConnect is another name for [ParentNamespace.OnConnection].
func (p *ParentNamespace) OnConnect(fn func(*Socket)) { p.OnConnection(fn) }

// Children returns the namespaces there are, in the order of their names.
func (p *ParentNamespace) Children() []*Namespace {
	p.mu.RLock()
	defer p.mu.RUnlock()
	list := make([]*Namespace, 0, len(p.children))
	for ns := range p.children {
		list = append(list, ns)
	}
	slices.SortFunc(list, byName)
	return list
}

// All returns an operator that means every socket in every namespace of the
// parent, and after [Operator.To] the members of rooms of that name in each.
func (p *ParentNamespace) All() Operator { return Operator{parent: p} }

// To returns an operator for the members of rooms in every namespace.
func (p *ParentNamespace) To(rooms ...string) Operator { return p.All().To(rooms...) }

// In is another name for [ParentNamespace.To].
func (p *ParentNamespace) In(rooms ...string) Operator { return p.To(rooms...) }

// Except returns an operator that leaves out the members of rooms.
func (p *ParentNamespace) Except(rooms ...string) Operator { return p.All().Except(rooms...) }

// Emit sends an event to every socket in every namespace.
func (p *ParentNamespace) Emit(event string, args ...any) error {
	return p.All().Emit(event, args...)
}

// adopt gives a new namespace what its parent has.
func (p *ParentNamespace) adopt(ns *Namespace) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	ns.parent, ns.middleware, ns.connection = p, p.middleware, p.connection
}

func (p *ParentNamespace) add(ns *Namespace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.children[ns] = struct{}{}
}

func (p *ParentNamespace) remove(ns *Namespace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.children, ns)
}

// unlessRemoved drops the error of a namespace that has ended meanwhile: it had
// nobody in it.
func (p *ParentNamespace) unlessRemoved(ns *Namespace, err error) error {
	if errors.Is(err, rooms.ErrClosed) && ns.removed.Load() {
		return nil
	}
	return err
}

// admits asks whether there shall be a namespace for a request to join it.
func (p *ParentNamespace) admits(c *client, request *packet.Packet) (ok bool) {
	if p.pattern != nil {
		return p.pattern.MatchString(request.Namespace)
	}
	asking := &Socket{client: c, hello: &hello{query: request.Query, auth: request.Data}}
	p.server.guard("namespace func", func() {
		admitted, err := p.admit(request.Namespace, asking.Handshake())
		if err != nil {
			p.server.log().Debug("namespace not admitted", "error", err)
		}
		ok = admitted && err == nil
	})
	return ok
}

// guard runs the application's code where no socket is concerned, and logs its
// panic.
func (s *Server) guard(what string, fn func()) {
	defer func() {
		if v := recover(); v != nil {
			s.log().Error(what+" panicked", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	fn()
}
