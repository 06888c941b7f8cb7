// Package cors lets pages of other origins read answers.
//
// It only says so to the browser, in the headers of the genuine servers: whether
// the origin may connect at all is decided elsewhere, before. It starts no
// goroutine.
package cors
