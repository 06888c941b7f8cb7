package v0

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// host is the server above: it has the namespaces "/" and "/chat", refuses
// "/priv", and echoes events.
type host struct {
	refuse error
	// connected is called when a client has been connected to "/".
	connected func(versions.Conn)
	// refuseRoot refuses clients in "/".
	refuseRoot bool

	conns    chan *conn
	packets  chan *packet.Packet
	closings chan versions.Reason
}

// conn is one client of a host.
type conn struct {
	versions.Conn
	h *host
}

func newHost() *host {
	return &host{
		conns:    make(chan *conn, 100),
		packets:  make(chan *packet.Packet, 10_000),
		closings: make(chan versions.Reason, 100),
	}
}

func (h *host) Accept(c versions.Conn) (versions.Receiver, error) {
	if h.refuse != nil {
		return nil, h.refuse
	}
	return &conn{Conn: c, h: h}, nil
}

func (c *conn) Receive(p *packet.Packet) {
	switch p.Type {
	case packet.Connect:
		reply := &packet.Packet{Type: packet.Connect, Namespace: p.Namespace}
		if p.Namespace != "/" && p.Namespace != "/chat" || p.Namespace == "/" && c.h.refuseRoot {
			reply.Type, reply.Data = packet.Error, []byte(`"no"`)
		}
		c.deliver(reply)
		if p.Namespace == "/" {
			c.h.conns <- c // whoever sends now is behind the confirmation
		}
		if p.Namespace == "/" && c.h.connected != nil {
			c.h.connected(c)
		}
		return
	case packet.Event:
		if p.HasID {
			c.deliver(&packet.Packet{Type: packet.Ack, Namespace: p.Namespace, ID: p.ID, HasID: true, Args: p.Args})
		}
		if p.Name == "echo" {
			c.deliver(&packet.Packet{Type: packet.Event, Namespace: p.Namespace, Name: "echo", Args: p.Args})
		}
	case packet.Ack, packet.Disconnect, packet.Error:
	}
	c.h.packets <- p
}

func (c *conn) deliver(p *packet.Packet) { _ = c.Deliver(packet.Prepare(p)) }

func (c *conn) send(text string) {
	c.deliver(event("/", "message", string(packet.AppendString(nil, text))))
}

func (c *conn) Fault(error)              {}
func (c *conn) Closed(r versions.Reason) { c.h.closings <- r }

// params are 0.9's own, for a host.
func params(h *host) Params {
	registry := transports.NewRegistry()
	for _, t := range transports.Legacy() {
		if err := registry.Register(t); err != nil {
			panic(err)
		}
	}
	return Params{
		Registry:          registry,
		Host:              h,
		Transports:        append(DefaultTransports(), "flashsocket"),
		HeartbeatInterval: DefaultHeartbeatInterval,
		HeartbeatTimeout:  DefaultHeartbeatTimeout,
		CloseTimeout:      DefaultCloseTimeout,
		PollingDuration:   DefaultPollingDuration,
		Blacklist:         DefaultBlacklist(),
		DestroyBufferSize: 1 << 20,
		Drafts:            transports.AllDrafts,
		UplinkTimeout:     5 * time.Second,
		WriteTimeout:      5 * time.Second,
		Outbox:            outbox.Limits{Bytes: 16 << 20, Frames: 16_384},
		MaxUnclaimed:      100,

		MaxUnclaimedPerPeer: DefaultMaxUnclaimedPerPeer,
		Logger:              slog.New(slog.DiscardHandler),
	}
}

// site is a server on the loopback with a client's view of it.
type site struct {
	t    *testing.T
	host *host
	srv  *Server
	base string // http://host:port/socket.io/1
	addr string
	http *http.Client
}

// route does what the front door does.
func route(s *Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/socket.io/1")
		if !ok {
			s.Refuse(w, r, RefuseProtocol)
			return
		}
		transport, session, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		session, _, _ = strings.Cut(session, "/")
		s.ServeHTTP(w, r, Request{Transport: transport, Session: session, Evidence: "path /1"})
	})
}

// holdLittle is for a server whose network holds little, since what it holds is out
// of the server's sight.
func holdLittle(ctx context.Context, c net.Conn) context.Context {
	_ = c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	return ctx
}

