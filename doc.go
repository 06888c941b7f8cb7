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
// # From the first request to the end
//
// A client is asked about by [Config.Origins], [Config.OriginFunc] or
// [Config.AllowRequest] when its first request comes, and then, in each
// [Namespace] it wants to join, by the middlewares of [Namespace.Use], which see
// its [Handshake] and refuse it by an error; an [Error] carries data. Who is let in
// is a [Socket], in the room of its own id, and is handed to the handlers of
// [Namespace.OnConnection]. They add its own handlers: [Socket.On] for events,
// [Socket.Use] for what is to be asked of each event before, [Socket.OnError] for
// what goes wrong, [Socket.OnDisconnecting] and [Socket.OnDisconnect] for its end,
// of which each has a [Reason]. [Conn.OnClose] is for the end of the connection,
// which all sockets of a client share.
//
// # Whom an event reaches
//
//	s.Emit("ev")                 the client of s
//	s.Broadcast().Emit("ev")     everyone in its namespace but it
//	s.To("room").Emit("ev")      the members of a room but it
//	ns.Emit("ev")                everyone in a namespace
//	ns.To("a", "b").Emit("ev")   the members of two rooms, once each
//	ns.Except("a").Emit("ev")    everyone but them
//	io.Emit("ev")                everyone in "/", as io.Of("/") would
//	parent.Emit("ev")            everyone in every namespace a parent has made
//
// What stands between the first name and Emit makes an [Operator], a value, to which
// Volatile, Compress and Local can be added in the same way. [Socket.EmitWithAck]
// asks one client and [Operator.EmitWithAcks] asks many.
//
// # Generations
//
// Clients of all generations share namespaces and rooms, and the application need
// not know which one a client is of. Where a release cannot take something, it gets
// what the table of package compat says: binary values become text before 1.0, and
// before 0.7, where there are messages only, events become messages. [Conn.Can]
// tells what a client's release can do, [Conn.Info] what it is and how it was
// recognised, and [Config.Generations] whether it may come in at all.
//
// # Errors
//
// An Emit fails by [ErrDisconnected], [ErrReservedEvent], [ErrSlow] or what its
// comment names, and never because a receiver of a broadcast is gone. What a client
// sends wrongly ends up at [Socket.OnError] and does not reach handlers; what the
// application does wrongly when it starts, in the error of [NewServer] or, for a
// func that cannot be a handler, a panic of [Socket.On].
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
