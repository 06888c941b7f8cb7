// Package webtransport carries Socket.IO over WebTransport, that is over HTTP/3,
// for clients since 4.7. It is a module of its own, so that nobody else pays for
// QUIC.
//
// A [Server] listens on UDP and hands each session to the Socket.IO server as one
// more request, which so passes the same checks as those over TCP:
//
//	wt, err := webtransport.New(webtransport.Config{TLS: tlsConfig})
//	io, err := socketio.NewServer(socketio.Config{
//		Carriers: []transports.Transport{wt.Transport()},
//	})
//	handler := io.Attach(nil)
//	go wt.ListenAndServe(":443", handler)          // UDP
//	go http.ListenAndServeTLS(":443", ..., handler) // TCP, for the other transports
//
// Polling clients of 3.x and 4.x are then offered an upgrade to "webtransport", which
// those before 4.7 make nothing of. Clients look for
// it on the port that they poll, and take no other.
//
// On the wire a session has one bidirectional stream, opened by the client. Each
// packet in it has a header: one byte whose highest bit is set for binary data and
// whose other bits are the length, 126 for a length in the next two bytes, 127 for
// one in the next eight. This is the framing since Socket.IO 4.7.2; releases 4.7.0
// and 4.7.1 had none and are not served. The client's first packet is "0" for a new
// session or 0{"sid":"..."} for an upgrade; genuine clients give no query in the
// URL, so that all is known only when the session has been opened, and a refusal is
// its end, without a word.
//
// Close the Socket.IO server first, and then this one. Goroutines: those of
// quic-go, and one for each connection, which [Server.Close] waits for.
package webtransport
