package rooms

import (
	"fmt"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// sink is the cheapest member there can be.
type sink struct{ id string }

func (m *sink) ID() string                     { return m.id }
func (m *sink) Deliver(*packet.Prepared) error { return nil }

func crowd(n int) *Store {
	s := NewStore()
	for i := range n {
		m := &sink{id: fmt.Sprint("member", i)}
		s.Add(m, m.id, "room", fmt.Sprint("half", i%2))
	}
	return s
}

var benchTargets = []struct {
	name   string
	target Target
	free   bool // must not allocate
}{
	{"room", Target{Rooms: []string{"room"}}, true},
	{"everybody", Target{}, true},
	{"room but sender", Target{Rooms: []string{"room"}, Except: []string{"member7"}}, true},
	{"two rooms", Target{Rooms: []string{"half0", "half1"}}, false},
}

func TestBroadcastAllocatesNothing(t *testing.T) {
	s, p := crowd(1000), hello()
	for _, bt := range benchTargets {
		if !bt.free {
			continue
		}
		t.Run(bt.name, func(t *testing.T) {
			if n := testing.AllocsPerRun(20, func() { _ = s.Broadcast(p, bt.target) }); n != 0 {
				t.Errorf("%v allocations for each broadcast, want none", n)
			}
		})
	}
}

func BenchmarkBroadcast(b *testing.B) {
	for _, size := range []int{1000, 10000} {
		s, p := crowd(size), hello()
		for _, bt := range benchTargets {
			b.Run(fmt.Sprintf("%d/%s", size, bt.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = s.Broadcast(p, bt.target)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/member")
			})
		}
	}
}

// BenchmarkChurn is a chat in which every broadcast is followed by a member
// leaving and one coming.
func BenchmarkChurn(b *testing.B) {
	s, p := crowd(1000), hello()
	target := Target{Rooms: []string{"room"}}
	m := &sink{id: "guest"}
	b.ReportAllocs()
	for b.Loop() {
		s.Add(m, m.id, "room")
		_ = s.Broadcast(p, target)
		s.RemoveAll(m.id)
	}
}
