// Package rooms is the room store and the broadcast: who is in which room, and
// the walk over them.
//
// A namespace owns one [Adapter]. [Store] is the one that knows the members of
// this process; adapters for clusters wrap it. A member is whatever can be
// delivered to, of any generation; the store never looks at bytes, and holds no
// lock while it delivers.
//
// The package starts no goroutine.
package rooms
