package engine

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// patienceOfTests is how long a test waits for what must happen.
const patienceOfTests = 30 * time.Second

// setup is what a test may change of the server it runs against.
type setup struct {
	params  Params
	profile Profile
	app     *app
}

// app is the layer above the sessions. It echoes, unless told otherwise.
type app struct {
	// accepted is called for every session before its handler exists.
	accepted func(*Session) error
	// message takes the place of the echo.
	message func(*Session, received)

	mu sync.Mutex
	// Guarded by mu:
	got    []received
	learnt []Tri

	sessions chan *Session
	closed   chan ended
}

type received struct {
	data   string
	binary bool
}

type ended struct {
	id     string
	reason versions.Reason
}

// client is the handler of one session.
type client struct {
	app     *app
	session *Session
}

func (a *app) accept(s *Session) (Handler, error) {
	if a.accepted != nil {
		if err := a.accepted(s); err != nil {
			return nil, err
		}
	}
	a.sessions <- s
	return &client{app: a, session: s}, nil
}

func (c *client) Message(data []byte, binary bool) {
	m := received{data: string(data), binary: binary}
	c.app.mu.Lock()
	c.app.got = append(c.app.got, m)
	c.app.mu.Unlock()
	if c.app.message != nil {
		c.app.message(c.session, m)
		return
	}
	_ = send(c.session, m)
}

func (c *client) Learnt(double Tri) {
	c.app.mu.Lock()
	defer c.app.mu.Unlock()
	c.app.learnt = append(c.app.learnt, double)
}

func (c *client) Closed(reason versions.Reason) {
	c.app.closed <- ended{c.session.ID(), reason}
}

// received returns the messages so far, and what was learnt.
func (a *app) received() ([]received, []Tri) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]received(nil), a.got...), append([]Tri(nil), a.learnt...)
}

// send queues a message as the layers above do.
func send(s *Session, m received) error {
	return s.Send(framesOf(s.Revision().Framing, m), false)
}

// frames makes the frames of a message for revisions 2 and 3.
func frames(m received) []packet.Frame { return framesOf(Framing3, m) }

func framesOf(framing *Framing, m received) []packet.Frame {
	f := make([]packet.Frame, 1)
	f[0].Binary = m.binary
	if m.binary {
		f[0].Data = framing.AppendBinary(nil, PacketMessage, []byte(m.data))
	} else {
		f[0].Data = framing.AppendText(nil, PacketMessage, []byte(m.data))
	}
	return f
}

func text(data string) received { return received{data: data} }

// server is a running server with its URL.
type server struct {
	t      *testing.T
	engine *Server
	app    *app
	url    string // ends in a slash
	host   string
	http   *http.Client
}

func newSetup() *setup {
	s := &setup{
		params: Params{
			Registry:       transports.NewRegistry(),
			UpgradeTimeout: patienceOfTests,
			UplinkTimeout:  patienceOfTests,
			WriteTimeout:   patienceOfTests,
			Outbox:         outbox.Limits{Bytes: 16 << 20, Frames: 100_000},
			MaxUnclaimed:   1000,
			CompressHTTP:   -1,
			Logger:         slog.New(slog.DiscardHandler),
		},
		profile: Profile{
			Revision:     Revision3,
			PingInterval: 25 * time.Second,
			PingTimeout:  20 * time.Second,
			MaxPayload:   100_000,
			Cookie:       func(sid string) string { return "io=" + sid + "; Path=/; HttpOnly" },
			Transports:   map[string]bool{"polling": true, "websocket": true},
			Upgrades:     []string{"websocket"},
		},
		app: &app{sessions: make(chan *Session, 10_000), closed: make(chan ended, 10_000)},
	}
	s.profile.Accept = s.app.accept
	return s
}

// start runs a server until the test ends. Requests that announce EIO=2 are of
// revision 2, as in the layers above.
func start(t *testing.T, change ...func(*setup)) *server {
	t.Helper()
	s := newSetup()
	for _, c := range change {
		c(s)
	}
	second := s.profile
	second.Revision = Revision2
	e := NewServer(s.params)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &s.profile
		if r.URL.Query().Get("EIO") == "2" {
			p = &second
		}
		e.Serve(w, r, p, "test")
	}))
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patienceOfTests)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		transport.CloseIdleConnections()
		ts.Close()
	})
	return &server{
		t: t, engine: e, app: s.app,
		url:  ts.URL + "/engine.io/",
		host: ts.Listener.Addr().String(),
		http: &http.Client{Transport: transport, Timeout: 2 * patienceOfTests},
	}
}

// session returns the next session that started.
func (s *server) session() *Session {
	s.t.Helper()
	select {
	case session := <-s.app.sessions:
		return session
	case <-time.After(patienceOfTests):
		s.t.Fatal("no session")
		return nil
	}
}

// wantEnd waits for the end of a session.
func (s *server) wantEnd(want versions.Reason) {
	s.t.Helper()
	select {
	case e := <-s.app.closed:
		if e.reason != want {
			s.t.Errorf("session ended by %q, want %q", e.reason, want)
		}
	case <-time.After(patienceOfTests):
		s.t.Fatalf("session did not end, want %q", want)
	}
}

// wantAlive checks that no session has ended.
func (s *server) wantAlive() {
	s.t.Helper()
	select {
	case e := <-s.app.closed:
		s.t.Errorf("session ended by %q", e.reason)
	default:
	}
}

// wantGone waits until no session is left.
func (s *server) wantGone() {
	s.t.Helper()
	s.until("no session is left", func() bool { return s.engine.Sessions() == 0 })
}

// until waits for a state of the server that nothing announces.
func (s *server) until(what string, is func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patienceOfTests); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("in vain: %s", what)
		}
	}
}
