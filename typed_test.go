package socketio

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHandle(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	Handle(socket, "add", func(ctx context.Context, in point) (int, error) {
		if ctx != socket.Context() {
			t.Error("foreign context")
		}
		if in.X < 0 {
			return 0, &Error{Message: "negative"}
		}
		return in.X + in.Y, nil
	})
	c.ask(1, "add", `{"x":1,"y":2}`)
	c.ask(2, "add", `{"x":-1}`)
	c.ask(3, "add", ``)
	c.ask(4, "add", `"x"`)
	c.event("/", "add", `{"x":1,"y":2}`)
	c.wait()
	want := []string{"connect /", "ack / #1(3)", `ack / #2({"error":"negative"})`, "ack / #3(0)"}
	if d := cmp.Diff(want, c.log()); d != "" {
		t.Error(d)
	}
}

func TestHandleRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if _, ok := recover().(*HandlerError); !ok {
			t.Error("no panic with a *HandlerError")
		}
	}()
	Handle(new(Socket), "ev", func(context.Context, *Socket) (int, error) { return 0, nil })
}
