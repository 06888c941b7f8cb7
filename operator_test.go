package socketio

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOperators brings three clients, a and b in room r, b and c in room q, and
// compares who gets what.
func TestOperators(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		emit func(io *Server, a *Socket, ids []string) error
		want string // receivers
		line string
	}{
		{"server", func(io *Server, _ *Socket, _ []string) error { return io.Emit("ev", 1) }, "abc", "event / ev(1)"},
		{"send", func(io *Server, _ *Socket, _ []string) error { return io.Send("x") }, "abc", `event / message("x")`},
		{"room", func(io *Server, _ *Socket, _ []string) error { return io.To("r").Emit("ev") }, "ab", "event / ev()"},
		{"two rooms, once each", func(io *Server, _ *Socket, _ []string) error { return io.In("r").In("q").Emit("ev") }, "abc", "event / ev()"},
		{"two rooms in one", func(io *Server, _ *Socket, _ []string) error { return io.To("r", "q").Emit("ev") }, "abc", "event / ev()"},
		{"except room", func(io *Server, _ *Socket, _ []string) error { return io.Except("r").Emit("ev") }, "c", "event / ev()"},
		{"except id", func(io *Server, _ *Socket, ids []string) error { return io.To("r").Except(ids[0]).Emit("ev") }, "b", "event / ev()"},
		{"private", func(io *Server, _ *Socket, ids []string) error { return io.To(ids[2]).Emit("ev") }, "c", "event / ev()"},
		{"nobody", func(io *Server, _ *Socket, _ []string) error { return io.To("nowhere").Emit("ev") }, "", ""},
		{"flags", func(io *Server, _ *Socket, _ []string) error {
			return io.Local().Volatile().Compress(false).Emit("ev")
		}, "abc", "event / ev() volatile plain"},
		{"binary", func(io *Server, _ *Socket, _ []string) error {
			return io.Emit("ev", []byte("x"))
		}, "abc", `event / ev({"_placeholder":true,"num":0}) <x>`},

		{"socket", func(_ *Server, a *Socket, _ []string) error { return a.Send(1, 2) }, "a", "event / message(1,2)"},
		{"socket's room", func(_ *Server, a *Socket, _ []string) error { return a.To("r").Emit("ev") }, "b", "event / ev()"},
		{"socket's foreign room", func(_ *Server, a *Socket, _ []string) error { return a.In("q").Emit("ev") }, "bc", "event / ev()"},
		{"broadcast", func(_ *Server, a *Socket, _ []string) error { return a.Broadcast().Emit("ev") }, "bc", "event / ev()"},
		{"broadcast but room", func(_ *Server, a *Socket, _ []string) error { return a.Except("q").Emit("ev") }, "", ""},
		{"local", func(_ *Server, a *Socket, _ []string) error { return a.Local().Emit("ev") }, "bc", "event / ev()"},
		{"volatile alone", func(_ *Server, a *Socket, _ []string) error { return a.Volatile().Emit("ev") }, "a", "event / ev() volatile"},
		{"plain alone", func(_ *Server, a *Socket, _ []string) error { return a.Compress(false).Emit("ev") }, "a", "event / ev() plain"},
		{"volatile, widened", func(_ *Server, a *Socket, _ []string) error {
			return a.Volatile().Broadcast().Emit("ev")
		}, "bc", "event / ev() volatile"},
		{"volatile to room", func(_ *Server, a *Socket, _ []string) error {
			return a.Volatile().To("r").Send()
		}, "b", "event / message() volatile"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			io := newTestServer(t, Config{})
			var conns []*fakeConn
			var ids []string
			var sockets []*Socket
			for range 3 {
				c, s := join(t, io)
				conns, ids, sockets = append(conns, c), append(ids, s.ID()), append(sockets, s)
			}
			sockets[0].Join("r")
			sockets[1].Join("r", "q")
			sockets[2].Join("q")
			if err := test.emit(io, sockets[0], ids); err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i, c := range conns {
				for _, line := range c.log()[1:] {
					got.WriteByte("abc"[i])
					if line != test.line {
						t.Errorf("sent %q, want %q", line, test.line)
					}
				}
			}
			if got.String() != test.want {
				t.Errorf("got by %q, want %q", got.String(), test.want)
			}
		})
	}
}

// TestOperatorIsAValue derives several operators from one.
func TestOperatorIsAValue(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	_, a := join(t, io)
	_, b := join(t, io)
	a.Join("a")
	b.Join("b")
	base := io.To("x", "y", "z")
	base.rooms = slices.Grow(base.rooms, 10)
	toA, toB := base.To("a"), base.To("b").Volatile()
	for _, test := range []struct {
		op   Operator
		want []string
	}{
		{base, nil},
		{toA, []string{a.ID()}},
		{toB, []string{b.ID()}},
		{a.To("a", "b"), []string{b.ID()}},
		{a.Volatile(), []string{a.ID()}},
	} {
		got, err := test.op.Clients(t.Context())
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(test.want, append([]string(nil), got...)); d != "" {
			t.Error(d)
		}
	}
	if toA.flags.volatile {
		t.Error("a flag travelled sideways")
	}
}

func TestRooms(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	_, s := join(t, io)
	s.Join()
	s.Join("a", "b", "a")
	rooms := s.Rooms()
	slices.Sort(rooms)
	if d := cmp.Diff([]string{"a", "b", s.ID()}, rooms); d != "" {
		t.Error(d)
	}
	s.Leave()
	s.Leave("a", "unknown")
	if n := io.Of("/").Adapter().RoomSize("a"); n != 0 {
		t.Error("an empty room lives on")
	}
	s.LeaveAll()
	if len(s.Rooms()) != 0 || !s.Connected() || len(io.Sockets()) != 1 {
		t.Error("leaving every room must leave the socket in its namespace")
	}
}
