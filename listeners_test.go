package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListeners(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	var calls []string
	note := func(name string) func(string) { return func(arg string) { calls = append(calls, name+arg) } }
	first := socket.On("a", note("first"))
	socket.Once("a", note("once"))
	socket.On("a", note("second"))
	socket.On("b", note("b"))
	c.event("/", "a", `"1"`)
	c.event("/", "a", `"2"`)
	c.wait()
	first.Cancel()
	first.Cancel()
	Subscription{}.Cancel()
	c.event("/", "a", `"3"`)
	c.event("/", "b", `"3"`)
	c.wait()
	socket.Off("a")
	socket.OnDisconnect(func(Reason) { calls = append(calls, "end") })
	socket.Off("disconnect")
	c.event("/", "a", `"4"`)
	c.lose(ReasonTransportClose)
	c.wait()
	want := []string{"first1", "once1", "second1", "first2", "second2", "second3", "b3", "end"}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}

// TestFirstAnswerCounts gives one acknowledgement to several handlers.
func TestFirstAnswerCounts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	for i := range 3 {
		socket.On("ev", func() int { return i })
	}
	c.ask(9, "ev", ``)
	c.wait()
	if d := cmp.Diff([]string{"connect /", "ack / #9(0)"}, c.log()); d != "" {
		t.Error(d)
	}
}
