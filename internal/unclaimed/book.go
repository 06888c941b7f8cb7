package unclaimed

import (
	"container/heap"
	"container/list"
)

// Book holds sessions that wait for their client. The zero value is ready; its
// owner's lock guards it and its entries.
type Book[S any] struct {
	count     int
	seq       uint64
	addresses map[string]*address[S]
	most      addressHeap[S]
}

// address is where sessions that wait were asked for. It exists as long as there
// is one.
type address[S any] struct {
	name  string
	place int       // in the heap
	open  list.List // of *Entry, oldest first
}

// Entry is a session in a book. Its owner forgets it when it is out.
type Entry[S any] struct {
	session S
	seq     uint64 // its number among all that were ever in
	address *address[S]
	place   *list.Element
}

func (a *address[S]) oldest() *Entry[S] { return a.open.Front().Value.(*Entry[S]) }

// Add enters a session that was asked for from an address, as [Address] has it.
func (b *Book[S]) Add(session S, from string) *Entry[S] {
	a := b.addresses[from]
	if a == nil {
		if b.addresses == nil {
			b.addresses = map[string]*address[S]{}
		}
		a = &address[S]{name: from}
		b.addresses[from] = a
	}
	b.seq++
	b.count++
	e := &Entry[S]{session: session, seq: b.seq, address: a}
	e.place = a.open.PushBack(e)
	if a.open.Len() == 1 {
		heap.Push(&b.most, a)
	} else {
		heap.Fix(&b.most, a.place)
	}
	return e
}

// Remove takes an entry out, if it is in; nil is in no book.
func (b *Book[S]) Remove(e *Entry[S]) {
	if e == nil || e.place == nil {
		return
	}
	a := e.address
	a.open.Remove(e.place)
	e.place, e.address = nil, nil
	b.count--
	if a.open.Len() > 0 {
		heap.Fix(&b.most, a.place)
		return
	}
	heap.Remove(&b.most, a.place)
	delete(b.addresses, a.name)
}

// Surplus returns the oldest session of the address with the most of them. Of two
// with as many it is the older one. The book must not be empty.
func (b *Book[S]) Surplus() S { return b.most[0].oldest().session }

// Len returns the number of sessions in the book.
func (b *Book[S]) Len() int { return b.count }

// From returns the number of sessions in the book that were asked for from an
// address.
func (b *Book[S]) From(name string) int {
	if a := b.addresses[name]; a != nil {
		return a.open.Len()
	}
	return 0
}

// addressHeap has the address with the most sessions on top.
type addressHeap[S any] []*address[S]

// Len implements heap.Interface.
func (h addressHeap[S]) Len() int { return len(h) }

// Less implements heap.Interface.
func (h addressHeap[S]) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.open.Len() != b.open.Len() {
		return a.open.Len() > b.open.Len()
	}
	return a.oldest().seq < b.oldest().seq
}

// Swap implements heap.Interface.
func (h addressHeap[S]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *addressHeap[S]) Push(x any) {
	a := x.(*address[S])
	a.place = len(*h)
	*h = append(*h, a)
}

// Pop implements heap.Interface.
func (h *addressHeap[S]) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return a
}
