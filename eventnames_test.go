package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEventNames(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	if d := cmp.Diff([]string{}, socket.EventNames()); d != "" {
		t.Errorf("before any: %s", d)
	}
	var calls []string
	note := func(arg string) { calls = append(calls, arg) }
	socket.On("b", note)
	once := socket.Once("a", note)
	socket.On("b", note)
	socket.OnAny(func(ev *Event) { calls = append(calls, "any "+ev.Name()) })
	socket.OnDisconnect(func(Reason) { calls = append(calls, "end") })
	socket.OnError(func(error) {})
	if d := cmp.Diff([]string{"b", "a"}, socket.EventNames()); d != "" {
		t.Error(d)
	}
	if b, none, end := socket.ListenerCount("b"), socket.ListenerCount("c"), socket.ListenerCount("disconnect"); b != 2 || none != 0 || end != 0 {
		t.Errorf("counts %d %d %d, want 2 0 0", b, none, end)
	}
	once.Cancel()
	if d := cmp.Diff([]string{"b"}, socket.EventNames()); d != "" {
		t.Error(d)
	}
	socket.OffAll()
	if d := cmp.Diff([]string{}, socket.EventNames()); d != "" {
		t.Errorf("after OffAll: %s", d)
	}
	c.event("/", "b", `"1"`)
	c.lose(ReasonTransportClose)
	c.wait()
	if d := cmp.Diff([]string{"any b", "end"}, calls); d != "" {
		t.Error(d)
	}
}
