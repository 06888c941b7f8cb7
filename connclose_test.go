package socketio

import (
	"errors"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConnOnClose: the end of a connection is told once, after that of its sockets,
// whatever one of the handlers does.
func TestConnOnClose(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	var calls []string
	note := func(what string) func(Reason) {
		return func(r Reason) { calls = append(calls, what+" "+string(r)) }
	}
	io.OnConnection(func(s *Socket) {
		s.Conn().OnClose(func(Reason) { panic("boom") })
		s.Conn().OnClose(func(Reason) { runtime.Goexit() })
		s.Conn().OnClose(note("closed"))
		s.OnDisconnect(note("/"))
	})
	io.Of("/chat").OnConnection(func(s *Socket) { s.OnDisconnect(note("/chat")) })
	c := dial(t, io)
	c.connect("/")
	c.connect("/chat")
	c.leave("/chat") // which does not concern the connection
	c.connect("/chat")
	c.wait()
	c.lose(ReasonPingTimeout)
	c.wait()
	want := []string{"/chat client namespace disconnect", "/ ping timeout", "/chat ping timeout", "closed ping timeout"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestConnOnCloseOfRefused is told of a client that was in no namespace.
func TestConnOnCloseOfRefused(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	var got []Reason
	io.Use(func(s *Socket) error {
		s.Conn().OnClose(func(r Reason) { got = append(got, r) })
		return errors.New("no")
	})
	c := dial(t, io)
	c.connect("/")
	c.wait()
	c.lose(ReasonTransportClose)
	c.wait()
	if diff := cmp.Diff([]Reason{ReasonTransportClose}, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}
