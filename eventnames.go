package socketio

import "slices"

// EventNames returns the events there are handlers for that [Socket.On] and
// [Socket.Once] have added, in the order in which the first of each was.
func (s *Socket) EventNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for i := range s.listeners {
		l := &s.listeners[i]
		if !isReserved(l.event) && !slices.Contains(names, l.event) {
			names = append(names, l.event)
		}
	}
	return names
}

// ListenerCount returns the number of handlers of an event that [Socket.On] and
// [Socket.Once] have added.
func (s *Socket) ListenerCount(event string) int {
	if isReserved(event) {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i := range s.listeners {
		if s.listeners[i].event == event {
			n++
		}
	}
	return n
}

// OffAll removes the handlers of all events that [Socket.On] and [Socket.Once]
// have added. Those of the life-cycle and the catch-all ones stay.
func (s *Socket) OffAll() {
	s.unlisten(func(l *listener) bool { return !isReserved(l.event) })
}
