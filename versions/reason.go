package versions

// Reason says why a socket or its connection ended. The list is closed; each
// generation renders a reason in its own words where its wire has any. The
// value serves as metric label and log attribute too.
type Reason string

// The reasons. The first group has the strings of Socket.IO's own server API
// (2.x), for clients of every generation.
const (
	// ReasonTransportError: reading or writing failed, requests overlapped, or
	// a held poll was dropped by the peer.
	ReasonTransportError Reason = "transport error"
	// ReasonTransportClose: the client closed its transport.
	ReasonTransportClose Reason = "transport close"
	// ReasonPingTimeout: nothing was heard for too long.
	ReasonPingTimeout Reason = "ping timeout"
	// ReasonServerDisconnect: the application disconnected the socket.
	ReasonServerDisconnect Reason = "server namespace disconnect"
	// ReasonClientDisconnect: the client left the namespace.
	ReasonClientDisconnect Reason = "client namespace disconnect"
	// ReasonParseError: the client sent something that is not a packet of its
	// transport protocol.
	ReasonParseError Reason = "parse error"
	// ReasonForcedClose: the client violated the packet protocol.
	ReasonForcedClose Reason = "forced close"
	// ReasonServerShutdown: the server is closing.
	ReasonServerShutdown Reason = "server shutting down"

	// ReasonSlowConsumer: the client did not take what was sent to it and its
	// outbox grew beyond its bound. Socket.IO has no such bound.
	ReasonSlowConsumer Reason = "slow consumer"
	// ReasonPolicy: configuration does not admit the client's generation, found
	// out only after its session had begun.
	ReasonPolicy Reason = "policy"
)
