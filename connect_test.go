package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(s *Server)
		config  Config
		client  func(c *fakeConn)
		want    []string
	}{
		{
			"root", func(*Server) {},
			Config{},
			func(c *fakeConn) { c.connect("/") },
			[]string{"connect /"},
		},
		{
			"twice", func(s *Server) {
				s.OnConnection(func(s *Socket) { _ = s.Emit("hi") })
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.wait(); c.connect("/"); c.connect("/") },
			[]string{"connect /", "event / hi()"},
		},
		{
			"unknown", func(*Server) {},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/nope") },
			[]string{"connect /", `error /nope"Invalid namespace"`},
		},
		{
			"another", func(s *Server) { s.Of("chat") },
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/chat") },
			[]string{"connect /", "connect /chat"},
		},
		{
			"too many", func(s *Server) { s.Of("/a"); s.Of("/b") },
			Config{MaxNamespacesPerClient: 2},
			func(c *fakeConn) { c.connect("/"); c.connect("/a"); c.connect("/b") },
			[]string{"connect /", "connect /a", `error /b"Too many namespaces"`},
		},
		{
			"refused by text", func(s *Server) {
				s.Of("/mw").Use(func(*Socket) error { return errors.New(`no "entry"`) })
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/mw"); c.connect("/mw") },
			[]string{"connect /", `error /mw"no \"entry\""`, `error /mw"no \"entry\""`},
		},
		{
			"refused with data", func(s *Server) {
				s.Of("/mw").Use(func(*Socket) error {
					return fmt.Errorf("ctx: %w", &Error{Message: "m", Data: map[string]int{"code": 7}})
				})
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/mw") },
			[]string{"connect /", `error /mw{"code":7}`},
		},
		{
			"refused with binary data falls back on the message", func(s *Server) {
				s.Of("/mw").Use(func(*Socket) error { return &Error{Message: "m", Data: []byte{1}} })
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/mw") },
			[]string{"connect /", `error /mw"m"`},
		},
		{
			"middleware panics", func(s *Server) {
				s.Of("/mw").Use(func(*Socket) error { panic("secret") })
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/mw") },
			[]string{"connect /", `error /mw"Internal error"`},
		},
		{
			"root refused, others never answered", func(s *Server) {
				s.Use(func(*Socket) error { return errors.New("no way") })
				s.Of("/chat")
			},
			Config{},
			func(c *fakeConn) {
				c.connect("/")
				c.connect("/chat")
				c.connect("/nope")
				c.wait()
				c.connect("/chat")
			},
			[]string{`error /"no way"`},
		},
		{
			"requests wait for the root", func(s *Server) {
				s.Use(func(s *Socket) error { return s.Emit("early", 1) })
				s.Of("/chat")
			},
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/chat") },
			[]string{"event / early(1)", "connect /", "connect /chat"},
		},
		{
			"leave and return", func(s *Server) { s.Of("/chat") },
			Config{},
			func(c *fakeConn) { c.connect("/"); c.connect("/chat"); c.leave("/chat"); c.connect("/chat") },
			[]string{"connect /", "connect /chat", "connect /chat"},
		},
		{
			"not connected namespaces", func(s *Server) { s.Of("/chat") },
			Config{},
			func(c *fakeConn) { c.connect("/"); c.leave("/chat"); c.event("/chat", "a", ""); c.ack("/chat", 0, "") },
			[]string{"connect /"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, test.config)
			test.prepare(s)
			c := dial(t, s)
			test.client(c)
			c.wait()
			if d := cmp.Diff(test.want, c.log()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestConnectAtOnce: without middleware the answer is there when Receive
// returns, so that it can travel with that to the handshake.
func TestConnectAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	hold := make(chan struct{})
	s.OnConnection(func(*Socket) { <-hold })
	c := dial(t, s)
	c.connect("/")
	if d := cmp.Diff([]string{"connect /"}, c.log()); d != "" {
		t.Error(d)
	}
	close(hold)
}

func TestConnectionHandlers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	chat := s.Of("/chat")
	var order []string
	chat.Use(func(socket *Socket) error {
		order = append(order, fmt.Sprint("one ", socket.Connected()))
		chat.Use(func(*Socket) error { order = append(order, "late"); return nil })
		return nil
	})
	chat.Use(func(*Socket) error { order = append(order, "two"); return nil })
	chat.OnConnect(func(socket *Socket) {
		order = append(order, fmt.Sprint("connect ", socket.Connected(), socket.Rooms()))
		panic("reported, not fatal")
	})
	chat.OnConnection(func(socket *Socket) {
		order = append(order, "connection")
		if err := chat.To(socket.ID()).Emit("self"); err != nil {
			t.Error(err)
		}
	})
	c, root := join(t, s)
	c.connect("/chat")
	c.wait()
	id := "/chat#" + c.id
	if d := cmp.Diff([]string{"one false", "two", "connect true [" + id + "]", "connection"}, order); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"connect /", "connect /chat", "event /chat self()"}, c.log()); d != "" {
		t.Error(d)
	}
	socket, ok := chat.Socket(id)
	if !ok || socket.ID() != id || root.ID() != c.id {
		t.Errorf("ids %q and %q", root.ID(), id)
	}
	if !slices.Equal(root.Conn().Sockets(), []*Socket{root, socket}) || root.Conn() != socket.Conn() {
		t.Error("the connection does not have these sockets")
	}
	if ids, err := chat.Clients(context.Background()); err != nil || !slices.Equal(ids, []string{id}) {
		t.Errorf("Clients: %v, %v", ids, err)
	}
}
