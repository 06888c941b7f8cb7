package rooms

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// tally is a member that remembers how often it got each packet. Packets are
// told apart by their acknowledgement id.
type tally struct {
	id   string
	seen []atomic.Int32
}

func (m *tally) ID() string { return m.id }

func (m *tally) Deliver(p *packet.Prepared) error {
	m.seen[p.Packet().ID].Add(1)
	return nil
}

// TestStress lets members come and go during broadcasts of every shape. Those
// who stay must get each packet exactly once, the others at most once.
func TestStress(t *testing.T) {
	t.Parallel()
	const (
		residents  = 40
		drifters   = 4
		broadcasts = 300
		speakers   = 3
	)
	s := NewStore(WithObserver(nobody{}))
	all := make([]*tally, 0, residents+drifters)
	newMember := func(kind string, n int) *tally {
		m := &tally{id: fmt.Sprint(kind, n), seen: make([]atomic.Int32, speakers*broadcasts)}
		all = append(all, m)
		return m
	}
	for i := range residents {
		m := newMember("resident", i)
		s.Add(m, m.id, "hall", "hall2")
	}
	var drifting, speaking sync.WaitGroup
	stop := make(chan struct{})
	for i := range drifters {
		m := newMember("drifter", i)
		rnd := rand.New(rand.NewPCG(uint64(i), 7))
		drifting.Go(func() {
			for {
				select {
				case <-stop:
					s.RemoveAll(m.id)
					return
				default:
				}
				switch rnd.IntN(4) {
				case 0:
					s.Add(m, m.id, "hall", fmt.Sprint("room", rnd.IntN(9)))
				case 1:
					s.Add(m, "hall2")
				case 2:
					s.Remove(m.id, "hall", "hall2")
				default:
					// As often as anything else, so that a new entry takes
					// the place of the old one again and again.
					s.Remove(m.id, m.id, "hall")
				}
			}
		})
	}
	targets := []Target{
		{},
		{Rooms: []string{"hall"}},
		{Rooms: []string{"hall", "hall2"}},
		{Rooms: []string{"hall2"}, Except: []string{"drifter1", "nobody"}},
		{Except: []string{"room1", "room2"}},
	}
	for n := range speakers {
		speaking.Go(func() {
			for i := range broadcasts {
				p := &packet.Packet{Type: packet.Event, ID: int64(n*broadcasts + i)}
				if err := s.Broadcast(packet.Prepare(p), targets[i%len(targets)]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	speaking.Wait()
	close(stop)
	drifting.Wait()

	for i, m := range all {
		for id := range m.seen {
			switch got := m.seen[id].Load(); {
			case got > 1:
				t.Fatalf("%s got packet %d %d times", m.id, id, got)
			case got == 0 && i < residents:
				t.Fatalf("%s did not get packet %d", m.id, id)
			}
		}
	}
	if got := s.RoomSize("hall"); got != residents {
		t.Errorf("hall has %d members in the end, want %d", got, residents)
	}
	for i := range residents {
		s.RemoveAll(fmt.Sprint("resident", i))
	}
	if got := s.Rooms(); len(got) != 0 {
		t.Errorf("rooms left: %q", got)
	}
}

// TestRemoveAllAgainstAdd ends every race of a late join and a removal by a
// removal, after which nothing may be left.
func TestRemoveAllAgainstAdd(t *testing.T) {
	t.Parallel()
	s := NewStore()
	for range 500 {
		var wg sync.WaitGroup
		wg.Go(func() { s.Add(&inbox{id: "a"}, "x", "y") })
		wg.Go(func() { s.Add(&inbox{id: "a"}, "z") })
		wg.Go(func() { s.RemoveAll("a") })
		wg.Wait()
		s.RemoveAll("a")
		if rooms, members := s.Rooms(), s.Members(Target{}); len(rooms)+len(members) != 0 {
			t.Fatalf("left behind: rooms %q, %d members", rooms, len(members))
		}
	}
}

type nobody struct{}

func (nobody) RoomCreated(string)    {}
func (nobody) Joined(string, string) {}
func (nobody) Left(string, string)   {}
func (nobody) RoomDeleted(string)    {}
