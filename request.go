package socketio

import (
	"context"
	"net/http"
)

// Request returns the request that opened the client's session, for what package
// net/http can tell of one, such as its cookies. It is a copy, made anew by each
// call, and may be changed. Its body is empty, its TLS field nil; [Handshake.Secure]
// says whether TLS was used. Its context is that of [Socket.Context].
func (s *Socket) Request() *http.Request { return s.client.request(s.Context()) }

// Request returns the request that opened the session, as [Socket.Request] does,
// with a context that never ends.
func (c Conn) Request() *http.Request { return c.client.request(context.Background()) }

func (c *client) request(ctx context.Context) *http.Request {
	first := c.conn.Handshake()
	r := &http.Request{
		Method:     first.Method,
		URL:        first.URL(),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     first.Header(),
		Body:       http.NoBody,
		Host:       first.Host,
		RemoteAddr: first.RemoteAddr,
		RequestURI: first.RequestURI,
	}
	return r.WithContext(ctx)
}
