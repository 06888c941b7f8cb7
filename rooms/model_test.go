package rooms

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// model is the store as one would write it without any care for speed.
type model map[string]map[string]bool // id -> rooms

func (m model) selects(id string, t Target) bool {
	in := func(names []string) bool {
		return slices.ContainsFunc(names, func(room string) bool { return m[id][room] })
	}
	return id != t.Skip && (len(t.Rooms) == 0 || in(t.Rooms)) && !in(t.Except)
}

func (m model) sockets(t Target) []string {
	ids := []string{}
	for id := range m {
		if m.selects(id, t) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (m model) rooms() map[string]int {
	sizes := map[string]int{}
	for _, rooms := range m {
		for room := range rooms {
			sizes[room]++
		}
	}
	return sizes
}

// TestModel compares the store with the model over long random histories, with
// rooms small and large enough to pass every threshold in both directions.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			compareWithModel(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func compareWithModel(t *testing.T, rnd *rand.Rand) {
	s, want := NewStore(), model{}
	name := func(kind string, n int) string { return fmt.Sprint(kind, rnd.IntN(n)) }
	some := func(upTo int) []string {
		var rooms []string
		for range rnd.IntN(upTo + 1) {
			rooms = append(rooms, name("room", 12))
		}
		return rooms
	}
	for step := range 3000 {
		id := name("id", 60)
		// The tendency turns round every so often, so that the rooms fill up
		// and empty out.
		growing := step/500%2 == 0
		switch n := rnd.IntN(10); {
		case n < 3 || growing && n < 7:
			rooms := some(4)
			s.Add(&inbox{id: id}, rooms...)
			if want[id] == nil {
				want[id] = map[string]bool{}
			}
			for _, room := range rooms {
				want[id][room] = true
			}
		case n < 6:
			rooms := some(4)
			s.Remove(id, rooms...)
			for _, room := range rooms {
				delete(want[id], room)
			}
		case n < 8:
			s.RemoveAll(id)
			delete(want, id)
		default:
			target := Target{Rooms: some(3), Except: some(2)}
			if rnd.IntN(2) == 0 {
				target.Skip = id
			}
			got, err := s.Sockets(context.Background(), target)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want.sockets(target), got); diff != "" {
				t.Fatalf("step %d, target %+v (-want +got):\n%s", step, target, diff)
			}
		}
		sizes := map[string]int{}
		for _, room := range s.Rooms() {
			sizes[room] = s.RoomSize(room)
		}
		if diff := cmp.Diff(want.rooms(), sizes); diff != "" {
			t.Fatalf("step %d, sizes (-want +got):\n%s", step, diff)
		}
	}
}
