// Package negotiate is the front door: it tells from a request which
// generation of Socket.IO is knocking, decides whether it may come in, and
// hands it to that generation's handler.
//
//	request ── Detect ──> Verdict ── Policy ──> Handler.ServeHTTP
//	   │                     │          └────> Handler.Refuse
//	   └ not ours: Next      └ file: Files
//
// [Detect] is a pure function of method, raw path, query and headers. The
// segment after the resource decides:
//
//	/socket.io/xhr-polling//1300000000000   a carrier's name   0.1 to 0.6
//	/socket.io/1/?t=1300000000000           1                  0.7 to 0.9
//	/socket.io/2/                           another number     refused as 0.7 to 0.9
//	/socket.io/?EIO=4&transport=polling     EIO=4              3.x and 4.x
//	/socket.io/?EIO=3&transport=polling     EIO 2, 3 or none   1.x or 2.x
//	/socket.io/?EIO=5                       any other EIO      refused
//	/socket.io/socket.io.js                 a client file      no generation
//
// A path is never cleaned or decoded: a double slash is part of old URLs, so the
// door has to stand in front of net/http's ServeMux, not behind it. Of a query
// parameter that is given twice the first counts, everywhere.
//
// What a first request cannot tell for sure (0.1-0.4 or 0.5-0.6, 1.x or 2.x)
// stays open: the verdict lists the candidates beside the best guess, and the
// session settles it later. A follow-up request may be guessed differently from
// the request that opened its session; the handlers of generations that can be
// mistaken for one another must therefore share their sessions.
//
// The package knows no payload, keeps no session, and starts no goroutine.
package negotiate
