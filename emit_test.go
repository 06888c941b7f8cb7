package socketio

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
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

func TestEmitErrors(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	c, socket := join(t, s)
	tests := []struct {
		name string
		emit func() error
		want error
	}{
		{"reserved", func() error { return socket.Emit("disconnect") }, ErrReservedEvent},
		{"reserved in namespace", func() error { return s.Emit("connect") }, ErrReservedEvent},
		{"reserved with callback", func() error { return socket.Emit("error", func() {}) }, ErrReservedEvent},
		{"broadcast with callback", func() error { return s.Emit("ev", func() {}) }, ErrAckOnBroadcast},
		{"to with callback", func() error { return socket.To("r").Emit("ev", func() {}) }, ErrAckOnBroadcast},
		{"broadcast that waits", func() error {
			_, err := socket.Volatile().Broadcast().EmitWithAck(t.Context(), "ev")
			return err
		}, ErrAckOnBroadcast},
		{"wait with callback", func() error {
			_, err := socket.EmitWithAck(t.Context(), "ev", func() {})
			return err
		}, errCallbackAndWait},
	}
	for _, test := range tests {
		if err := test.emit(); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	for name, callback := range map[string]any{
		"acknowledging": func(func()) {}, "valued": func() int { return 0 }, "misformed": func(chan int) {},
		"nil": (func())(nil),
	} {
		var e *HandlerError
		if err := socket.Emit("ev", callback); !errors.As(err, &e) || e.Event != "ev" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var encode *packet.EncodeError
	if err := socket.Emit("ev", 1, make(chan int)); !errors.As(err, &encode) || encode.Arg != 1 {
		t.Errorf("unencodable: got %v", err)
	}
	if err := socket.Emit("ev", nil); err != nil {
		t.Errorf("nil: got %v", err)
	}
	c.mu.Lock()
	c.fail = versions.ErrDropped
	c.mu.Unlock()
	if err := socket.Volatile().Emit("ev"); err != nil {
		t.Errorf("dropped: got %v", err)
	}
	if err := socket.Volatile().Emit("ev", func() {}); err != nil {
		t.Errorf("dropped with callback: got %v", err)
	}
	if _, err := socket.Volatile().EmitWithAck(t.Context(), "ev"); !errors.Is(err, ErrDropped) {
		t.Errorf("dropped with wait: got %v", err)
	}
	c.mu.Lock()
	c.fail = versions.ErrSlow
	c.mu.Unlock()
	if err := socket.Emit("ev"); !errors.Is(err, ErrSlow) {
		t.Errorf("slow: got %v", err)
	}
	if n := len(socket.rare.acks); n != 0 {
		t.Errorf("%d acknowledgements are waited for in vain", n)
	}
	c.can = packet.FeatureEvents
	if _, err := socket.EmitWithAck(t.Context(), "ev"); !errors.Is(err, ErrAcksUnsupported) {
		t.Errorf("without acks: got %v", err)
	}
	c.lose(ReasonTransportError)
	c.wait()
	var ended *DisconnectError
	if err := socket.Emit("ev"); !errors.Is(err, ErrDisconnected) || !errors.As(err, &ended) || ended.Reason != ReasonTransportError {
		t.Errorf("after the end: got %v", err)
	}
}
