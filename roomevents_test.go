package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoomHooks(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	c, s := join(t, io)
	var calls []string
	io.OnRooms(RoomHooks{})
	io.OnRooms(RoomHooks{Create: func(string) { panic("boom") }})
	io.OnRooms(RoomHooks{
		Create: func(room string) { calls = append(calls, "create "+room) },
		Join:   func(room, id string) { calls = append(calls, "join "+room+" "+id) },
		Leave:  func(room, id string) { calls = append(calls, "leave "+room+" "+id) },
		Delete: func(room string) { calls = append(calls, "delete "+room) },
	})
	s.Join("x", "x")
	s.Join("y")
	s.Leave("x")
	c.lose(ReasonTransportClose)
	c.wait()
	id := s.ID()
	want := []string{
		"create x", "join x " + id, "create y", "join y " + id, "leave x " + id, "delete x",
		"leave " + id + " " + id, "delete " + id, "leave y " + id, "delete y",
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
}
