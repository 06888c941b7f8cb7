// Package client is a Socket.IO client since 1.0 as the server sees it: an
// Engine.IO session whose messages are Socket.IO packets.
//
// It joins package engine (how messages travel) and package grammar (what they
// mean) to the contract of package versions. A generation contributes a [Row] of
// traits; a [Family] is the generations that share URLs and are told apart only
// by what their clients turn out to do, so a client may move from one row to
// another while it is connected.
//
// The package knows no namespace, room or handler, and starts no goroutine.
package client
