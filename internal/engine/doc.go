// Package engine is Engine.IO, revisions 2 to 4, as one state machine: sessions
// over polling, JSONP and duplex carriers, handshake, heartbeat, upgrade, close.
//
// What differs between revisions is the value of a [Revision]; what differs
// between clients of one revision is the [Record] of a session, which starts
// from the tells of its first request and is corrected by what arrives.
//
//	request -> Server.Serve -> Session -> carrier -> payload codec -> Handler
//	Handler -> Session.Send -> outbox <- carrier -> client
//
// The package knows nothing of Socket.IO packets, namespaces or rooms.
//
// Goroutines: one reader for each duplex connection, started and waited for by
// the [Server]; the writers of package transports; timers. Handlers of polling
// requests run on the goroutines of net/http.
package engine
