// Package mirror shows rooms as event streams: read-only, for dashboards, for
// curl, and for whatever else reads text/event-stream but is no Socket.IO client.
//
//	watch, err := mirror.New(mirror.Config{Namespace: io.Of("/"), Rooms: []string{"news"}})
//	if err != nil {
//		log.Fatal(err)
//	}
//	mux.Handle("GET /watch", watch)
//
//	$ curl -N 'http://localhost:3000/watch?room=news'
//	retry: 2000
//
//	id: 1f3k9-1
//	data: {"name":"headline","args":["hello"]}
//
// In a page, new EventSource('/watch?room=news') gets each event of the room as a
// message whose data is that JSON object. Binary values in the arguments have the
// form that clients without binary get, {"base64":true,"data":"..."}.
//
// A mirrored room has one more member, the mirror, from New to Close, whether
// anybody watches or not. It gets what a member gets by broadcasts: events to the
// room, and events to the whole namespace. A broadcast is encoded once for all
// watchers. The member counts wherever members are counted or listed, with an
// empty handshake; its id begins with "mirror:", which no client's does. It
// answers no acknowledgements, and stays where it is when the members of its room
// are told to join or leave rooms or to disconnect.
//
// # Order and loss
//
// A watcher gets the events of its room in order and none of them twice. One that
// comes back with Last-Event-ID, as an EventSource does by itself, first gets what
// it has missed, as far as that is still held ([Config.ReplayEvents],
// [Config.ReplayBytes]). One that comes without it starts with the next event.
// Where something is missing after all, an event of the type "gap" says how
// much:
//
//	event: gap
//	data: {"missed":12}
//
// Ids are good for the life of one mirror. A watcher with an id of an earlier one
// gets everything that is held.
//
// # Bounds
//
// Neither broadcasts nor other watchers ever wait for a watcher. One that is slow
// gets what it has no buffer for from what is held, in portions, and is dropped when
// it takes no bytes for [Config.WriteTimeout]. Each has two buffers of 64 KiB, or of
// one event if that is larger, while it has to catch up. The number of watchers, the
// size of an event and what is held for those who come back are bounded.
//
// Each room has one goroutine, the mirror one, and each watcher three; all of them
// have ended when Close returns without an error. The streams of one mirror are
// those of r3labs/sse, which this package alone imports.
//
// # Other origins
//
// A browser lets pages of the same origin read a stream, and no others. A handler
// before the mirror may set Access-Control-Allow-Origin for them, and for an
// EventSource with credentials Access-Control-Allow-Credentials. [Config.Authorize]
// sees the cookies of every request, from wherever it comes.
package mirror
