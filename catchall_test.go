package socketio

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCatchAll: listeners for every event come first, with the event as the
// client sent it, in their own order.
func TestCatchAll(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	c, s := join(t, io)
	var calls []string
	note := func(who string) func(*Event) {
		return func(ev *Event) { calls = append(calls, fmt.Sprint(who, " ", ev.Name(), ev.Len())) }
	}
	s.OnError(func(err error) { calls = append(calls, err.Error()) })
	s.OnAny(note("any"))
	second := s.OnAny(note("second"))
	s.PrependAny(note("first"))
	s.OnAny(func(ev *Event) {
		if ev.Name() == "panic" {
			panic("boom")
		}
	})
	s.Use(func(ev *Event) error {
		calls = append(calls, "middleware "+ev.Name())
		if ev.Name() == "refused" {
			return errors.New("no")
		}
		return nil
	})
	s.On("known", func() { calls = append(calls, "handler") })
	c.event("/", "known", "1,2")
	c.event("/", "unknown", "")
	c.event("/", "refused", "")
	c.event("/", "disconnect", `"forged"`)
	c.ack("/", 5, "")
	c.wait()
	want := []string{
		"first known2", "any known2", "second known2", "middleware known", "handler",
		"first unknown0", "any unknown0", "second unknown0", "middleware unknown",
		"first refused0", "any refused0", "second refused0", "middleware refused",
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}

	calls = nil
	if n := len(s.ListenersAny()); n != 4 {
		t.Errorf("%d listeners, want 4", n)
	}
	second.Cancel()
	c.event("/", "panic", "")
	c.wait()
	if d := cmp.Diff([]string{"first panic0", "any panic0", "socketio: panic in a handler", "middleware panic"}, calls); d != "" {
		t.Error(d)
	}
	calls = nil
	s.OffAny()
	c.event("/", "known", "")
	c.wait()
	if d := cmp.Diff([]string{"middleware known", "handler"}, calls); d != "" || s.ListenersAny() != nil {
		t.Error(d)
	}
}

// TestCatchAllAnswers: the first answer counts, whoever gives it.
func TestCatchAllAnswers(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	c, s := join(t, io)
	s.OnAny(func(ev *Event) { _ = ev.Ack("any") })
	s.On("q", func() string { return "handler" })
	c.ask(1, "q", "")
	c.ask(2, "nobody's", "")
	c.wait()
	if d := cmp.Diff([]string{"connect /", `ack / #1("any")`, `ack / #2("any")`}, c.log()); d != "" {
		t.Error(d)
	}
}

// TestCatchAllOutgoing: each event is told once to each socket it is for, from
// whichever method it comes, and acknowledgements are not.
func TestCatchAllOutgoing(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	c, s := join(t, io)
	_, other := join(t, io)
	s.Join("r", "q")
	var mu sync.Mutex
	var calls []string
	note := func(who string) func(string, Args) {
		return func(event string, args Args) {
			mu.Lock()
			defer mu.Unlock()
			values, err := args.Values()
			if err != nil {
				t.Error(err)
			}
			calls = append(calls, fmt.Sprint(who, event, values))
		}
	}
	s.OnAnyOutgoing(note("b "))
	s.PrependAnyOutgoing(note("a "))
	cancelled := s.OnAnyOutgoing(note("cancelled "))
	cancelled.Cancel()
	if n := len(s.ListenersAnyOutgoing()); n != 2 {
		t.Errorf("%d listeners, want 2", n)
	}
	var errs []error
	s.OnError(func(err error) { errs = append(errs, err) })
	s.On("q", func() string { return "an answer" })
	c.ask(1, "q", "")
	c.wait()
	for _, err := range []error{
		s.Emit("own", 1), s.Emit("asked", func() {}), io.Emit("all", []byte("x")), io.To("r", "q").Emit("rooms"),
		other.Broadcast().Emit("broadcast"), s.Broadcast().Emit("not to me"), other.Emit("not to me"),
		s.Volatile().Emit("volatile"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	var want []string
	for _, line := range []string{"own[1]", "asked[]", "all[[120]]", "rooms[]", "broadcast[]", "volatile[]"} {
		want = append(want, "a "+line, "b "+line)
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}

	s.OffAnyOutgoing()
	s.OnAnyOutgoing(func(string, Args) { panic("boom") })
	if err := io.Emit("survives"); err != nil {
		t.Error(err)
	}
	c.wait()
	if sent := c.log(); sent[len(sent)-1] != "event / survives()" || len(errs) != 1 {
		t.Errorf("sent %q, reported %v", sent[len(sent)-1], errs)
	}
	calls = nil
	s.OnAnyOutgoing(note(""))
	c.lose(ReasonTransportClose)
	if err := s.Emit("late"); !errors.Is(err, ErrDisconnected) || len(calls) > 0 {
		t.Errorf("after the end: %v, %q", err, calls)
	}
}

func TestCatchAllIsNeverNil(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	_, s := join(t, io)
	for name, add := range map[string]func(){
		"in": func() { s.OnAny(nil) }, "out": func() { s.OnAnyOutgoing(nil) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*HandlerError); !ok {
					t.Error(name, "takes nil")
				}
			}()
			add()
		}()
	}
}
