package transports

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// peer is a websocket client of the tests' own, written from RFC 6455 and
// RFC 7692, so that the server is not tested against the library it uses.
type peer struct {
	net.Conn
	t    *testing.T
	r    *bufio.Reader
	resp *http.Response
}

// side is the server's end of a connection.
type side struct {
	Conn
	net *countingConn
}

// countingConn counts the writes that reach the network.
type countingConn struct {
	net.Conn
	writes atomic.Int64
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

type countingListener struct {
	net.Listener
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &countingConn{Conn: c}, nil
}

// hijackSpy notes the network connection that the carrier takes over.
type hijackSpy struct {
	http.ResponseWriter
	conn *countingConn
}

func (h *hijackSpy) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if stream, ok := c.(*http2Conn); ok {
		h.conn = &countingConn{Conn: stream}
		return countingStream{h.conn}, rw, err
	}
	if err == nil {
		h.conn = c.(*countingConn)
	}
	return c, rw, err
}

// accepting returns a handler that opens websockets with the given parameters, and
// where it sends its end of each, nil if it was not opened.
func accepting(p DuplexParams) (http.Handler, <-chan *side) {
	if p.WriteTimeout == 0 {
		p.WriteTimeout = patience
	}
	if p.MaxMessage == 0 {
		p.MaxMessage = 10 << 20
	}
	sides := make(chan *side, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		spy := &hijackSpy{ResponseWriter: w}
		c, err := (WebSocket{}).Accept(spy, r, p)
		if err != nil {
			sides <- nil
			return
		}
		sides <- &side{Conn: c, net: spy.conn}
	}), sides
}

// connect opens a websocket with the given parameters and request headers, and
// returns both ends. Both are closed when the test ends.
func connect(t *testing.T, p DuplexParams, header ...string) (*peer, *side) {
	t.Helper()
	accept, sides := accepting(p)
	ts := httptest.NewUnstartedServer(accept)
	ts.Listener = countingListener{ts.Listener}
	ts.Start()
	t.Cleanup(ts.Close)
	c, err := net.Dial("tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(2 * patience))
	var extra strings.Builder
	for i := 0; i < len(header); i += 2 {
		extra.WriteString(header[i] + ": " + header[i+1] + "\r\n")
	}
	_, err = fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", extra.String())
	if err != nil {
		t.Fatal(err)
	}
	client := &peer{Conn: c, t: t, r: bufio.NewReader(c)}
	if client.resp, err = http.ReadResponse(client.r, nil); err != nil {
		t.Fatal(err)
	}
	server := <-sides
	if server == nil {
		t.Fatalf("not opened: %s", client.resp.Status)
	}
	t.Cleanup(server.Terminate)
	if got := client.resp.Header.Get("Sec-Websocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("accept key %q", got)
	}
	return client, server
}

// frame is a frame as it stands on the wire.
type frame struct {
	first byte // bits and opcode
	data  []byte
}

// rawFrame makes a client's frame.
func rawFrame(first byte, data []byte) []byte {
	b := []byte{first}
	switch n := len(data); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := []byte{1, 2, 3, 4}
	b = append(b, mask...)
	for i, c := range data {
		b = append(b, c^mask[i%4])
	}
	return b
}

func (p *peer) write(first byte, data []byte) {
	p.t.Helper()
	if _, err := p.Write(rawFrame(first, data)); err != nil {
		p.t.Errorf("writing: %v", err)
	}
}

// read returns the next frame, whose length must be written in the shortest
// form.
func (p *peer) read() (frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(p.r, head[:]); err != nil {
		return frame{}, err
	}
	n := uint64(head[1])
	switch head[1] {
	case 126:
		var l [2]byte
		if _, err := io.ReadFull(p.r, l[:]); err != nil {
			return frame{}, err
		}
		if n = uint64(binary.BigEndian.Uint16(l[:])); n < 126 {
			return frame{}, fmt.Errorf("length %d in the long form", n)
		}
	case 127:
		var l [8]byte
		if _, err := io.ReadFull(p.r, l[:]); err != nil {
			return frame{}, err
		}
		if n = binary.BigEndian.Uint64(l[:]); n < 1<<16 {
			return frame{}, fmt.Errorf("length %d in the longest form", n)
		}
	default:
		if n > 126 {
			return frame{}, errors.New("masked frame of a server")
		}
	}
	f := frame{first: head[0], data: make([]byte, n)}
	_, err := io.ReadFull(p.r, f.data)
	return f, err
}

func (p *peer) mustRead() frame {
	p.t.Helper()
	f, err := p.read()
	if err != nil {
		p.t.Fatalf("reading a frame: %v", err)
	}
	return f
}

// wantClose reads on until the close frame and checks its code; 0 stands for a
// frame without one.
func (p *peer) wantClose(code int) {
	p.t.Helper()
	for {
		f, err := p.read()
		if err != nil {
			p.t.Errorf("no close frame: %v", err)
			return
		}
		if f.first != bitFin|opClose {
			continue
		}
		got := 0
		if len(f.data) >= 2 {
			got = int(binary.BigEndian.Uint16(f.data))
		}
		if got != code {
			p.t.Errorf("close code %d, want %d", got, code)
		}
		return
	}
}

// reset ends the connection so that the other side sees an error.
func (p *peer) reset() {
	if stream, ok := p.Conn.(*clientStream); ok {
		_ = stream.down.Close() // resets the stream; the context alone would not, while the body waits for more
		return
	}
	_ = p.Conn.(*net.TCPConn).SetLinger(0)
	_ = p.Conn.Close()
}

// inflate undoes the compression of one message, RFC 7692 section 7.2.2.
func inflate(t *testing.T, b []byte) []byte {
	t.Helper()
	r := flate.NewReader(io.MultiReader(bytes.NewReader(b), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("inflating: %v", err)
	}
	return out
}

// deflate compresses one message, RFC 7692 section 7.2.1.
func deflate(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(b)
	_ = w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// message is what a server's end reads.
type message struct {
	data   string
	binary bool
}

// next reads one message.
func (s *side) next() (message, error) {
	var m message
	err := s.Read(func(data []byte, binary bool) error {
		m = message{string(data), binary}
		return nil
	})
	return m, err
}

func textFrame(s string) *packet.Frame   { return &packet.Frame{Data: []byte(s)} }
func binaryFrame(s string) *packet.Frame { return &packet.Frame{Data: []byte(s), Binary: true} }
