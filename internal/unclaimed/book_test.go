package unclaimed

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestBook holds a book against a plain list.
func TestBook(t *testing.T) {
	t.Parallel()
	type session struct {
		from  string
		entry *Entry[*session]
	}
	rnd := rand.New(rand.NewPCG(3, 3))
	var b Book[*session]
	var waiting []*session // oldest first
	surplus := func() *session {
		count := map[string]int{}
		for _, s := range waiting {
			count[s.from]++
		}
		best := waiting[0]
		for _, s := range waiting {
			if count[s.from] > count[best.from] {
				best = s
			}
		}
		return best
	}
	for range 5000 {
		gone := -1
		switch n := rnd.IntN(5); {
		case n < 2 || len(waiting) == 0:
			s := &session{from: fmt.Sprint(rnd.IntN(6))}
			waiting = append(waiting, s)
			s.entry = b.Add(s, s.from)
			continue
		case n == 2:
			want, got := surplus(), b.Surplus()
			if got != want {
				t.Fatalf("would take one of %s, want one of %s", got.from, want.from)
			}
			for i, s := range waiting {
				if s == got {
					gone = i
				}
			}
		default:
			gone = rnd.IntN(len(waiting))
		}
		from := waiting[gone].from
		had := b.From(from)
		b.Remove(waiting[gone].entry)
		b.Remove(waiting[gone].entry) // once more does nothing
		waiting = append(waiting[:gone], waiting[gone+1:]...)
		if b.Len() != len(waiting) || b.From(from) != had-1 {
			t.Fatalf("counts %d of %d, and %d of %d from %s", b.Len(), len(waiting), b.From(from), had-1, from)
		}
	}
	b.Remove(nil)
	for len(waiting) > 0 {
		b.Remove(waiting[0].entry)
		waiting = waiting[1:]
	}
	if b.Len() != 0 || len(b.addresses) != 0 || len(b.most) != 0 {
		t.Errorf("left: %d, %d addresses, %d in the heap", b.Len(), len(b.addresses), len(b.most))
	}
}
