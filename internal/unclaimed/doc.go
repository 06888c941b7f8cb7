// Package unclaimed is the book of sessions whose client has not come back since
// it was given the id, by the address of the network from which they were asked
// for.
//
// It is what their total is bounded by: over the bound the address with the most
// of them loses one, so that nobody who stays below others can be driven out by
// them, whatever they write in their requests. Behind a proxy all have one
// address, and the oldest of all goes.
//
// The package knows nothing of what a session is, and starts no goroutine.
package unclaimed
