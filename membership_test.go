package socketio

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/rooms"
)

// comeBack lets a client leave a namespace and join it again, and returns both
// sockets.
func comeBack(t *testing.T, s *Server) (c *fakeConn, old, fresh *Socket) {
	t.Helper()
	c, old = join(t, s)
	c.leave("/")
	c.connect("/")
	c.wait()
	fresh, ok := s.Socket(c.id)
	if !ok || fresh == old {
		t.Fatal("the client has no new socket")
	}
	return c, old, fresh
}

// TestEndedSocketLeavesItsSuccessorAlone: the two have the same id.
func TestEndedSocketLeavesItsSuccessorAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		act  func(t *testing.T, old *Socket)
	}{
		{"Join", func(_ *testing.T, old *Socket) { old.Join("other") }},
		{"Leave", func(_ *testing.T, old *Socket) { old.Leave("room", old.ID()) }},
		{"LeaveAll", func(_ *testing.T, old *Socket) { old.LeaveAll() }},
		{"Disconnect", func(_ *testing.T, old *Socket) { old.Disconnect(true) }},
		{"Rooms", func(t *testing.T, old *Socket) {
			if got := old.Rooms(); len(got) != 0 {
				t.Errorf("an ended socket is in the rooms %v", got)
			}
		}},
		{"Emit", func(t *testing.T, old *Socket) {
			if old.Emit("ev") == nil || old.Volatile().Emit("ev") == nil {
				t.Error("an ended socket emits")
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{})
			c, old, fresh := comeBack(t, s)
			fresh.Join("room")
			before := len(c.log())
			test.act(t, old)
			c.wait()
			want := []string{fresh.ID(), "room"}
			got := fresh.Rooms()
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) || !fresh.Connected() {
				t.Errorf("the successor is in the rooms %v, want %v", got, want)
			}
			if sent := c.log()[before:]; len(sent) > 0 {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

// TestEndWaitsForTheRooms ends a socket at the very moment it joins a room, and
// lets its client come back: whichever of the two is first, the successor is in
// its own room only.
func TestEndWaitsForTheRooms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c *fakeConn
		s := newTestServer(t, Config{Adapter: func(*Namespace) rooms.Adapter {
			return &openStore{Adapter: rooms.NewStore(), adding: func(room string) {
				if room == "room" {
					c.leave("/")
					c.connect("/")
					time.Sleep(time.Second)
				}
			}}
		}})
		var old *Socket
		c, old = join(t, s)
		old.Join("room", "other")
		c.wait()
		fresh, ok := s.Socket(c.id)
		if !ok || fresh == old {
			t.Fatal("the client has no new socket")
		}
		if got := s.Of("/").Adapter().Rooms(); !slices.Equal(got, []string{c.id}) {
			t.Errorf("rooms %v, want that of the successor alone", got)
		}
		if ids, err := s.In(c.id).Clients(t.Context()); err != nil || !slices.Equal(ids, []string{c.id}) {
			t.Errorf("in the successor's room: %v, %v", ids, err)
		}
	})
}

// TestRoomsAgainstReturn moves a socket between rooms from many goroutines while
// its client leaves and returns.
func TestRoomsAgainstReturn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, Config{})
	for range 200 {
		c, old := join(t, s)
		var movers sync.WaitGroup
		for range 2 {
			movers.Go(func() { old.Join("room"); old.LeaveAll() })
			movers.Go(func() { old.Leave(old.ID()); old.Join("other"); _ = old.Rooms() })
		}
		c.leave("/")
		c.connect("/")
		c.wait()
		movers.Wait()
		fresh, _ := s.Socket(c.id)
		if got := fresh.Rooms(); !slices.Equal(got, []string{fresh.ID()}) {
			t.Fatalf("the successor is in the rooms %v", got)
		}
		c.lose(ReasonTransportClose)
		c.wait()
	}
	if left := s.Of("/").Adapter().Rooms(); len(left) != 0 {
		t.Errorf("rooms %v are left", left)
	}
}
