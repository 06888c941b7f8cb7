package socketio

import (
	"errors"
	"fmt"

	"github.com/heirloom-io/socketio/rooms"
)

var _ rooms.Subject = (*member)(nil)

// Join puts the socket into rooms.
func (m *member) Join(rooms ...string) { (*Socket)(m).Join(rooms...) }

// Leave takes the socket out of rooms.
func (m *member) Leave(rooms ...string) { (*Socket)(m).Leave(rooms...) }

// Disconnect takes the socket out of its namespace.
func (m *member) Disconnect(closeConn bool) { (*Socket)(m).Disconnect(closeConn) }

// SocketsJoin puts everyone the operator means into rooms, those on other nodes
// of a cluster included unless it is local. The error is that of the adapter.
// Since 4.0.
func (o Operator) SocketsJoin(rooms ...string) error {
	if len(rooms) == 0 {
		return nil
	}
	return o.act("join", func(o Operator) error {
		if o.self {
			o.sender.Join(rooms...)
			return nil
		}
		return o.ns.adapter.AddSockets(o.target(), rooms...)
	})
}

// SocketsLeave takes everyone the operator means out of rooms; see
// [Operator.SocketsJoin]. Since 4.0.
func (o Operator) SocketsLeave(rooms ...string) error {
	if len(rooms) == 0 {
		return nil
	}
	return o.act("leave", func(o Operator) error {
		if o.self {
			o.sender.Leave(rooms...)
			return nil
		}
		return o.ns.adapter.RemoveSockets(o.target(), rooms...)
	})
}

// DisconnectSockets disconnects everyone the operator means, those on other nodes
// of a cluster included unless it is local; see [Socket.Disconnect]. The error is
// that of the adapter. Since 4.0.
func (o Operator) DisconnectSockets(closeConn bool) error {
	return o.act("disconnect", func(o Operator) error {
		if o.self {
			o.sender.Disconnect(closeConn)
			return nil
		}
		return o.ns.adapter.DisconnectSockets(o.target(), closeConn)
	})
}

// act does something in the operator's namespace, or in all of its parent's.
func (o Operator) act(what string, do func(Operator) error) error {
	err := o.each(do)
	if err != nil {
		return fmt.Errorf("socketio: %s: %w", what, err)
	}
	return nil
}

// each calls do with the operator of each namespace it means.
func (o Operator) each(do func(Operator) error) error {
	if o.parent == nil {
		return do(o)
	}
	var errs []error
	for _, child := range o.parent.Children() {
		errs = append(errs, o.parent.unlessRemoved(child, do(o.in(child))))
	}
	return errors.Join(errs...)
}

// in returns the operator of a parent for one of its namespaces.
func (o Operator) in(ns *Namespace) Operator {
	o.ns, o.parent = ns, nil
	return o
}

func (o Operator) with(f flags) Operator {
	o.flags = f
	return o
}

// SocketsJoin puts every socket of the namespace into rooms; see
// [Operator.SocketsJoin].
func (n *Namespace) SocketsJoin(rooms ...string) error { return n.all().SocketsJoin(rooms...) }

// SocketsLeave takes every socket of the namespace out of rooms; see
// [Operator.SocketsLeave].
func (n *Namespace) SocketsLeave(rooms ...string) error { return n.all().SocketsLeave(rooms...) }

// DisconnectSockets disconnects every socket of the namespace; see
// [Operator.DisconnectSockets].
func (n *Namespace) DisconnectSockets(closeConn bool) error {
	return n.all().DisconnectSockets(closeConn)
}

// SocketsJoin is [Namespace.SocketsJoin] of "/".
func (s *Server) SocketsJoin(rooms ...string) error { return s.root.SocketsJoin(rooms...) }

// SocketsLeave is [Namespace.SocketsLeave] of "/".
func (s *Server) SocketsLeave(rooms ...string) error { return s.root.SocketsLeave(rooms...) }

// DisconnectSockets is [Namespace.DisconnectSockets] of "/".
func (s *Server) DisconnectSockets(closeConn bool) error { return s.root.DisconnectSockets(closeConn) }
