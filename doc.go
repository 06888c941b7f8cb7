// Package socketio is a Socket.IO server for clients of every generation.
//
//	io, err := socketio.NewServer(socketio.Config{})
//	if err != nil {
//		log.Fatal(err)
//	}
//	io.OnConnection(func(s *socketio.Socket) {
//		s.On("news", func(text string) {
//			s.Broadcast().Emit("news", text)
//		})
//	})
//	mux := http.NewServeMux() // the rest of the program
//	log.Fatal(http.ListenAndServe(":3000", io.Attach(mux)))
//
// [Server.Attach] is the way in, and has to stand before any router.
//
// The package is the application's side: servers, namespaces, sockets, rooms,
// events and acknowledgements. It speaks in neutral packets and knows no wire
// format; wire.go alone names the generations and joins them to it.
//
// # Order and goroutines
//
// The handlers of one client run one after another, in the order of its
// packets, on a goroutine that exists only while there is something to handle.
// Handlers of different clients run in parallel. A handler that blocks holds up
// its own client alone; one that must not starts a goroutine of its own. The
// queue between the wire and the handlers is bounded ([Config.MaxInboxBytes],
// [Config.MaxInboxPackets]); when it is full the client is not read any more.
//
// An acknowledgement that [Socket.EmitWithAck] waits for does not pass through
// that queue, so a handler may ask its own client and wait for the answer.
//
// Listeners of [Socket.OnAnyOutgoing], the hooks of rooms and those of [Engine]
// are called by whoever causes what they are told of, on that goroutine.
//
// [Server.Close] waits until the last of these goroutines has ended.
//
// # Safety
//
// Every method of every type here may be called from any goroutine unless its
// comment says otherwise. Handlers are called without any lock held. A handler
// that panics is reported and ends nothing but itself.
package socketio
