package socketio

import (
	"slices"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// Info tells which generation, dialect and transport a client uses, and how it
// was recognised.
type Info = versions.Info

// Feature is an ability that some releases of the client have.
type Feature = packet.Feature

// The features that [Conn.Can] can be asked for; they combine as bits.
const (
	// FeatureEvents: named events, not only messages (since 0.7).
	FeatureEvents = packet.FeatureEvents
	// FeatureAcks: acknowledgements with data (since 0.7).
	FeatureAcks = packet.FeatureAcks
	// FeatureNamespaces: several namespaces on a connection (since 0.7).
	FeatureNamespaces = packet.FeatureNamespaces
	// FeatureBinary: binary values in arguments (since 1.0).
	FeatureBinary = packet.FeatureBinary
	// FeatureEventErrors: errors for single events (1.x and 2.x).
	FeatureEventErrors = packet.FeatureEventErrors
	// FeatureOwnIDs: namespaces joined one by one, each with a socket id and an
	// auth payload (since 3.0).
	FeatureOwnIDs = packet.FeatureOwnIDs
	// FeatureRecovery: sessions that survive the loss of a connection (since 4.6), for
	// clients whose sessions [RecoveryConfig] lets the server keep.
	FeatureRecovery = packet.FeatureRecovery
)

// Conn is a client's connection, shared by its sockets in all namespaces. Two
// values are equal if they mean the same connection.
type Conn struct {
	client *client
}

// ID returns the id of the session.
func (c Conn) ID() string { return c.client.conn.ID() }

// Info tells what is known of the client so far. Some releases can be told apart
// only by what they send later, and the transport changes by an upgrade.
func (c Conn) Info() Info { return c.client.conn.Info() }

// Can reports whether the client's release has all of the given features.
func (c Conn) Can(f Feature) bool { return c.client.conn.Can(f) }

// RemoteAddr returns the network address of the peer that opened the session,
// "IP:port".
func (c Conn) RemoteAddr() string { return c.client.conn.Handshake().RemoteAddr }

// Close ends the connection, and all sockets on it with [ReasonForcedClose]. The
// client gets no DISCONNECT packets, and releases that reconnect on their own
// will. It works in a middleware too, where [Socket.Disconnect] does not.
func (c Conn) Close() { c.client.close(ReasonForcedClose) }

// OnClose adds a handler for the end of the connection, with the reason that its
// sockets have got. It is called once, after the disconnect handlers of all of
// them, in turn with the client's other handlers, and also if no namespace has let
// the client in. One that is added when the connection has ended may not be called.
func (c Conn) OnClose(fn func(Reason)) {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	c.client.onClose = append(slices.Clip(c.client.onClose), fn)
}

// Sockets returns the client's connected sockets, one for each namespace, in the
// order in which it joined them.
func (c Conn) Sockets() []*Socket {
	sockets := c.client.snapshot()
	connected := sockets[:0]
	for _, s := range sockets {
		if s.Connected() {
			connected = append(connected, s)
		}
	}
	return connected
}
