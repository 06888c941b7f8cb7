package socketio

import (
	"slices"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/versions"
)

// What servers of 0.1 to 0.6 had and later ones had not; the documentation of
// package compat lists their whole vocabulary.

// Config returns the configuration with the defaults in place, as the options of
// servers before 0.7. Its slices are the server's own and must not be changed.
func (s *Server) Config() Config { return s.config }

// SocketsOf is [Namespace.SocketsOf] of "/".
func (s *Server) SocketsOf(generations string) ([]*Socket, error) {
	return s.root.SocketsOf(generations)
}

// SocketsOf returns the connected sockets of this server whose clients are of the
// releases that satisfy a constraint such as "< 0.7", in no order. The error is
// that of compat.ParseConstraint. Empty means all, as [Namespace.Sockets] does.
func (n *Namespace) SocketsOf(generations string) ([]*Socket, error) {
	set, err := compat.ParseConstraint(generations)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(n.Sockets(), func(s *Socket) bool {
		return !set.Has(compat.ByName(s.Conn().Info().Generation))
	}), nil
}

// Connections returns how many times the client has opened the way from the
// server to it, which in 0.1 to 0.9 it does anew for each poll, and when it comes
// back to its session. Later clients are in one connection from their first
// request on, and have 1.
func (c Conn) Connections() int {
	if counter, ok := c.client.conn.(versions.ConnectionCounter); ok {
		return counter.Connections()
	}
	return 1
}
