// Package transports holds the mechanics of carrying frames: how HTTP is used,
// and nothing of what the frames mean.
//
// There are three mechanisms. A duplex carrier exchanges messages both ways on
// one connection (websocket). A stream carries frames down one response that
// never ends, and takes uplink by POST. A poll answers held GETs one at a time,
// and takes uplink by POST. What a payload is dressed in (padding, script tags,
// a JSONP call) is filled in by the version that uses the mechanism.
//
//	session --Put--> outbox <--Take-- carrier --> client
//
// Transports are found by name in a [Registry]. A transport of the user's own is
// registered there and then enabled by configuration like any other.
//
// The package knows no version, no session and no room. Goroutines: a [Duplex]
// starts its writer when there is something to write, and the writer ends when
// there is no more; [Duplex.Wait] waits for it. The reader is the caller's. A
// [Stream] over HTTP/1 has one goroutine that watches for the client to go, and a
// writer while frames wait; [Stream.Wait] waits for both.
package transports
