package rooms

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// journal is an observer that uses the store it observes.
type journal struct {
	store *Store
	lines []string
}

func (j *journal) RoomCreated(room string) { j.lines = append(j.lines, "create "+room) }
func (j *journal) Joined(room, id string)  { j.lines = append(j.lines, "join "+room+" "+id) }
func (j *journal) Left(room, id string)    { j.lines = append(j.lines, "leave "+room+" "+id) }

func (j *journal) RoomDeleted(room string) {
	if j.store.RoomSize(room) != 0 {
		room += " (not empty)"
	}
	j.lines = append(j.lines, "delete "+room)
}

func TestObserver(t *testing.T) {
	t.Parallel()
	j := &journal{}
	s := NewStore(WithObserver(j))
	j.store = s
	s.Add(&inbox{id: "a"}, "x")
	s.Add(&inbox{id: "b"}, "x", "x")
	s.Remove("a", "x", "y")
	s.RemoveAll("b")
	s.RemoveAll("b")
	want := []string{"create x", "join x a", "join x b", "leave x a", "leave x b", "delete x"}
	if diff := cmp.Diff(want, j.lines); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestObservers: one that comes late is told of what happens from then on, after
// those there were.
func TestObservers(t *testing.T) {
	t.Parallel()
	first, second := &journal{}, &journal{}
	s := NewStore()
	first.store, second.store = s, s
	s.Add(&inbox{id: "a"}, "before")
	s.Observe(first)
	s.Add(&inbox{id: "a"}, "x")
	s.Observe(second)
	s.Remove("a", "x")
	if d := cmp.Diff([]string{"create x", "join x a", "leave x a", "delete x"}, first.lines); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"leave x a", "delete x"}, second.lines); d != "" {
		t.Error(d)
	}
}
