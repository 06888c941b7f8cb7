package socketio

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestServerSideEmit: the event gets to the other node and not to this one, and
// never to clients.
func TestServerSideEmit(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(func(c Config) *Server { return newTestServer(t, c) })
	c, _ := join(t, there)
	var got []string
	here.OnServerSide("ev", func(*ServerEvent) { t.Error("the event came back") })
	there.OnServerSide("ev", func(*ServerEvent) { panic("boom") })
	there.OnServerSide("ev", func(ev *ServerEvent) {
		var n int
		var b []byte
		if err := errors.Join(ev.Decode(0, &n), ev.Args().Decode(1, &b), ev.Ack("nobody asked")); err != nil {
			t.Error(err)
		}
		got = append(got, fmt.Sprint(ev.Name(), ev.Namespace() == there.Of("/"), ev.WantsAck(), n, string(b)))
	})
	there.OnServerSide("other", func(*ServerEvent) { t.Error("another event") })
	if err := here.ServerSideEmit("ev", 5, []byte("bin")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"evtrue false 5bin"}, got); d != "" {
		t.Error(d)
	}
	if n := len(c.log()); n != 1 {
		t.Error("a client was sent something")
	}
}

func TestServerSideEmitWithAck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := twoNodes(func(c Config) *Server { return newTestServer(t, c) })
		there.OnServerSide("q", func(ev *ServerEvent) {
			if err := ev.Ack(func() {}); err == nil {
				t.Error("a func was encoded")
			}
			if err := errors.Join(ev.Ack("first", 1), ev.Ack("second")); err != nil {
				t.Error(err)
			}
		})
		answers, err := here.ServerSideEmitWithAck(t.Context(), "q")
		if err != nil || len(answers) != 1 {
			t.Fatal(len(answers), err)
		}
		if values, err := answers[0].Values(); err != nil || fmt.Sprint(values) != "[first 1]" {
			t.Error(values, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if answers, err := here.ServerSideEmitWithAck(ctx, "silence"); !errors.Is(err, context.DeadlineExceeded) || len(answers) != 0 {
			t.Error(len(answers), err)
		}
	})
}

// TestServerSideEmitAlone: without a cluster there is nobody to answer.
func TestServerSideEmitAlone(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	io.OnServerSide("ev", func(*ServerEvent) { t.Error("the event came back") })
	if err := io.ServerSideEmit("ev", 1); err != nil {
		t.Error(err)
	}
	if answers, err := io.ServerSideEmitWithAck(t.Context(), "ev"); err != nil || len(answers) != 0 {
		t.Error(answers, err)
	}
	if err := io.ServerSideEmit("connection"); !errors.Is(err, ErrReservedEvent) {
		t.Error(err)
	}
	if err := io.ServerSideEmit("ev", func() {}); !errors.Is(err, errCallbackAndWait) {
		t.Error(err)
	}
	defer func() {
		if _, ok := recover().(*HandlerError); !ok {
			t.Error("a reserved name was taken")
		}
	}()
	io.OnServerSide("connection", func(*ServerEvent) {})
}
