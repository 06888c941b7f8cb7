package rooms

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

// inbox is a member that counts what it gets.
type inbox struct {
	id  string
	got int
	err error
	do  func()
}

func (m *inbox) ID() string { return m.id }

func (m *inbox) Deliver(*packet.Prepared) error {
	m.got++
	if m.do != nil {
		m.do()
	}
	return m.err
}

func hello() *packet.Prepared {
	return packet.Prepare(&packet.Packet{Type: packet.Event, Namespace: "/", Name: "hello"})
}

// town returns a store with a few members: a in x and y, b in x, c in y and d
// in no room but its own. Everybody is in the room of the own id.
func town(options ...Option) (*Store, map[string]*inbox) {
	s := NewStore(options...)
	people := map[string]*inbox{}
	for _, p := range []struct {
		id    string
		rooms []string
	}{
		{"a", []string{"x", "y"}},
		{"b", []string{"x"}},
		{"c", []string{"y"}},
		{"d", nil},
	} {
		m := &inbox{id: p.id}
		people[p.id] = m
		s.Add(m, append([]string{p.id}, p.rooms...)...)
	}
	return s, people
}

func TestTarget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		target Target
		want   []string
	}{
		{"everybody", Target{}, []string{"a", "b", "c", "d"}},
		{"one room", Target{Rooms: []string{"x"}}, []string{"a", "b"}},
		{"an id", Target{Rooms: []string{"d"}}, []string{"d"}},
		{"two rooms with a common member", Target{Rooms: []string{"x", "y"}}, []string{"a", "b", "c"}},
		{"the same room twice", Target{Rooms: []string{"x", "x"}}, []string{"a", "b"}},
		{"a room and a member of it", Target{Rooms: []string{"x", "a"}}, []string{"a", "b"}},
		{"no such room", Target{Rooms: []string{"z"}}, []string{}},
		{"one of two rooms exists", Target{Rooms: []string{"z", "y"}}, []string{"a", "c"}},
		{"everybody but a room", Target{Except: []string{"x"}}, []string{"c", "d"}},
		{"everybody but an id", Target{Except: []string{"d"}}, []string{"a", "b", "c"}},
		{"one room but an id", Target{Rooms: []string{"x"}, Except: []string{"a"}}, []string{"b"}},
		{"two rooms but a room", Target{Rooms: []string{"x", "d"}, Except: []string{"y"}}, []string{"b", "d"}},
		{"but nobody", Target{Rooms: []string{"x"}, Except: []string{"z"}}, []string{"a", "b"}},
		{"all but a member, whatever its rooms", Target{Skip: "d"}, []string{"a", "b", "c"}},
		{"a room of that name is not meant", Target{Rooms: []string{"x"}, Skip: "y"}, []string{"a", "b"}},
		{"but all", Target{Rooms: []string{"x"}, Except: []string{"x"}}, []string{}},
		{"local", Target{Local: true, Rooms: []string{"y"}}, []string{"a", "c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, people := town()
			ids, err := s.Sockets(context.Background(), tt.target)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(ids)
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("Sockets (-want +got):\n%s", diff)
			}
			if err := s.Broadcast(hello(), tt.target); err != nil {
				t.Fatal(err)
			}
			for id, m := range people {
				want := 0
				if slices.Contains(tt.want, id) {
					want = 1
				}
				if m.got != want {
					t.Errorf("%s got the packet %d times, want %d", id, m.got, want)
				}
			}
			if got := len(s.Members(tt.target)); got != len(tt.want) {
				t.Errorf("Members returned %d, want %d", got, len(tt.want))
			}
		})
	}
}

func TestMembership(t *testing.T) {
	t.Parallel()
	s, _ := town()
	check := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("rooms", s.Rooms(), []string{"a", "b", "c", "d", "x", "y"})
	check("rooms of a", s.SocketRooms("a"), []string{"a", "x", "y"})
	check("size of x", s.RoomSize("x"), 2)

	s.Add(&inbox{id: "b"}, "x", "x")
	check("size of x after joining again", s.RoomSize("x"), 2)

	s.Remove("b", "x", "x", "never joined")
	s.Remove("nobody", "x")
	check("size of x after b left", s.RoomSize("x"), 1)
	check("rooms of b", s.SocketRooms("b"), []string{"b"})

	s.RemoveAll("a")
	s.RemoveAll("a")
	check("rooms without a", s.Rooms(), []string{"b", "c", "d", "y"})
	check("rooms of a", s.SocketRooms("a"), []string(nil))
	check("size of a room that vanished", s.RoomSize("x"), 0)

	s.Add(&inbox{id: "e"})
	check("rooms of a member without rooms", s.SocketRooms("e"), []string{})
	check("members", len(s.Members(Target{})), 4)

	empty := NewStore()
	check("rooms of an empty store", empty.Rooms(), []string{})
	check("rooms of nobody", empty.SocketRooms("a"), []string(nil))
	check("size of nothing", empty.RoomSize("x"), 0)
}

func TestDeliverErrorStopsNobody(t *testing.T) {
	t.Parallel()
	s, people := town()
	for _, m := range people {
		m.err = errors.New("full")
	}
	if err := s.Broadcast(hello(), Target{}); err != nil {
		t.Error(err)
	}
	for id, m := range people {
		if m.got != 1 {
			t.Errorf("%s got the packet %d times, want once", id, m.got)
		}
	}
}

func TestStoreUsableFromDeliver(t *testing.T) {
	t.Parallel()
	s, people := town()
	for id, m := range people {
		m.do = func() {
			s.Add(m, "new")
			s.Remove(id, "x")
			s.RemoveAll(id)
		}
	}
	if err := s.Broadcast(hello(), Target{}); err != nil {
		t.Error(err)
	}
	if got := s.Rooms(); len(got) != 0 {
		t.Errorf("rooms left: %q", got)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	s, people := town()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	s.Add(people["a"], "x")
	s.Remove("a", "x")
	s.RemoveAll("a")
	if got := s.Rooms(); len(got) != 0 {
		t.Errorf("rooms left: %q", got)
	}
	if err := s.Broadcast(hello(), Target{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Broadcast = %v, want ErrClosed", err)
	}
	if _, err := s.Sockets(context.Background(), Target{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Sockets = %v, want ErrClosed", err)
	}
}

func TestSocketsContext(t *testing.T) {
	t.Parallel()
	s, _ := town()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Sockets(ctx, Target{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Sockets = %v, want the context's error", err)
	}
}

// TestJoinOfRemovedEntry plays the one interleaving that a race rarely hits: a
// removal between the two halves of Add.
func TestJoinOfRemovedEntry(t *testing.T) {
	t.Parallel()
	s := NewStore()
	m := &inbox{id: "a"}
	e := s.shards.of(m.id).enter(m, m.id, &s.closed)
	s.RemoveAll(m.id)
	if s.join(e, []string{"x"}) {
		t.Error("a removed entry joined a room")
	}
	if got := s.Rooms(); len(got) != 0 {
		t.Errorf("rooms left: %q", got)
	}
}
