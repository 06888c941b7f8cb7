// Package v1 is Socket.IO 1.x: its row of traits.
//
// Clients of 1.0 to 1.7 share their URLs with those of 2.x; package
// internal/client serves both, and what sets this generation apart stands here.
//
//	                     1.0.0-1.0.2  1.0.3-1.0.6  1.1-1.3    1.4-1.7
//	EIO, browser/node    2 / 3        2 / 3        3 / 3      3 / 3
//	acks                 30-0[]       30[]         30[]       30[]
//	polling text, UTF-8  twice        twice        twice      twice
//	websocket text       twice        twice        once       once
//	cache buster         date         date         date       short stamp
//	polling answers      binary only  binary only  binary only  ASCII text or binary
//
// The package starts no goroutine.
package v1
