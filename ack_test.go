package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
)

func TestAckCallback(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	var calls []string
	socket.OnError(func(err error) { calls = append(calls, err.Error()) })
	emit := func(event string, args ...any) {
		t.Helper()
		if err := socket.Emit(event, args...); err != nil {
			t.Error(err)
		}
	}
	emit("q", 1, func(n int, rest ...string) { calls = append(calls, fmt.Sprint(n, rest)) })
	emit("q", func(s *Socket, ev *Event) { calls = append(calls, fmt.Sprint(s == socket, ev.WantsAck(), ev.Len())) })
	emit("q", func(int) { calls = append(calls, "called in spite of a mismatch") })
	emit("q", func() { panic("boom") })
	emit("q", func() { calls = append(calls, "never asked for") })
	c.ack("/", 1, `"x",2`)
	c.ack("/", 0, `5,"a","b"`)
	c.ack("/", 0, `6`)
	c.ack("/", 99, `7`)
	c.ack("/", 2, `"text"`)
	c.ack("/", 3, ``)
	c.wait()
	want := []string{
		"true false 2", "5 [a b]",
		"socketio: argument 0: packet: cannot decode argument 0 into int: string for type int",
		"socketio: panic in a handler",
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("event / #0 q(1)", c.log()[1]); d != "" {
		t.Error(d)
	}
	c.lose(ReasonTransportClose)
	c.ack("/", 4, ``)
	c.wait()
	if len(calls) != len(want) {
		t.Error("a callback ran after the end")
	}
}

// TestAckIDs: the sockets of a namespace share its ids, as since 1.0.
func TestAckIDs(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	a, first := join(t, s)
	b, second := join(t, s)
	for _, socket := range []*Socket{first, second, first} {
		if err := socket.Emit("q", func() {}); err != nil {
			t.Error(err)
		}
	}
	got := slices.Concat(a.log()[1:], b.log()[1:])
	if d := cmp.Diff([]string{"event / #0 q()", "event / #2 q()", "event / #1 q()"}, got); d != "" {
		t.Error(d)
	}
}

func TestPendingAcksAreBounded(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	_, socket := join(t, s)
	for range maxPendingAcks {
		if err := socket.Emit("q", func() {}); err != nil {
			t.Fatal(err)
		}
	}
	if err := socket.Emit("q", func() {}); !errors.Is(err, ErrTooManyAcks) {
		t.Errorf("got %v", err)
	}
}

// TestWaitInHandler: a handler waits for an answer of its own client.
func TestWaitInHandler(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	c.arrived = make(chan string, 10)
	var got []any
	socket.On("go", func(ctx context.Context) error {
		args, err := socket.EmitWithAck(ctx, "question", 1)
		if err != nil {
			return err
		}
		got, err = args.Values()
		return err
	})
	c.event("/", "go", "")
	<-c.arrived
	c.event("/", "other", "")
	c.ack("/", 0, `"yes",2`)
	c.ack("/", 0, `"no"`)
	c.wait()
	if d := cmp.Diff([]any{"yes", 2.0}, got); d != "" {
		t.Error(d)
	}
}

// TestSecondAnswer: an answer too many does not hold up what follows it.
func TestSecondAnswer(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	wait := make(chan *packet.Packet, 1)
	id, err := socket.request("q", nil, flags{}, pendingAck{wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	c.ack("/", id, "1")
	c.ack("/", id, "2")
	if p := <-wait; string(p.Args) != "1" {
		t.Errorf("got %s", p.Args)
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(c *fakeConn, s *Socket)
		want error
	}{
		{"time", func(*fakeConn, *Socket) {}, context.DeadlineExceeded},
		{"lost", func(c *fakeConn, _ *Socket) { c.lose(ReasonPingTimeout) }, ErrDisconnected},
		{"left", func(c *fakeConn, _ *Socket) { c.leave("/") }, ErrDisconnected},
		{"disconnected", func(_ *fakeConn, s *Socket) { s.Disconnect(false) }, ErrDisconnected},
		{"closed", func(_ *fakeConn, s *Socket) { s.Disconnect(true) }, ErrDisconnected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newTestServer(t, Config{})
				c, socket := join(t, s)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				result := make(chan error)
				go func() {
					_, err := socket.EmitWithAck(ctx, "q")
					result <- err
				}()
				synctest.Wait()
				start := time.Now()
				test.end(c, socket)
				if err := <-result; !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				waited := time.Since(start)
				if atOnce := errors.Is(test.want, ErrDisconnected); atOnce != (waited == 0) {
					t.Errorf("it took %v", waited)
				}
				socket.mu.Lock()
				if n := len(socket.rare.acks); n != 0 {
					t.Errorf("%d acknowledgements are still waited for", n)
				}
				socket.mu.Unlock()
				if _, err := socket.EmitWithAck(ctx, "q"); !errors.Is(err, test.want) {
					t.Errorf("once more: got %v", err)
				}
			})
		})
	}
}

// TestAckLater answers after the handler has returned, and after the end.
func TestAckLater(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	var kept []*Event
	socket.On("ev", func(ev *Event) { kept = append(kept, ev) })
	c.ask(1, "ev", "")
	c.ask(2, "ev", "")
	c.event("/", "ev", "")
	c.wait()
	if err := kept[0].Ack(make(chan int)); err == nil {
		t.Error("no error for a channel")
	}
	for range 2 {
		if err := kept[0].Ack("late"); err != nil {
			t.Error(err)
		}
	}
	if err := kept[2].Ack("not asked for"); err != nil {
		t.Error(err)
	}
	c.lose(ReasonTransportClose)
	c.wait()
	if err := kept[1].Ack(); !errors.Is(err, ErrDisconnected) {
		t.Errorf("after the end: got %v", err)
	}
	if d := cmp.Diff([]string{"connect /", `ack / #1("late")`}, c.log()); d != "" {
		t.Error(d)
	}
}

// TestReplyAfterTheEnd: nothing of a client comes alive again.
func TestReplyAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	var kept func(any)
	socket.On("ev", func(_ int, ack func(any)) { kept = ack })
	socket.OnError(func(err error) { t.Error(err) })
	c.ask(1, "ev", "1")
	c.wait()
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	kept(make(chan int)) // not encodable, which is for the error handlers otherwise
	c.receiver.Fault(errors.New("late"))
	c.event("/", "ev", "1")
	c.connect("/")
	cl := c.receiver.(*client)
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if cl.running || len(cl.jobs) != 0 {
		t.Error("something runs after the end")
	}
}
