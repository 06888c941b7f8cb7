// Package v2 is Socket.IO 2.x: its row of traits.
//
// Clients of 2.0 to 2.5 share their URLs with those of 1.x; package
// internal/client serves both, and what sets this generation apart stands here:
// text is UTF-8 once everywhere, and a packet that ends after its namespace has
// a comma there.
//
// The package starts no goroutine.
package v2
