package socketio

import (
	"runtime"
	"testing"
)

// TestIdleClientIsSmall bounds what a client and its socket cost here while
// nothing happens, the room store included. It has a namespace, a room and five
// handlers, as of a small application.
func TestIdleClientIsSmall(t *testing.T) {
	const (
		clients = 2000
		limit   = 3000 // bytes for each
	)
	s := newTestServer(t, Config{})
	s.OnConnection(func(s *Socket) {
		for _, event := range []string{"a", "b", "c", "d"} {
			s.On(event, func(string) { _ = s.Emit(event) })
		}
		s.OnDisconnect(func(Reason) { _ = s.ID() })
		s.Join("room")
	})
	conns := make([]*fakeConn, clients)
	for i := range conns {
		conns[i] = dial(t, s)
		conns[i].sent = make([]string, 0, 1)
	}
	before := heap()
	for _, c := range conns {
		c.connect("/")
		c.wait()
	}
	each := (heap() - before) / clients
	t.Logf("%d bytes for each client", each)
	if each > limit {
		t.Errorf("%d bytes for each client, want at most %d", each, limit)
	}
	runtime.KeepAlive(conns)
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
