package socketio

import "github.com/heirloom-io/socketio/versions"

// Reason says why a socket ended. The strings are those of Socket.IO 2.x, for
// clients of every generation.
type Reason = versions.Reason

// The reasons a socket ends for.
const (
	// ReasonTransportError, "transport error": reading or writing failed, or a
	// message was above [Config.MaxPayload].
	ReasonTransportError = versions.ReasonTransportError
	// ReasonTransportClose, "transport close": the client closed its connection.
	ReasonTransportClose = versions.ReasonTransportClose
	// ReasonPingTimeout, "ping timeout": nothing was heard from the client for too
	// long.
	ReasonPingTimeout = versions.ReasonPingTimeout
	// ReasonServerDisconnect, "server namespace disconnect": [Socket.Disconnect] was
	// called.
	ReasonServerDisconnect = versions.ReasonServerDisconnect
	// ReasonClientDisconnect, "client namespace disconnect": the client left the
	// namespace.
	ReasonClientDisconnect = versions.ReasonClientDisconnect
	// ReasonParseError, "parse error": the client's transport sent something
	// malformed.
	ReasonParseError = versions.ReasonParseError
	// ReasonForcedClose, "forced close": [Conn.Close] was called, or the client sent
	// a malformed packet, of which the handlers of [Socket.OnError] are told before.
	ReasonForcedClose = versions.ReasonForcedClose
	// ReasonServerShutdown, "server shutting down": [Server.Close] was called.
	ReasonServerShutdown = versions.ReasonServerShutdown
	// ReasonSlowConsumer, "slow consumer": the client did not take what was sent to
	// it; see [Config.MaxOutboxBytes]. Socket.IO has no such bound.
	ReasonSlowConsumer = versions.ReasonSlowConsumer
	// ReasonPolicy, "policy": the configuration does not admit the client's
	// generation, which its first request did not tell yet.
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
