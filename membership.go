package socketio

// Room stores know a socket by its id, and a client that leaves a namespace and
// comes back gets the same one. So a call about the rooms of a socket has to be
// over before the socket is gone, and nothing may come of one made later.

// Join puts the socket into rooms, from when it returns. After the end of the
// socket it has no effect.
func (s *Socket) Join(rooms ...string) {
	if len(rooms) == 0 || !s.move() {
		return
	}
	defer s.moving.Done()
	s.ns.adapter.Add((*member)(s), rooms...)
}

// Leave takes the socket out of rooms, of which the room of its own id may be
// one. After the end of the socket it has no effect.
func (s *Socket) Leave(rooms ...string) {
	if len(rooms) == 0 || !s.move() {
		return
	}
	defer s.moving.Done()
	s.ns.adapter.Remove(s.id, rooms...)
}

// LeaveAll takes the socket out of every room, that of its own id included. It
// stays in its namespace.
func (s *Socket) LeaveAll() {
	if !s.move() {
		return
	}
	defer s.moving.Done()
	if rooms := s.ns.adapter.SocketRooms(s.id); len(rooms) > 0 {
		s.ns.adapter.Remove(s.id, rooms...)
	}
}

// Rooms returns the rooms the socket is in, in no order, none after its end.
// That of its own id is among them from before the connection handlers run
// until the disconnecting handlers have run.
func (s *Socket) Rooms() []string {
	if !s.move() {
		return nil
	}
	defer s.moving.Done()
	return s.ns.adapter.SocketRooms(s.id)
}

// move begins a call about the socket's rooms, unless the socket is gone. The
// caller ends it by moving.Done.
func (s *Socket) move() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state() == stateGone {
		return false
	}
	s.moving.Add(1)
	return true
}

// vacate takes the socket out of its rooms for good. It waits for the calls that
// are under way, each of which is one of the adapter's.
func (s *Socket) vacate() {
	s.mu.Lock()
	was := s.stage.Swap(stateGone)
	s.mu.Unlock()
	s.moving.Wait()
	if was != stateConnecting {
		s.leaveRooms()
	}
	s.ns.adapter.RemoveAll(s.id)
}
