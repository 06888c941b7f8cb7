package v0

import (
	"container/heap"
	"container/list"
	"net"
	"net/netip"
)

// unclaimed are the sessions whose client has not come yet, by the address of the
// network from which they were asked for. It is what the total of them is bounded
// by: over it the address with the most of them loses one, so that nobody who
// stays below others can be driven out by them, whatever they write in their
// requests. Behind a proxy all have one address, and the oldest of all goes. The
// zero value is ready; the server's mutex guards it.
type unclaimed struct {
	count     int
	seq       uint64
	addresses map[string]*address
	most      addressHeap
}

// address is where sessions that wait were asked for. It exists as long as there
// is one.
type address struct {
	name  string
	place int       // in the heap
	open  list.List // of offer, oldest first
}

// offer is a session that waits, and its number among all that ever did.
type offer struct {
	session *session
	seq     uint64
}

func (a *address) oldest() offer { return a.open.Front().Value.(offer) }

// add enters a session.
func (u *unclaimed) add(s *session, name string) {
	a := u.addresses[name]
	if a == nil {
		if u.addresses == nil {
			u.addresses = map[string]*address{}
		}
		a = &address{name: name}
		u.addresses[name] = a
	}
	u.seq++
	u.count++
	s.waiting, s.asked = a.open.PushBack(offer{s, u.seq}), a
	if a.open.Len() == 1 {
		heap.Push(&u.most, a)
		return
	}
	heap.Fix(&u.most, a.place)
}

// remove takes a session out, if it is in.
func (u *unclaimed) remove(s *session) {
	if s.waiting == nil {
		return
	}
	a := s.asked
	a.open.Remove(s.waiting)
	s.waiting, s.asked = nil, nil
	u.count--
	if a.open.Len() > 0 {
		heap.Fix(&u.most, a.place)
		return
	}
	heap.Remove(&u.most, a.place)
	delete(u.addresses, a.name)
}

// surplus takes out the oldest session of the address with the most of them, and
// returns it. Of two with as many, the older session goes.
func (u *unclaimed) surplus() *session {
	s := u.most[0].oldest().session
	u.remove(s)
	return s
}

// addressHeap has the address with the most sessions on top.
type addressHeap []*address

// Len implements heap.Interface.
func (h addressHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h addressHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.open.Len() != b.open.Len() {
		return a.open.Len() > b.open.Len()
	}
	return a.oldest().seq < b.oldest().seq
}

// Swap implements heap.Interface.
func (h addressHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *addressHeap) Push(x any) {
	a := x.(*address)
	a.place = len(*h)
	*h = append(*h, a)
}

// Pop implements heap.Interface.
func (h *addressHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return a
}

// subnet is how many bits of an IPv6 address one peer has, at least, to itself.
const subnet = 64

// addressOf returns what of a peer's address it cannot change at will: the host,
// and of one of IPv6 the network that belongs to the peer as a whole.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		network, _ := ip.Prefix(subnet) // an error would mean more bits than there are
		return network.String()
	}
	return ip.String()
}
