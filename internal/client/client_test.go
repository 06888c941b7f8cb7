package client_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/client"
	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
	v1 "github.com/heirloom-io/socketio/versions/v1"
	v2 "github.com/heirloom-io/socketio/versions/v2"
)

const patience = 30 * time.Second

// host is the server above the family. It keeps what it gets.
type host struct {
	refuse error
	conns  chan *receiver
}

// receiver is the host's side of one client.
type receiver struct {
	conn versions.Conn

	mu sync.Mutex
	// Guarded by mu:
	packets []*packet.Packet
	faults  int

	closed chan versions.Reason
}

func (h *host) Accept(c versions.Conn) (versions.Receiver, error) {
	if h.refuse != nil {
		return nil, h.refuse
	}
	r := &receiver{conn: c, closed: make(chan versions.Reason, 10)}
	h.conns <- r
	return r, nil
}

func (r *receiver) Receive(p *packet.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packets = append(r.packets, p)
}

func (r *receiver) Fault(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults++
}

func (r *receiver) Closed(reason versions.Reason) { r.closed <- reason }

// got returns the packets after the implicit connect to the root.
func (r *receiver) got() ([]*packet.Packet, int) {
	packets, faults := r.all()
	return packets[1:], faults
}

// all returns all packets.
func (r *receiver) all() ([]*packet.Packet, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.packets), r.faults
}

// move is a call of Params.Moved.
type move struct {
	From, To compat.ID
	Why      string
}

// fixture is a family of generations behind a real engine.
type fixture struct {
	t     *testing.T
	host  *host
	url   string
	http  *http.Client
	mu    sync.Mutex
	moves []move
}

// setup says which rows the family has, and with which settings.
type setup struct {
	rows   []*client.Row
	ackV3  []int
	refuse error
	// connectTimeout is that of clients who join namespaces themselves.
	connectTimeout time.Duration
}

// start serves clients for 1.x by the tells that package negotiate goes by, and
// else for 2.x.
func start(t *testing.T, s setup) *fixture {
	t.Helper()
	e := engine.NewServer(engine.Params{
		Registry:       transports.NewRegistry(),
		UpgradeTimeout: patience,
		UplinkTimeout:  patience,
		WriteTimeout:   patience,
		Outbox:         outbox.Limits{Bytes: 1 << 20, Frames: 10_000},
		MaxUnclaimed:   1000,
		CompressHTTP:   -1,
		Logger:         slog.New(slog.DiscardHandler),
	})
	f := &fixture{t: t, host: &host{refuse: s.refuse, conns: make(chan *receiver, 100)}}
	family := client.NewFamily(client.Params{
		Engine: e,
		Host:   f.host,
		Moved: func(from, to compat.ID, why string) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.moves = append(f.moves, move{from, to, why})
		},
	})
	if s.rows == nil {
		s.rows = []*client.Row{v1.Row, v2.Row}
	}
	if s.connectTimeout == 0 {
		s.connectTimeout = time.Hour
	}
	for _, row := range s.rows {
		family.Add(row, client.Settings{
			PingInterval:   25 * time.Second,
			PingTimeout:    20 * time.Second,
			ConnectTimeout: s.connectTimeout,
			MaxPayload:     1_000_000,
			Transports:     map[string]bool{"polling": true, "websocket": true},
			Upgrades:       []string{"websocket"},
			AckV3:          s.ackV3,
		})
	}
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case q.Get("EIO") == "2" || strings.Contains(q.Get("t"), "-0"):
			family.Serve(w, r, compat.V1, "first request")
		case q.Get("EIO") == "4":
			family.Serve(w, r, compat.V4, "first request")
		default:
			family.Serve(w, r, compat.V2, "first request")
		}
	}))
	tr := &http.Transport{}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
		tr.CloseIdleConnections()
		ts.Close()
	})
	f.url = ts.URL + "/socket.io/?"
	f.http = &http.Client{Transport: tr, Timeout: patience}
	return f
}

func (f *fixture) moved() []move {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.moves)
}

