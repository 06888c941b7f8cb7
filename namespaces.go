package socketio

import (
	"strings"

	"github.com/heirloom-io/socketio/rooms"
)

// Of returns the namespace of that name, which exists from then on: clients can
// connect to it. A missing leading slash is added; "" is "/".
//
// The first call for a name makes the namespace's room store; see
// [Config.Adapter]. Calls for the same name wait for that meanwhile, and
// clients find no such namespace. A name that the pattern of a [ParentNamespace]
// fits makes one of its namespaces.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	for {
		if ns := s.namespace(name); ns != nil {
			return ns
		}
		done, mine := s.reserve(name)
		if mine {
			ns := s.openByName(name, done)
			s.announce(ns)
			return ns
		}
		// There may still be none afterwards, if what made it has panicked.
		<-done
	}
}

// namespace returns a namespace that is open, or nil.
func (s *Server) namespace(name string) *Namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[name]
}

// reserve makes the caller the one who opens a namespace, unless another one is
// at it or has done so. The channel is closed when that has come to its end.
func (s *Server) reserve(name string) (done chan struct{}, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done, ok := s.opening[name]; ok {
		return done, false
	}
	done = make(chan struct{})
	if s.namespaces[name] != nil {
		close(done)
		return done, false
	}
	s.opening[name] = done
	return done, true
}

// openByName makes a namespace that the application asks for, which no bound
// keeps from being.
func (s *Server) openByName(name string, done chan struct{}) *Namespace {
	parent := s.patternParent(name)
	if parent != nil {
		s.mu.Lock()
		s.children++
		s.mu.Unlock()
	}
	return s.open(name, done, parent, 0)
}

// open makes a namespace with its adapter and only then makes it known. No lock
// is held while the adapter is made, as that is the user's code. A child of a
// parent has been counted, and is held by so many guests.
func (s *Server) open(name string, done chan struct{}, parent *ParentNamespace, guests int) *Namespace {
	ns := &Namespace{server: s, name: name, guests: guests}
	if parent != nil {
		parent.adopt(ns)
	}
	defer func() {
		if ns.adapter != nil && parent != nil {
			parent.add(ns)
		}
		s.mu.Lock()
		delete(s.opening, name)
		if ns.adapter != nil {
			s.namespaces[name] = ns
		}
		if ns.adapter == nil && parent != nil {
			s.children--
		}
		late := s.sealed && ns.adapter != nil
		s.mu.Unlock()
		close(done)
		if late {
			// Nobody else would.
			if err := ns.close(); err != nil {
				s.log().Error("adapter not closed", "namespace", name, "error", err)
			}
		}
	}()
	var adapter rooms.Adapter
	if s.config.Adapter != nil {
		adapter = s.config.Adapter(ns)
	}
	if adapter == nil {
		adapter = rooms.NewStore()
	}
	ns.recovery = s.openRecovery(ns, adapter)
	ns.adapter = adapter
	return ns
}
