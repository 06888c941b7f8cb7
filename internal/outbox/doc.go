// Package outbox holds what waits to be sent to one client, until the carrier
// that is attached at that moment takes it.
//
// Sessions put frames in and never wait; a carrier (a websocket's writer, a held
// poll, a stream) takes them out. Changing the carrier changes only who takes.
// An outbox is bounded in bytes and in frames, so a client that does not read
// shows as an error of Put and not as growing memory.
//
// The package knows frames but not what is in them, does no I/O and starts no
// goroutine.
package outbox