// do sends a polling request and returns status and body.
func (f *fixture) do(method, query, body string) (int, string) {
	f.t.Helper()
	r, _ := http.NewRequest(method, f.url+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	resp, err := f.http.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// user is a client with its two ends.
type user struct {
	*receiver
	f     *fixture
	query string
	ws    *websocket.Conn // nil while polling
}

var sidPattern = regexp.MustCompile(`"sid":"([^"]+)"`)

// polling opens a polling session.
func (f *fixture) polling(query string) *user {
	f.t.Helper()
	query += "&transport=polling"
	status, body := f.do(http.MethodGet, query, "")
	sid := sidPattern.FindStringSubmatch(body)
	if status != http.StatusOK || sid == nil {
		f.t.Fatalf("handshake: %d %q", status, body)
	}
	return &user{receiver: <-f.host.conns, f: f, query: query + "&sid=" + sid[1]}
}

func (f *fixture) dial(query string) *websocket.Conn {
	f.t.Helper()
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(f.url, "http")+query, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(patience))
	return c
}

// websocket opens a session on a websocket.
func (f *fixture) websocket(query string) *user {
	f.t.Helper()
	u := &user{f: f, ws: f.dial(query + "&transport=websocket")}
	if open := u.read(); !strings.HasPrefix(open, "0{") {
		f.t.Fatalf("open: %q", open)
	}
	u.receiver = <-f.host.conns
	return u
}

// upgrade moves a polling user to a websocket.
func (u *user) upgrade() {
	u.f.t.Helper()
	u.ws = u.f.dial(strings.Replace(u.query, "polling", "websocket", 1))
	for _, m := range []string{"2probe", "5"} {
		_ = u.ws.WriteMessage(websocket.TextMessage, []byte(m))
		if m == "2probe" && u.read() != "3probe" {
			u.f.t.Fatal("no probe")
		}
	}
	for u.conn.Info().Transport != "websocket" {
		time.Sleep(time.Millisecond)
	}
}

// say sends an Engine.IO packet: as a post, as text encoded once, or as a frame.
func (u *user) say(text string) {
	u.f.t.Helper()
	if u.ws != nil {
		if err := u.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			u.f.t.Fatal(err)
		}
		return
	}
	body := string(engine.AppendPayloadText(nil, []byte(text)))
	if status, answer := u.f.do(http.MethodPost, u.query, body); status != http.StatusOK {
		u.f.t.Fatalf("post: %d %q", status, answer)
	}
}

// twice encodes text as 1.x does for polling.
func twice(s string) string { return string(engine.EncodeDouble(nil, []byte(s))) }

// read returns the next message, or the next payload of a polling user.
func (u *user) read() string {
	u.f.t.Helper()
	if u.ws == nil {
		_, body := u.f.do(http.MethodGet, u.query, "")
		return body
	}
	kind, b, err := u.ws.ReadMessage()
	if err != nil {
		u.f.t.Fatal(err)
	}
	if kind == websocket.BinaryMessage {
		return "bin:" + string(b)
	}
	return string(b)
}

// sync waits until the server has handled all that was said.
func (u *user) sync() {
	u.f.t.Helper()
	if u.ws != nil {
		u.say("2")
		for u.read() != "3" {
			continue
		}
	}
}

func (u *user) deliver(p packet.Packet) error {
	if p.Namespace == "" {
		p.Namespace = packet.DefaultNamespace
	}
	return u.conn.Deliver(packet.Prepare(&p))
}

func (u *user) wantClosed(want versions.Reason) {
	u.f.t.Helper()
	select {
	case got := <-u.closed:
		if got != want {
			u.f.t.Errorf("closed by %q, want %q", got, want)
		}
	case <-time.After(patience):
		u.f.t.Fatalf("not closed, want %q", want)
	}
}

func (u *user) wantOpen() {
	u.f.t.Helper()
	select {
	case got := <-u.closed:
		u.f.t.Errorf("closed by %q", got)
	default:
	}
}

func event(args ...string) packet.Packet {
	b, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return packet.Packet{Type: packet.Event, Name: "ev", Args: b[1 : len(b)-1]}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	f := start(t, setup{})
	u := f.polling("EIO=3&t=Q7w56R0&token=x")
	u.mu.Lock()
	first := u.packets
	u.mu.Unlock()
	want := []*packet.Packet{{Type: packet.Connect, Namespace: "/"}}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first packets (-want +got):\n%s", diff)
	}
	if got := u.conn.Handshake().URL().Query().Get("token"); got != "x" {
		t.Errorf("query of the handshake: %q", got)
	}
	if !strings.HasSuffix(u.query, u.conn.ID()) {
		t.Errorf("id %q", u.conn.ID())
	}
	if !u.conn.Can(packet.FeatureBinary|packet.FeatureAcks|packet.FeatureEvents|packet.FeatureNamespaces) || u.conn.Can(1<<7) {
		t.Error("features")
	}
	status, body := f.do(http.MethodGet, "EIO=4&transport=polling", "")
	if status != http.StatusBadRequest || body != `{"code":5,"message":"Unsupported protocol version"}` {
		t.Errorf("generation that is not served: %d %q", status, body)
	}
}

func TestAcceptRefused(t *testing.T) {
	t.Parallel()
	f := start(t, setup{refuse: io.ErrUnexpectedEOF})
	if status, body := f.do(http.MethodGet, "EIO=3&transport=polling", ""); status != http.StatusServiceUnavailable || strings.Contains(body, "EOF") {
		t.Errorf("%d %q", status, body)
	}
}
