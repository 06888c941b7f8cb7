package budget

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// peer is a client of 2.x over a bare websocket, as small as can be: what it
// costs must not hide what the server costs.
type peer struct {
	conn net.Conn
	r    *bufio.Reader
	head [8]byte // here, so that reading allocates nothing
}

func dial(addr string) (*peer, error) { return dialQuery(addr, "") }

// dialQuery connects with something added to the query of the URL.
func dialQuery(addr, query string) (*peer, error) {
	return dialPath(addr, "/socket.io/?EIO=3&transport=websocket"+query, "0{", "40")
}

// dialJoined connects as a client of 4.x, which joins the namespace itself.
func dialJoined(addr string) (*peer, error) { return dialJoinedQuery(addr, "") }

// dialJoinedQuery does so with something added to the query of the URL.
func dialJoinedQuery(addr, query string) (*peer, error) {
	p, err := dialPath(addr, "/socket.io/?EIO=4&transport=websocket"+query, "0{")
	if err != nil {
		return nil, err
	}
	if err := p.write("40"); err != nil {
		return nil, err
	}
	return p, p.until("40{")
}

// shake makes the handshake of a client of 0.9, and returns its session id.
func shake(addr string) (string, error) {
	resp, err := http.Get("http://" + addr + "/socket.io/1/?t=1")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	sid, _, _ := bytes.Cut(body, []byte(":"))
	return string(sid), nil
}

// dialNothing leaves it at the handshake.
func dialNothing(addr string) (*peer, error) {
	_, err := shake(addr)
	return nil, err
}

// dialColon connects as a client of 0.9.
func dialColon(addr string) (*peer, error) {
	sid, err := shake(addr)
	if err != nil {
		return nil, err
	}
	return dialPath(addr, "/socket.io/1/websocket/"+sid, "1::")
}

// dialPage connects as a client of 0.9 in a page of htmlfile.
func dialPage(addr string) (*peer, error) {
	sid, err := shake(addr)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: conn, r: bufio.NewReaderSize(conn, 1024)}
	if _, err := io.WriteString(conn, "GET /socket.io/1/htmlfile/"+sid+"?t=1 HTTP/1.1\r\nHost: "+addr+"\r\n\r\n"); err != nil {
		return nil, err
	}
	for {
		line, err := p.r.ReadString('>')
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(line, `_("1::");</script>`) {
			return p, nil
		}
	}
}

// dialPath opens a websocket, on which messages with the given beginnings come
// first.
func dialPath(addr, path string, first ...string) (*peer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: conn, r: bufio.NewReaderSize(conn, 1024)}
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: "+addr+
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	if err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(p.r, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	for _, want := range first {
		b, err := p.read(nil)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(b, []byte(want)) {
			return nil, fmt.Errorf("got %.20q, want %q", b, want)
		}
	}
	return p, nil
}

// read returns the next message, in buf if that is large enough.
func (p *peer) read(buf []byte) ([]byte, error) {
	h := p.head[:]
	if _, err := io.ReadFull(p.r, h[:2]); err != nil {
		return nil, err
	}
	if h[0]&0xf == 8 {
		return nil, errors.New("closed by the server")
	}
	n := int(h[1])
	switch n {
	case 126:
		if _, err := io.ReadFull(p.r, h[:2]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint16(h[:2]))
	case 127:
		if _, err := io.ReadFull(p.r, h[:8]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint64(h[:8]))
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	_, err := io.ReadFull(p.r, buf[:n])
	return buf[:n], err
}

// write sends a text message, masked with zeros.
func (p *peer) write(s string) error {
	b := []byte{0x81}
	switch n := len(s); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	default:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	}
	b = append(b, 0, 0, 0, 0)
	_, err := p.conn.Write(append(b, s...))
	return err
}

// until reads until a message begins with prefix.
func (p *peer) until(prefix string) error {
	var buf []byte
	for {
		var err error
		if buf, err = p.read(buf); err != nil {
			return err
		}
		if bytes.HasPrefix(buf, []byte(prefix)) {
			return nil
		}
	}
}

// contract is the part of the contract server that budgets are measured with.
func contract(io *socketio.Server) {
	io.OnConnection(func(s *socketio.Socket) {
		s.On("echo", func(data string, ack func(string)) { ack(data) })
		s.On("join", func(room string, ack func(string)) { s.Join(room); ack(room) })
	})
}

// withoutHeartbeats is for clients that answer none: on a busy machine one would be
// due before all is done.
var withoutHeartbeats = socketio.Config{
	PingInterval: time.Hour,
	V0:           socketio.V0Config{HeartbeatInterval: time.Hour, HeartbeatTimeout: 2 * time.Hour, CloseTimeout: 2 * time.Hour},
}

// serve starts a server on loopback and returns its address.
func serve(tb testing.TB, config socketio.Config) (*socketio.Server, string) {
	tb.Helper()
	io, err := socketio.NewServer(config)
	if err != nil {
		tb.Fatal(err)
	}
	contract(io)
	h := httptest.NewServer(io.Attach(nil))
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			tb.Error(err)
		}
		h.Close()
	})
	return io, h.Listener.Addr().String()
}
