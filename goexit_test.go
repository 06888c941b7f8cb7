package socketio

import (
	"context"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestGoexit: a handler that ends its goroutine, as the testing package's Fatal
// does, takes nobody along.
func TestGoexit(t *testing.T) {
	t.Parallel()
	exit := func() { runtime.Goexit() }
	for _, test := range []struct {
		name string
		// prepare may set up the server, the socket, or both.
		server func(s *Server, note func(string))
		socket func(s *Socket, note func(string))
		client func(c *fakeConn)
		notes  []string
		sent   []string
	}{
		{
			name: "event",
			socket: func(s *Socket, note func(string)) {
				s.On("ev", exit)
				s.On("ev", func() { note("second") })
				s.On("echo", func(v int) int { return v })
			},
			client: func(c *fakeConn) { c.event("/", "ev", ""); c.ask(1, "echo", "5") },
			notes:  []string{"second"},
			sent:   []string{"connect /", "ack / #1(5)"},
		},
		{
			name: "connection",
			server: func(s *Server, note func(string)) {
				s.OnConnection(func(*Socket) { exit() })
				s.OnConnection(func(*Socket) { note("second") })
			},
			notes: []string{"second"},
			sent:  []string{"connect /"},
		},
		{
			name: "middleware of the namespace",
			server: func(s *Server, _ func(string)) {
				s.Of("/chat").Use(func(s *Socket) error { s.Join("room"); exit(); return nil })
				s.Of("/chat").OnConnection(func(*Socket) { t.Error("let in") })
			},
			client: func(c *fakeConn) { c.connect("/chat") },
			sent:   []string{"connect /", `error /chat"Internal error"`},
		},
		{
			name: "namespace func",
			server: func(s *Server, _ func(string)) {
				s.OfFunc(func(string, *Handshake) (bool, error) { exit(); return true, nil })
			},
			client: func(c *fakeConn) { c.connect("/chat") },
			sent:   []string{"connect /", `error /chat"Internal error"`},
		},
		{
			name: "namespace handler",
			server: func(s *Server, note func(string)) {
				parent, calls := s.OfPattern(regexp.MustCompile("^/chat$")), 0
				s.OnNewNamespace(func(*Namespace) {
					if calls++; calls <= 2 { // the third asks for it here
						note(strconv.Itoa(len(parent.Children())))
						exit()
					}
				})
			},
			client: func(c *fakeConn) { c.connect("/chat"); c.connect("/chat") },
			notes:  []string{"1", "1"}, // the namespace ended between
			sent:   []string{"connect /", `error /chat"Internal error"`, `error /chat"Internal error"`},
		},
		{
			name: "middleware of the socket",
			socket: func(s *Socket, _ func(string)) {
				s.Use(func(*Event) error { exit(); return nil })
				s.On("ev", func() { t.Error("let through") })
			},
			client: func(c *fakeConn) { c.event("/", "ev", "") },
			sent:   []string{"connect /", `error /"Internal error"`},
		},
		{
			name: "error",
			socket: func(s *Socket, note func(string)) {
				s.On("ev", func() { panic("reported") })
				s.OnError(func(error) { exit() })
				s.OnError(func(error) { note("second") })
			},
			client: func(c *fakeConn) { c.event("/", "ev", "") },
			notes:  []string{"second"},
			sent:   []string{"connect /"},
		},
		{
			name: "disconnecting",
			socket: func(s *Socket, note func(string)) {
				s.OnDisconnecting(func(Reason) { exit() })
				s.OnDisconnecting(func(Reason) { note("second") })
				s.OnDisconnect(func(Reason) { note("disconnect") })
			},
			client: func(c *fakeConn) { c.lose(ReasonTransportClose) },
			notes:  []string{"second", "disconnect"},
			sent:   []string{"connect /"},
		},
		{
			name: "disconnect",
			socket: func(s *Socket, note func(string)) {
				s.OnDisconnect(func(Reason) { exit() })
				s.OnDisconnect(func(Reason) { note("second"); exit() })
				s.OnDisconnect(func(Reason) { note("third") })
			},
			client: func(c *fakeConn) { c.lose(ReasonTransportClose) },
			notes:  []string{"second", "third"},
			sent:   []string{"connect /"},
		},
		{
			name: "disconnect, and the client returns",
			socket: func(s *Socket, _ func(string)) {
				s.OnDisconnect(func(Reason) { exit() })
			},
			client: func(c *fakeConn) { c.leave("/"); c.connect("/") },
			sent:   []string{"connect /", "connect /"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{Adapter: keepOpen, CleanupEmptyChildNamespaces: true})
			var notes []string
			note := func(text string) { notes = append(notes, text) }
			if test.server != nil {
				test.server(s, note)
			}
			c, socket := join(t, s)
			if test.socket != nil {
				test.socket(socket, note)
			}
			if test.client != nil {
				test.client(c)
			}
			c.wait()
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := s.Close(ctx); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.notes, notes); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(test.sent, c.log()); d != "" {
				t.Error(d)
			}
			for _, ns := range []string{"/", "/chat"} {
				if left := s.Of(ns).Adapter().Rooms(); len(left) != 0 || len(s.Of(ns).Sockets()) != 0 {
					t.Errorf("%s: rooms %v are left", ns, left)
				}
			}
		})
	}
}

// TestGoexitInEveryNamespace: the end of one socket does not keep the others of
// the client from theirs.
func TestGoexitInEveryNamespace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	ended := 0
	leave := func(s *Socket) {
		s.OnDisconnect(func(Reason) { ended++; runtime.Goexit() })
	}
	s.OnConnection(leave)
	for _, name := range []string{"/a", "/b"} {
		s.Of(name).OnConnection(leave)
	}
	c, _ := join(t, s)
	c.connect("/a")
	c.connect("/b")
	c.wait()
	c.lose(ReasonTransportClose)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil || ended != 3 {
		t.Errorf("%d of 3 ended: %v", ended, err)
	}
}
