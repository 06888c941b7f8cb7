package transports

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// draftWait is how long these tests wait for what must happen.
const draftWait = 30 * time.Second

// draftServer accepts websockets of old drafts behind a genuine net/http server.
type draftServer struct {
	addr  string
	conns chan Conn
	errs  chan error
}

// serveDrafts starts a server. Parameters that matter to no draft are filled in.
func serveDrafts(t *testing.T, transport DuplexTransport, p DuplexParams) *draftServer {
	t.Helper()
	if p.MaxMessage == 0 {
		p.MaxMessage = 1 << 20
	}
	p.WriteTimeout = draftWait
	s := &draftServer{conns: make(chan Conn, 1), errs: make(chan error, 1)}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := transport.Accept(w, r, p)
		if err != nil {
			s.errs <- err
			return
		}
		s.conns <- conn
	}))
	s.addr = h.Listener.Addr().String()
	t.Cleanup(func() {
		h.Close()
		select {
		case conn := <-s.conns:
			conn.Terminate()
		default:
		}
	})
	return s
}

// conn returns the server's end of the only connection.
func (s *draftServer) conn(t *testing.T) Conn {
	t.Helper()
	select {
	case conn := <-s.conns:
		t.Cleanup(conn.Terminate)
		return conn
	case err := <-s.errs:
		t.Fatal(err)
	case <-time.After(draftWait):
		t.Fatal("no connection")
	}
	return nil
}

// draftClient is a client of bare bytes.
type draftClient struct {
	net.Conn
	r *bufio.Reader
}

func (s *draftServer) dial(t *testing.T) *draftClient { return dialDraft(t, s.addr) }

func dialDraft(t *testing.T, addr string) *draftClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(draftWait)); err != nil {
		t.Fatal(err)
	}
	return &draftClient{Conn: conn, r: bufio.NewReader(conn)}
}

func (c *draftClient) send(t *testing.T, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func (c *draftClient) response(t *testing.T) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// expect reads bytes that must come.
func (c *draftClient) expect(t *testing.T, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.r, got); err != nil || string(got) != want {
		t.Fatalf("got %q, %v, want %q", got[:n], err, want)
	}
}

// expectEnd reads up to the end of the connection, which must be next.
func (c *draftClient) expectEnd(t *testing.T) {
	t.Helper()
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) != 0 {
		t.Fatalf("got %q, %v, want the end", rest, err)
	}
}

// openingRequest returns a whole request. Its further head has lines that end
// with a line feed.
func openingRequest(head string) string {
	if head != "" {
		head = strings.ReplaceAll(head, "\n", "\r\n") + "\r\n"
	}
	return "GET /socket.io/1/websocket/7?a=b HTTP/1.1\r\nHost: example.com:81\r\nOrigin: http://Example.com\r\n" + head + "\r\n"
}

// openHixie returns both ends of an opened connection of hixie-76.
func openHixie(t *testing.T, p DuplexParams) (*draftClient, Conn) {
	t.Helper()
	p.Drafts = DraftHixie76
	s := serveDrafts(t, WebSocket{}, p)
	client := s.dial(t)
	client.send(t, openingRequest("Upgrade: WebSocket\nConnection: Upgrade\nSec-WebSocket-Key1: "+someKey1+
		"\nSec-WebSocket-Key2: "+someKey2)+someNonce)
	client.response(t)
	client.expect(t, "8jKS'y:G*Co,Wxa-")
	return client, s.conn(t)
}

// readText reads one message, which must be text.
func readText(t *testing.T, conn Conn) string {
	t.Helper()
	var got string
	err := conn.Read(func(data []byte, binary bool) error {
		if binary {
			return errors.New("a binary message")
		}
		got = string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// readNothing reads what must be no message.
func readNothing(t *testing.T, conn Conn) error {
	t.Helper()
	err := conn.Read(func(data []byte, _ bool) error {
		t.Errorf("got a message of %d bytes", len(data))
		return nil
	})
	if err == nil {
		t.Fatal("no error")
	}
	return err
}