func newSite(t *testing.T, h *host, change func(*Params)) *site {
	t.Helper()
	p := params(h)
	if change != nil {
		change(&p)
	}
	srv, err := NewServer(p)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewUnstartedServer(route(srv))
	ts.Config.ConnContext = holdLittle
	ts.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		ts.CloseClientConnections()
		ts.Close()
	})
	return &site{
		t: t, host: h, srv: srv, base: ts.URL + "/socket.io/1", addr: ts.Listener.Addr().String(),
		http: &http.Client{Transport: transport, Timeout: patience},
	}
}

// answered is a whole answer.
type answered struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(method, path, body string, header ...string) (answered, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return answered{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return answered{resp.StatusCode, resp.Header, string(b)}, err
}

func (s *site) get(path string, header ...string) answered {
	s.t.Helper()
	a, err := s.do(http.MethodGet, path, "", header...)
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	return a
}

func (s *site) post(path, body string, header ...string) answered {
	s.t.Helper()
	a, err := s.do(http.MethodPost, path, body, header...)
	if err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
	return a
}

// handshake returns the id of a new session.
func (s *site) handshake() string {
	s.t.Helper()
	sid, _, _ := strings.Cut(s.get("/?t=1795195938441").body, ":")
	return sid
}

// polling starts a session on a polling transport.
func (s *site) polling(name string) (path string, c *conn) {
	s.t.Helper()
	path = "/" + name + "/" + s.handshake()
	want := "1::"
	if name == "jsonp-polling" {
		want = `io.j[0]("1::");`
	}
	if a := s.get(path); a.body != want {
		s.t.Fatalf("first poll: %+v", a)
	}
	c = s.conn()
	s.held(c.ID(), false) // the handler may still be about to return
	return path, c
}

func (s *site) conn() *conn {
	s.t.Helper()
	return receive(s.t, s.host.conns)
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}

// poll runs a GET in the background.
func (s *site) poll(path string) <-chan answered {
	done := make(chan answered, 1)
	go func() {
		a, err := s.do(http.MethodGet, path, "")
		if err != nil {
			a.body = "error: " + err.Error()
		}
		done <- a
	}()
	return done
}

// held waits until a session of the id holds a GET, or does not. One that has been
// answered counts as held by nobody, though its handler may not have returned.
func (s *site) held(sid string, want bool) {
	s.t.Helper()
	s.until("poll held", func() bool {
		session := s.srv.lookup(sid)
		session.mu.Lock()
		defer session.mu.Unlock()
		if p, ok := session.carrier.(*poll); ok && want {
			session.sending.Lock()
			defer session.sending.Unlock()
			return session.out.Attached(p.held)
		}
		return (session.carrier != nil) == want
	})
}

func (s *site) until(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("never: %s", what)
		}
	}
}

// wsClient is a websocket that speaks one packet a message.
type wsClient struct {
	t  *testing.T
	ws *websocket.Conn
}

func (s *site) websocket(sid string) *wsClient {
	s.t.Helper()
	return s.duplex("websocket", sid)
}

func (s *site) duplex(name, sid string) *wsClient {
	s.t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), "ws"+strings.TrimPrefix(s.base, "http")+"/"+name+"/"+sid, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.t.Cleanup(func() { _ = ws.Close() })
	return &wsClient{s.t, ws}
}

func (c *wsClient) write(packets ...string) {
	c.t.Helper()
	for _, p := range packets {
		if err := c.ws.WriteMessage(websocket.TextMessage, []byte(p)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *wsClient) read() (string, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	kind, b, err := c.ws.ReadMessage()
	if err == nil && kind != websocket.TextMessage {
		err = errors.New("not text")
	}
	return string(b), err
}

func (c *wsClient) want(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		got, err := c.read()
		if err != nil || got != want {
			c.t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
}

func (c *wsClient) wantEnd() {
	c.t.Helper()
	if got, err := c.read(); err == nil {
		c.t.Fatalf("got %q, want the end", got)
	}
}

// raw is a connection on which a test writes requests by hand.
type raw struct {
	net.Conn
	r *bufio.Reader
}

func (s *site) dial(request string) *raw {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(16 << 10)
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, request); err != nil {
		s.t.Fatal(err)
	}
	return &raw{c, bufio.NewReader(c)}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
