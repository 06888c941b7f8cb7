package socketio

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
)

func TestPacketMiddleware(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	var calls []string
	note := func(args ...any) { calls = append(calls, fmt.Sprint(args...)) }
	socket.OnError(func(err error) { note(err) })
	socket.Use(func(ev *Event) error {
		note("mw ", ev.Name())
		switch ev.Name() {
		case "text":
			return errors.New("E")
		case "data":
			return &Error{Message: "m", Data: []int{1}}
		case "panic":
			panic("secret")
		case "old":
			if err := ev.Rewrite("disconnect"); !errors.Is(err, ErrReservedEvent) {
				t.Errorf("reserved: got %v", err)
			}
			return ev.Rewrite("new", "added", []byte("bin"))
		}
		return nil
	})
	socket.Use(func(ev *Event) error { note("second ", ev.Name()); return nil })
	for _, name := range []string{"text", "data", "panic", "old"} {
		socket.On(name, func() { note("handler ", name) })
	}
	socket.On("new", func(ev *Event, s string, b []byte) string {
		note("new ", ev.Len(), s, string(b))
		return s
	})
	c.ask(1, "text", "")
	c.event("/", "data", "")
	c.event("/", "panic", "")
	c.ask(2, "old", "1,2,3")
	c.ack("/", 5, "")
	c.wait()
	want := []string{"mw text", "mw data", "mw panic", "mw old", "second new", "new 2addedbin"}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
	sent := []string{"connect /", `error /"E"`, `error /[1]`, `error /"Internal error"`, `ack / #2("added")`}
	if d := cmp.Diff(sent, c.log()); d != "" {
		t.Error(d)
	}
}

// TestReservedNames: a client cannot forge the life-cycle of its socket.
func TestReservedNames(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	genuine := func(r Reason) {
		if r != ReasonTransportClose {
			t.Error("forged end: ", r)
		}
	}
	socket.OnDisconnecting(genuine)
	socket.OnDisconnect(genuine)
	socket.OnError(func(err error) { t.Error("forged error: ", err) })
	socket.Use(func(ev *Event) error { t.Error("middleware sees ", ev.Name()); return nil })
	names := []string{
		"connect", "connect_error", "disconnect", "disconnecting", "error", "newListener", "removeListener",
	}
	for _, name := range names {
		c.event("/", name, `"forged"`)
		if err := socket.Emit(name); !errors.Is(err, ErrReservedEvent) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c.lose(ReasonTransportClose)
	c.wait()
}

// TestErrorHandlers covers what is no fault of a handler.
func TestErrorHandlers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	s.Of("/chat")
	c, root := join(t, s)
	c.connect("/chat")
	c.wait()
	chat, _ := s.Of("/chat").Socket("/chat#" + c.id)
	var got []string
	for _, socket := range []*Socket{root, chat} {
		socket.OnError(func(error) { panic("must not keep others from running") })
		socket.OnError(func(err error) {
			var reported *ClientError
			if errors.As(err, &reported) {
				err = fmt.Errorf("%w %s", err, reported.Data)
			}
			got = append(got, socket.Namespace().Name()+" "+err.Error())
		})
	}
	c.receiver.Receive(&packet.Packet{Type: packet.Error, Namespace: "/chat", Data: []byte(`"x"`)})
	c.event("/", "ev", `{`) // no generation lets that through, but a carrier of the user's might
	c.wait()
	root.On("ev", func() {})
	c.event("/", "ev", `{`)
	c.wait()
	c.receiver.Fault(errors.New("fault"))
	c.wait()
	if len(got) != 4 || !strings.HasPrefix(got[1], "/ socketio: arguments: ") {
		t.Fatalf("got %q", got)
	}
	got[1] = "/ arguments"
	want := []string{
		`/chat socketio: the client reported an error "x"`, "/ arguments", "/ fault", "/chat fault",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPanicIsLogged(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := newTestServer(t, Config{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	c, socket := join(t, s)
	socket.On("ev", func() { panic(errors.New("boom")) })
	var got *PanicError
	socket.OnError(func(err error) { errors.As(err, &got) })
	c.event("/", "ev", "")
	c.wait()
	if got == nil || len(got.Stack) == 0 || got.Unwrap() == nil || strings.Contains(got.Error(), "boom") {
		t.Errorf("got %#v", got)
	}
	if !strings.Contains(out.String(), "boom") || !strings.Contains(out.String(), "middleware_test.go") {
		t.Errorf("logged %q", out.String())
	}
}
