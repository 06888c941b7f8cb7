package transports

import (
	"bufio"
	"maps"
	"net"
	"net/http"
)

// ExtendedConnect returns a handler by which next serves websockets over HTTP/2
// (RFC 8441) too: it sees the extended CONNECT as the opening request of a
// websocket over HTTP/1.1, and may take over "the connection", which is the
// stream. All other requests reach next as they came.
//
// net/http lets such requests in only if the process has http2xconnect=1 in
// GODEBUG when it starts; package http2xconnect sees to that. Over HTTP/2 the
// goroutine of a request stays with its websocket until that ends, and
// permessage-deflate is agreed on as over HTTP/1.1.
//
// What the application sees of the request is a GET whose Proto says HTTP/2.0,
// with the headers Connection, Upgrade and a Sec-WebSocket-Key that no client
// has sent.
func ExtendedConnect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !IsExtendedConnect(r) {
			next.ServeHTTP(w, r)
			return
		}
		if r.Header.Get("Sec-Websocket-Version") != "13" {
			// Without it the request would pass for that of a draft.
			w.Header().Set("Sec-WebSocket-Version", "13")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c := newHTTP2Conn(w, r)
		defer c.leave() // also if next panics
		next.ServeHTTP(&connectWriter{ResponseWriter: w, conn: c}, asUpgrade(r))
		c.serve()
	})
}

// IsExtendedConnect reports whether a request opens a websocket over HTTP/2; the
// pseudo-header is where net/http puts it.
func IsExtendedConnect(r *http.Request) bool {
	return r.Method == http.MethodConnect && r.ProtoMajor == 2 && r.Header.Get(":protocol") == "websocket"
}

// connectKey stands in for the Sec-WebSocket-Key that RFC 8441 does without: 16
// zero bytes, whose answer nobody reads.
const connectKey = "AAAAAAAAAAAAAAAAAAAAAA=="

// asUpgrade returns the request as its client would have made it over HTTP/1.1.
func asUpgrade(r *http.Request) *http.Request {
	u := r.WithContext(r.Context())
	u.Method = http.MethodGet
	u.Header = maps.Clone(r.Header)
	delete(u.Header, ":protocol")
	u.Header["Connection"] = []string{"Upgrade"}
	u.Header["Upgrade"] = []string{"websocket"}
	u.Header["Sec-Websocket-Key"] = []string{connectKey}
	u.Body, u.ContentLength = http.NoBody, 0
	return u
}

// connectWriter is the writer of a request that can be taken over.
type connectWriter struct {
	http.ResponseWriter
	conn *http2Conn
}

// Unwrap lets an http.ResponseController find deadlines and flushing.
func (w *connectWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader answers without taking over. The header Connection would make
// net/http end the whole connection, which other requests share.
func (w *connectWriter) WriteHeader(status int) {
	w.Header().Del("Connection")
	w.ResponseWriter.WriteHeader(status)
}

// Hijack implements http.Hijacker. The head of a response that is written to the
// connection becomes that of the stream.
func (w *connectWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := w.conn
	if err := c.take(); err != nil {
		return nil, nil, err
	}
	// Nothing waits in these buffers: a client sends once it has been answered.
	rw := bufio.NewReadWriter(bufio.NewReaderSize(c, readBufferSize), bufio.NewWriterSize(c, readBufferSize))
	return c, rw, nil
}
