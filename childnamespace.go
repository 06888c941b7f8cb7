package socketio

import (
	"strings"

	"github.com/heirloom-io/socketio/packet"
)

// A namespace that was made for a client is held by the sockets in it and those
// on their way, so that it can end with the last of them and no socket ever is in
// a namespace that has ended. The count is kept under the server's lock.

// OnNewNamespace adds a handler that is called with every namespace but "/" that
// comes into being, by [Server.Of] or because a client asked for it. Clients may
// connect to it at the same time; what has to be there before them belongs to the
// [ParentNamespace]. Since 4.1, where it is the event new_namespace.
func (s *Server) OnNewNamespace(fn func(*Namespace)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onNamespace = append(s.onNamespace[:len(s.onNamespace):len(s.onNamespace)], fn)
}

func (s *Server) announce(ns *Namespace) {
	s.mu.RLock()
	handlers := s.onNamespace
	s.mu.RUnlock()
	for _, fn := range handlers {
		s.guard("namespace handler", func() { fn(ns) })
	}
}

// announceHeld announces a namespace on behalf of a client, and releases it if a
// handler ends the goroutine, and so the client's request.
func (s *Server) announceHeld(ns *Namespace) {
	announced := false
	defer func() {
		if !announced {
			ns.release()
		}
	}()
	s.announce(ns)
	announced = true
}

// hold returns the namespace of that name for a socket that is to join it, or
// nil. The caller releases it.
func (s *Server) hold(name string) *Namespace {
	ns := s.namespace(name)
	if ns == nil || ns.parent == nil {
		return ns
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ns = s.namespaces[name]; ns != nil && ns.parent != nil {
		ns.guests++
	}
	return ns
}

// release says that a socket which held the namespace is no longer in it.
func (n *Namespace) release() {
	if n == nil || n.parent == nil {
		return
	}
	s := n.server
	s.mu.Lock()
	n.guests--
	ends := n.guests == 0 && s.config.CleanupEmptyChildNamespaces && !s.sealed
	if ends {
		n.removed.Store(true)
		delete(s.namespaces, n.name)
		s.children--
	}
	s.mu.Unlock()
	if !ends {
		return
	}
	n.parent.remove(n)
	if err := n.close(); err != nil {
		s.log().Error("adapter not closed", "namespace", n.name, "error", err)
	}
}

func (s *Server) parentsNow() []*ParentNamespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.parents
}

// resolve returns the namespace for a request that none exists for yet, made by
// the first parent that admits it, or nil. The caller releases it. It runs user
// code.
func (s *Server) resolve(c *client, p *packet.Packet) *Namespace {
	if !strings.HasPrefix(p.Namespace, "/") {
		return nil
	}
	for _, parent := range s.parentsNow() {
		if parent.admits(c, p) {
			return s.holdChild(p.Namespace, parent)
		}
	}
	return nil
}

// holdChild returns the namespace of that name, held, and makes it if there is
// none. It returns nil if there are too many, or if its adapter could not be made.
func (s *Server) holdChild(name string, parent *ParentNamespace) *Namespace {
	for {
		if ns := s.hold(name); ns != nil {
			return ns
		}
		if !s.countChild() {
			s.log().Warn("too many dynamic namespaces", "limit", s.config.MaxDynamicNamespaces)
			return nil
		}
		done, mine := s.reserve(name)
		if mine {
			var ns *Namespace
			// It is a client that asks, whom no panic of the adapter's may let end
			// the process.
			s.guard("adapter", func() { ns = s.open(name, done, parent, 1) })
			if ns != nil {
				s.announceHeld(ns)
			}
			return ns
		}
		s.mu.Lock()
		s.children--
		s.mu.Unlock()
		<-done
	}
}

// countChild counts one child more, unless there are too many.
func (s *Server) countChild() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.children >= s.config.MaxDynamicNamespaces {
		return false
	}
	s.children++
	return true
}

// patternParent returns the first parent whose pattern fits a name, or nil.
func (s *Server) patternParent(name string) *ParentNamespace {
	for _, p := range s.parentsNow() {
		if p.pattern != nil && p.pattern.MatchString(name) {
			return p
		}
	}
	return nil
}

func byName(a, b *Namespace) int { return strings.Compare(a.name, b.name) }
