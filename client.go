package socketio

import (
	"slices"
	"sync"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// client is one connection with its sockets, as the receiver of what it sends.
//
// What arrives goes through the inbox to the dispatcher, the goroutine that
// runs all handlers of the client. The inbox's owner is described at dispatch.
type client struct {
	server *Server
	conn   versions.Conn

	mu sync.Mutex
	// sockets are in the order in which they asked to connect. Those on their
	// way and those that are leaving are among them.
	sockets []*Socket
	// ended is set when the connection has ended or is being ended by the
	// server; reason then says why. Nothing is taken from the client any more.
	ended  bool
	reason Reason
	// rootRefused is set while the last word about "/" was no.
	rootRefused bool
	onClose     []func(Reason) // copied when appended to

	inbox
}

var _ versions.Receiver = (*client)(nil)

// Receive takes a packet. It blocks while the inbox is full.
func (c *client) Receive(p *packet.Packet) {
	switch p.Type {
	case packet.Ack:
		if s := c.socket(p.Namespace); s == nil || s.answer(p) {
			return
		}
	case packet.Connect:
		if c.connectAtOnce(p) {
			return
		}
	case packet.Disconnect:
		// A handler that is at work learns of it now, not when its turn comes.
		if s := c.socket(p.Namespace); s != nil {
			s.abandon(ReasonClientDisconnect)
		}
	case packet.Event, packet.Error:
	}
	c.take(p)
}

// Fault reports input that violated the protocol to every socket, as servers
// since 1.2.1 do.
func (c *client) Fault(err error) {
	c.push(func() {
		each(c.snapshot(), func(s *Socket) {
			if s.state() == stateOpen {
				s.report(err)
			}
		})
	})
}

// Closed ends every socket. What the client sent before is handled first. It
// may come while a Receive is blocked, and releases it.
func (c *client) Closed(reason Reason) {
	reason = c.end(reason)
	for _, s := range c.snapshot() {
		s.abandon(reason)
	}
	c.push(func() {
		defer c.conclude()
		defer c.tellClosed(reason)
		each(c.snapshot(), (*Socket).finish)
	})
}

// tellClosed calls the handlers for the end of the connection.
func (c *client) tellClosed(reason Reason) {
	c.mu.Lock()
	handlers := c.onClose
	c.mu.Unlock()
	each(handlers, func(fn func(Reason)) {
		c.server.guard("close handler", func() { fn(reason) })
	})
}

// conclude says that the job at work is the last one.
func (c *client) conclude() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

// end marks the connection as ended and returns the reason that counts, which is
// the first.
func (c *client) end(reason Reason) Reason {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.ended, c.reason = true, reason
		c.releaseLocked()
	}
	return c.reason
}

func (c *client) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// close ends the connection by the server's will.
func (c *client) close(reason Reason) {
	reason = c.end(reason)
	for _, s := range c.snapshot() {
		s.abandon(reason)
	}
	c.conn.Close(reason)
}

// socket returns the socket for a namespace, whatever its state, or nil.
func (c *client) socket(namespace string) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.ns.name == namespace {
			return s
		}
	}
	return nil
}

func (c *client) snapshot() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sockets)
}

func (c *client) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.sockets, s); i >= 0 {
		c.sockets = slices.Delete(c.sockets, i, i+1)
	}
}

// handle does what a packet asks for. The dispatcher calls it.
func (c *client) handle(p *packet.Packet) {
	if p.Type == packet.Connect {
		c.connect(p)
		return
	}
	s := c.socket(p.Namespace)
	if s == nil || s.state() != stateOpen {
		return
	}
	switch p.Type {
	case packet.Event:
		s.dispatch(p)
	case packet.Ack:
		s.callBack(p)
	case packet.Disconnect:
		s.abandon(ReasonClientDisconnect)
		s.finish()
	case packet.Error:
		s.report(&ClientError{Data: p.Data})
	case packet.Connect: // above
	}
}
