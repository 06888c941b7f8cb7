package socketio

import "github.com/heirloom-io/socketio/packet"

// connectAtOnce answers a request to join a namespace before Receive returns,
// so that the answer rides with that to the handshake. It does so only if
// nothing of the client's is waiting or running, which keeps the order, and if
// no middleware is to be asked and no namespace to be made, as that may block.
// Otherwise it reports false, and the request has to wait its turn.
//
// While it is at work Receive stands in for the dispatcher, so that the end of
// the connection, which may come at any moment, is handled after it.
func (c *client) connectAtOnce(p *packet.Packet) bool {
	ns := c.server.namespace(p.Namespace)
	switch {
	case ns == nil && len(c.server.parentsNow()) > 0:
		return false
	case ns != nil && (ns.parent != nil || len(ns.middlewares()) > 0):
		return false
	}
	if c.recovery(ns) != nil {
		if pid, _ := claimOf(p); pid != "" {
			return false // the handlers of another connection may have to end first
		}
	}
	c.mu.Lock()
	busy := c.running
	c.running = true
	c.mu.Unlock()
	if busy {
		return false
	}
	if s := c.admit(ns, p, nil); s != nil && s.accept() {
		go c.dispatch(s.welcome)
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running = c.head < len(c.jobs); c.running {
		go c.dispatch(nil)
	}
	return true
}

// connect is what becomes of a request that had to wait its turn.
func (c *client) connect(p *packet.Packet) {
	ns := c.server.hold(p.Namespace)
	if ns == nil && c.hasRoom() {
		ns = c.resolve(p)
	}
	back := c.claim(ns, p)
	s := c.admit(ns, p, back)
	if s == nil {
		if back != nil {
			back.trail.Keep(back.Session)
		}
		return
	}
	if s.screen(s.screeners()) && s.accept() {
		s.welcome()
	}
}

// resolve returns the namespace that is made for a request, or nil. The client has
// its answer also if what decides ends its goroutine.
func (c *client) resolve(p *packet.Packet) (ns *Namespace) {
	resolved := false
	defer func() {
		if !resolved {
			c.refuse(p.Namespace, messageInternal, nil)
		}
	}()
	ns = c.server.resolve(c, p)
	resolved = true
	return ns
}

// hasRoom reports whether the client may join any namespace at all.
func (c *client) hasRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.ended && len(c.sockets) < c.server.config.MaxNamespacesPerClient
}

// admit makes the socket for a request, with the session it comes back to if there
// is one, or answers it with a refusal, releases the namespace and returns nil.
// Duplicate requests are ignored: releases that answered them announced a socket
// twice, or closed the connection, which clients of 4.6.0 run into. After a refusal
// in "/" requests for other namespaces are not answered, as by every server of 1.x
// and 2.x, unless they do not depend on it.
func (c *client) admit(ns *Namespace, p *packet.Packet, back *claim) *Socket {
	c.mu.Lock()
	unwanted := c.ended || (c.rootRefused && p.Namespace != packet.DefaultNamespace)
	full := len(c.sockets) >= c.server.config.MaxNamespacesPerClient
	for _, s := range c.sockets {
		if s.ns.name == p.Namespace {
			unwanted = true
		}
	}
	if unwanted || full || ns == nil {
		c.mu.Unlock()
		ns.release()
		switch {
		case unwanted:
		case ns == nil:
			c.refuse(p.Namespace, messageInvalidNamespace, nil)
		default:
			c.refuse(p.Namespace, messageTooManyNamespaces, nil)
		}
		return nil
	}
	s := newSocket(c, ns, p, back)
	c.sockets = append(c.sockets, s)
	c.mu.Unlock()
	return s
}

// turnAway ends a socket that a middleware refused.
func (c *client) turnAway(s *Socket, err error) {
	c.mu.Lock()
	if s.ns == c.server.root && !c.conn.Can(packet.FeatureOwnIDs) {
		c.rootRefused = true
	}
	c.mu.Unlock()
	s.discard(false)
	// Encoding the data is user code, so no lock is held.
	message, data := s.refusal(err)
	c.refuse(s.ns.name, message, data)
}

func (c *client) refuse(namespace, message string, data []byte) {
	// An error means that the client has gone, and then nobody is waiting.
	_ = c.conn.Deliver(packet.Prepare(&packet.Packet{
		Type:      packet.Error,
		Namespace: namespace,
		Name:      message,
		Data:      data,
	}))
}

// screeners returns the middlewares that are to be asked.
func (s *Socket) screeners() []func(*Socket) error {
	if s.Recovered() && !s.server().config.Recovery.RunMiddlewares {
		return nil
	}
	return s.ns.middlewares()
}

// screen asks the middlewares, in order, until one refuses, and then turns the
// socket away.
func (s *Socket) screen(middlewares []func(*Socket) error) bool {
	verdict := errNoVerdict
	defer func() {
		if verdict != nil {
			s.client.turnAway(s, verdict)
		}
	}()
	for _, fn := range middlewares {
		if err := s.pass(fn); err != nil {
			verdict = err
			return false
		}
	}
	verdict = nil
	return true
}

func (s *Socket) pass(fn func(*Socket) error) (err error) {
	defer s.recovered(&err)
	return fn(s)
}

// accept confirms the socket to the client and makes it known. It reports false
// if the client has gone meanwhile; nobody ever hears of the socket then.
func (s *Socket) accept() bool {
	if s.client.hasEnded() {
		s.discard(true)
		return false
	}
	if s.Recovered() {
		return s.resume()
	}
	s.come()
	s.appear(s.id)
	err := s.client.conn.Deliver(packet.Prepare(s.confirmation()))
	if err != nil {
		s.discard(false)
		return false
	}
	if s.ns == s.server().root {
		s.client.mu.Lock()
		s.client.rootRefused = false
		s.client.mu.Unlock()
	}
	s.unpark()
	return true
}

// confirmation is the packet that tells the client that it has joined, and by
// which id if that is the namespace's own.
func (s *Socket) confirmation() *packet.Packet {
	p := &packet.Packet{Type: packet.Connect, Namespace: s.ns.name}
	if s.client.conn.Can(packet.FeatureOwnIDs) {
		p.Data = packet.AppendString([]byte(`{"sid":`), s.id)
		if s.session != nil {
			p.Data = packet.AppendString(append(p.Data, `,"pid":`...), s.session.pid)
		}
		p.Data = append(p.Data, '}')
	}
	return p
}

// welcome runs the connection handlers.
func (s *Socket) welcome() {
	each(s.ns.connectionHandlers(), func(fn func(*Socket)) {
		s.guard(func() { fn(s) })
	})
}

// discard ends a socket that never was connected. The session that it was to come
// back to is kept if asked.
func (s *Socket) discard(keep bool) {
	s.abandon(ReasonServerDisconnect)
	// A middleware may have put it into rooms.
	s.vacate()
	s.ns.remove(s)
	s.client.remove(s)
	s.settle(keep && s.Recovered())
	s.ns.release()
}
