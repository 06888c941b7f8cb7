// Package versions is the contract between the generations of Socket.IO and
// the server above them.
//
// A generation accepts requests, speaks its wire protocol, and shows every
// client as a [Conn]. The server is the [Host]: for each Conn it gives a
// [Receiver], which gets the client's packets. Both sides exchange neutral
// packets only; a dialect is never asked for by number, its differences are
// values inside the generation.
//
// The package holds types and constants, and starts no goroutine.
package versions
