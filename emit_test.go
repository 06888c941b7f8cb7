package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNilSlices: a list is a list for the client, on every way out of the
// server, wherever it stands; only a missing binary value is null.
func TestNilSlices(t *testing.T) {
	t.Parallel()
	type inner struct {
		A []int
		B []byte
		M map[string][]string
	}
	values := []any{
		[]string(nil), []any(nil), inner{}, map[string][]int{"k": nil}, [][]string{nil}, []byte(nil), nil,
	}
	const want = `[],[],{"A":[],"B":null,"M":null},{"k":[]},[[]],null,null`
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	socket.On("ask", func(ev *Event) {
		if err := ev.Ack(values...); err != nil {
			t.Error(err)
		}
	})
	socket.On("result", func() []string { return nil })
	for _, err := range []error{
		socket.Emit("ev", values...),
		socket.Emit("ev", append(values, func() {})...),
		s.Emit("ev", values...),
		socket.Volatile().Emit("ev", values...),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	c.ask(7, "ask", "")
	c.ask(8, "result", "")
	c.wait()
	if d := cmp.Diff([]string{
		"connect /",
		"event / ev(" + want + ")",
		"event / #0 ev(" + want + ")",
		"event / ev(" + want + ")",
		"event / ev(" + want + ") volatile",
		"ack / #7(" + want + ")",
		"ack / #8([])",
	}, c.log()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
