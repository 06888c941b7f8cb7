// Package v4 is Socket.IO 3.x and 4.x: its row of traits.
//
// Their first request names Engine.IO 4, which no other generation speaks, so
// there is nothing to find out but the release; package internal/client serves
// them, and what sets them apart stands here.
//
//	                   3.0-4.2      4.3-4.7      4.8
//	EIO                4            4            4
//	polling scripts    possible     no           no
//	session recovery   no           since 4.6    yes
//	cache buster       short stamp  short stamp  8 characters of base 36
//
// The server asks and the client answers heartbeats, polling bodies are text with
// a separator, clients join each namespace themselves, "/" included, and get a
// socket id for each.
//
// The package starts no goroutine.
package v4
