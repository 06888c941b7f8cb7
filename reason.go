package socketio

import "github.com/heirloom-io/socketio/versions"

// Reason says why a socket ended. The strings are those of Socket.IO 2.x, for
// clients of every generation.
type Reason = versions.Reason

// The reasons a socket ends for.
const (
	// ReasonTransportError: reading or writing failed.
	ReasonTransportError = versions.ReasonTransportError
	// ReasonTransportClose: the client closed its connection.
	ReasonTransportClose = versions.ReasonTransportClose
	// ReasonPingTimeout: nothing was heard from the client for too long.
	ReasonPingTimeout = versions.ReasonPingTimeout
	// ReasonServerDisconnect: [Socket.Disconnect] was called.
	ReasonServerDisconnect = versions.ReasonServerDisconnect
	// ReasonClientDisconnect: the client left the namespace.
	ReasonClientDisconnect = versions.ReasonClientDisconnect
	// ReasonParseError: the client's transport sent something malformed.
	ReasonParseError = versions.ReasonParseError
	// ReasonForcedClose: the client sent a malformed packet.
	ReasonForcedClose = versions.ReasonForcedClose
	// ReasonServerShutdown: [Server.Close] was called.
	ReasonServerShutdown = versions.ReasonServerShutdown
	// ReasonSlowConsumer: the client did not take what was sent to it.
	ReasonSlowConsumer = versions.ReasonSlowConsumer
	// ReasonPolicy: the configuration does not admit the client's generation.
	ReasonPolicy = versions.ReasonPolicy
)

// DisconnectError is the error of whatever ended with a socket: the cause of
// its context, and what [Socket.EmitWithAck] returns. It is ErrDisconnected in
// the sense of errors.Is.
type DisconnectError struct {
	// Reason says why the socket ended.
	Reason Reason
}

// Error returns a text with the reason.
func (e *DisconnectError) Error() string {
	return ErrDisconnected.Error() + ": " + string(e.Reason)
}

// Is reports whether the target is ErrDisconnected.
func (e *DisconnectError) Is(target error) bool {
	return target == ErrDisconnected
}
