package socketio

import "time"

// RecoveryConfig is the part of a [Config] about connection state recovery: a
// client since 4.6 that has lost its connection and is back in time gets its
// socket id, rooms and data again, and every event it has missed, in order and
// none twice. It is then asked for by [Socket.Recovered]. A client that is late, or
// that would need an event which is no longer kept, is a new socket, as without.
//
// Events count that ask for no acknowledgement and are not volatile, whether they
// went to a room or to the socket alone, also while the client was away. Sessions
// are kept for the reasons transport error, transport close, ping timeout, forced
// close and server shutting down.
//
// What such a client is sent ends in one string more, by which it says later how
// far it got; its listeners are given it as a last argument, as with the original
// server. A volatile event gets one too if it ends in a string itself, which the client
// would take for it. Clients of other releases never see one, with one exception: on the wire
// those of 4.0 to 4.5 cannot be told from later ones. Neither can those of 3.x,
// unless they poll by scripts. Where they matter use For.
//
// Events are kept while there is a client in the namespace, or away, that could come
// back. Bounds are for each namespace, whose oldest events or sessions make way for
// new ones, but for MaxTotalBytes and MaxTotalSessions. Beyond those the namespaces
// that keep most drop the older half of it. A namespace whose [Config.Adapter] is neither a *rooms.Store nor a
// rooms.Recoverer keeps no sessions. Those of a child that ends by
// [Config.CleanupEmptyChildNamespaces] end with it.
type RecoveryConfig struct {
	// Enabled turns it on. By default it is off, and costs nothing.
	Enabled bool
	// Window is how long a client may be away, default 2 minutes.
	Window time.Duration
	// RunMiddlewares asks the middlewares of [Namespace.Use] about clients that come
	// back too. By default they are not asked again.
	RunMiddlewares bool
	// MaxBytes and MaxPackets bound the events that are kept, default 8 MiB and
	// 10,000; an event counts twice its size. What a client has missed is queued for
	// it at once, so they should stay below MaxOutboxBytes and MaxOutboxPackets. Each
	// client takes up to 16 bytes more for each event that is kept.
	MaxBytes   int
	MaxPackets int
	// MaxSessions bounds the clients that may come back, default 10,000. What they
	// have set by [Socket.Set] is kept too, and not counted.
	MaxSessions int
	// MaxTotalBytes and MaxTotalSessions bound the events and the clients of all
	// namespaces together, default 64 MiB and 100,000, or as much as one namespace may
	// keep if that is more.
	MaxTotalBytes    int
	MaxTotalSessions int
	// For decides whose sessions are kept, by the first request of a client of 3.x or
	// 4.x; nil means all that are not known to be older than 4.6. It must not block.
	// The handshake has no Auth.
	For func(h *Handshake) bool
}
