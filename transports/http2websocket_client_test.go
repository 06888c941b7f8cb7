package transports

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	_ "github.com/heirloom-io/socketio/http2xconnect"
)

// connectFunc opens a websocket and returns both ends, as connect does.
type connectFunc func(t *testing.T, p DuplexParams, header ...string) (*peer, *side)

// overEach runs a test over every version of HTTP that carries websockets.
func overEach(t *testing.T, test func(t *testing.T, connect connectFunc)) {
	t.Helper()
	for name, connect := range map[string]connectFunc{"HTTP/1.1": connect, "HTTP/2": connectHTTP2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, connect)
		})
	}
}

// countingStream counts the writes to a stream.
type countingStream struct{ *countingConn }

func (c countingStream) writeBuffers(bufs net.Buffers) (int64, error) {
	c.writes.Add(int64(len(bufs)))
	return c.Conn.(*http2Conn).writeBuffers(bufs)
}

// clientStream is the client's end of a stream as a connection. Deadlines are
// left to the context of its request.
type clientStream struct {
	net.Conn // none; for the methods that nobody calls
	up       *io.PipeWriter
	down     io.ReadCloser
	cancel   context.CancelFunc
}

func (s *clientStream) Read(b []byte) (int, error)      { return s.down.Read(b) }
func (s *clientStream) Write(b []byte) (int, error)     { return s.up.Write(b) }
func (s *clientStream) SetDeadline(time.Time) error     { return nil }
func (s *clientStream) SetReadDeadline(time.Time) error { return nil }

// Close ends the stream in order, and then for good.
func (s *clientStream) Close() error {
	_ = s.up.Close()
	_ = s.down.Close()
	s.cancel()
	return nil
}

// serveHTTP2 serves a handler over HTTP/2 and returns its address and a client
// that is not net/http's, as net/http has none for the extended CONNECT.
func serveHTTP2(t *testing.T, h http.Handler) (string, http2Client) {
	t.Helper()
	ts := httptest.NewUnstartedServer(h)
	ts.EnableHTTP2 = true
	ts.StartTLS()
	client := newHTTP2Client(ts.Client().Transport.(*http.Transport).TLSClientConfig)
	t.Cleanup(func() {
		client.CloseIdleConnections()
		ts.Close()
	})
	return ts.URL, client
}

// extended opens a websocket over HTTP/2. The stream ends with the test.
func extended(t *testing.T, client http2Client, address string, header ...string) (*http.Response, *clientStream) {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	body, up := io.Pipe()
	r := (&http.Request{
		Method: http.MethodConnect,
		URL:    at,
		Host:   at.Host,
		Header: http.Header{":protocol": {"websocket"}, "Sec-Websocket-Version": {"13"}},
		Body:   body,
	}).WithContext(ctx)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.RoundTrip(r)
	if err != nil {
		cancel()
		_ = up.Close()
		t.Fatal(err)
	}
	s := &clientStream{up: up, down: resp.Body, cancel: cancel}
	t.Cleanup(func() { _ = s.Close() })
	return resp, s
}

// connectHTTP2 is connect over HTTP/2.
func connectHTTP2(t *testing.T, p DuplexParams, header ...string) (*peer, *side) {
	t.Helper()
	accept, sides := accepting(p)
	address, client := serveHTTP2(t, ExtendedConnect(accept))
	resp, stream := extended(t, client, address, header...)
	server := <-sides
	if server == nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("not opened: %s", resp.Status)
	}
	t.Cleanup(server.Terminate)
	return &peer{Conn: stream, t: t, r: bufio.NewReader(stream), resp: resp}, server
}
