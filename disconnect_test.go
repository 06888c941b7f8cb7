package socketio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDisconnect ends a client that is in two namespaces in every way, and
// compares what the handlers saw and what the client got.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	both := func(reason Reason) []string {
		return []string{
			fmt.Sprintf("/ disconnecting %s [own room]", reason), fmt.Sprintf("/ disconnect %s []", reason),
			fmt.Sprintf("/chat disconnecting %s [own room]", reason), fmt.Sprintf("/chat disconnect %s []", reason),
		}
	}
	tests := []struct {
		name   string
		end    func(c *fakeConn, root, chat *Socket)
		notes  []string
		sent   []string
		closed Reason
	}{
		{
			"lost", func(c *fakeConn, _, _ *Socket) { c.lose(ReasonTransportError) },
			both(ReasonTransportError), nil, ReasonTransportError,
		},
		{
			"client leaves", func(c *fakeConn, _, _ *Socket) { c.leave("/chat") },
			both(ReasonClientDisconnect)[2:], nil, "",
		},
		{
			"disconnect", func(_ *fakeConn, _, chat *Socket) { chat.Disconnect(false); chat.Disconnect(false) },
			both(ReasonServerDisconnect)[2:],
			[]string{"disconnect /chat"},
			"",
		},
		{
			"disconnect and close", func(_ *fakeConn, _, chat *Socket) { chat.Disconnect(true); chat.Disconnect(true) },
			both(ReasonServerDisconnect),
			[]string{"disconnect /", "disconnect /chat"},
			ReasonServerDisconnect,
		},
		{
			"connection closed", func(_ *fakeConn, root, _ *Socket) { root.Conn().Close() },
			both(ReasonForcedClose), nil, ReasonForcedClose,
		},
		{
			"server closed", func(_ *fakeConn, root, _ *Socket) {
				if err := root.Server().Close(context.Background()); err != nil {
					panic(err)
				}
			},
			both(ReasonServerShutdown), nil, ReasonServerShutdown,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{})
			s.Of("/chat")
			c, root := join(t, s)
			c.connect("/chat")
			c.wait()
			chat, _ := s.Of("/chat").Socket("/chat#" + c.id)
			var notes []string
			for _, socket := range []*Socket{root, chat} {
				socket.Join("room")
				note := func(event string) func(Reason) {
					return func(reason Reason) {
						rooms := socket.Rooms()
						slices.Sort(rooms)
						if slices.Contains(rooms, socket.ID()) && slices.Contains(rooms, "room") {
							rooms = []string{"own", "room"}
						}
						if socket.Connected() {
							t.Error("connected in a handler for the end")
						}
						var cause *DisconnectError
						if !errors.As(context.Cause(socket.Context()), &cause) || cause.Reason != reason {
							t.Errorf("the context's cause is %v", cause)
						}
						notes = append(notes, fmt.Sprint(socket.Namespace().Name(), " ", event, " ", reason, " ", rooms))
					}
				}
				socket.OnDisconnect(note("disconnect"))
				socket.OnDisconnecting(func(Reason) { panic("must not keep the others from running") })
				socket.OnDisconnecting(note("disconnecting"))
			}
			before := len(c.log())
			test.end(c, root, chat)
			for test.closed != "" && !isOver(c) {
				runtime.Gosched()
			}
			c.wait()
			if d := cmp.Diff(test.notes, notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
			if got := c.log()[before:]; !slices.Equal(got, test.sent) {
				t.Errorf("sent %q, want %q", got, test.sent)
			}
			if c.reason != test.closed {
				t.Errorf("closed for %q, want %q", c.reason, test.closed)
			}
			if _, left := s.Of("/chat").Socket(chat.ID()); left {
				t.Error("still in the namespace")
			}
			chat.Join("too late")
			if n := s.Of("/chat").Adapter().RoomSize("too late"); n != 0 {
				t.Error("joined a room after the end")
			}
		})
	}
}

func isOver(c *fakeConn) bool {
	cl := c.receiver.(*client)
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.over
}

// TestLastWords: what a client sent before it left is handled before the
// handlers for its end run, and what it sent before it was thrown out is not.
func TestLastWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(c *fakeConn, s *Socket)
		want []string
	}{
		{"lost", func(c *fakeConn, _ *Socket) { c.lose(ReasonTransportClose) }, []string{"first", "second", "end"}},
		{"left", func(c *fakeConn, _ *Socket) { c.leave("/") }, []string{"first", "second", "end"}},
		{"thrown out", func(_ *fakeConn, s *Socket) { s.Disconnect(false) }, []string{"first", "end"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{})
			c, socket := join(t, s)
			var got []string
			started, hold := make(chan struct{}), make(chan struct{})
			socket.On("ev", func(ctx context.Context, name string) {
				if name == "first" {
					close(started)
					<-hold
				}
				// Whoever waits for something learns that it is over.
				<-ctx.Done()
				got = append(got, name)
			})
			socket.OnDisconnect(func(Reason) { got = append(got, "end") })
			c.event("/", "ev", `"first"`)
			c.event("/", "ev", `"second"`)
			<-started
			test.end(c, socket)
			close(hold)
			c.wait()
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestDisconnectInHandler lets handlers end the socket they belong to.
func TestDisconnectInHandler(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	var reasons []Reason
	s.Use(func(s *Socket) error {
		s.Disconnect(true) // without effect, it is not connected
		return nil
	})
	s.OnConnection(func(s *Socket) {
		s.OnDisconnect(func(r Reason) { reasons = append(reasons, r) })
		s.On("bye", func() { s.Disconnect(true) })
	})
	c, _ := join(t, s)
	c.event("/", "bye", "")
	c.event("/", "bye", "")
	for !isOver(c) {
		runtime.Gosched()
	}
	if d := cmp.Diff([]Reason{ReasonServerDisconnect}, reasons); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"connect /", "disconnect /"}, c.log()); d != "" {
		t.Error(d)
	}
}

func TestContextBeforeAndAfter(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	ctx := socket.Context()
	if ctx != socket.Context() || ctx.Err() != nil {
		t.Error("not one living context")
	}
	c.lose(ReasonPingTimeout)
	if ctx.Err() == nil || !errors.Is(context.Cause(ctx), ErrDisconnected) {
		t.Error("the context outlived the socket")
	}
	c.wait()
	other, late := join(t, s)
	other.lose(ReasonPingTimeout)
	other.wait()
	if late.Context().Err() == nil {
		t.Error("a context made after the end lives")
	}
}

// TestDisconnectHastyClient has a client close its connection as soon as it is
// told to leave: the reason stays the server's.
func TestDisconnectHastyClient(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	reasons := make(chan Reason, 1)
	s.OnConnection(func(s *Socket) {
		s.OnDisconnect(func(r Reason) { reasons <- r })
	})
	c, socket := join(t, s)
	c.during = func() { c.lose(ReasonTransportClose) }
	socket.Disconnect(false)
	if r := <-reasons; r != ReasonServerDisconnect {
		t.Errorf("reason %q, want %q", r, ReasonServerDisconnect)
	}
}
