package budget

import (
	"runtime"
	"strings"
	"testing"

	socketio "github.com/heirloom-io/socketio"
)

const (
	unheardClients  = 200
	unheardMessages = 60
	unheardSize     = 16 << 10
	// unheardTotal is what the server may keep for all of them: its own bound of
	// 64 MiB, and room for the clients' own costs. Without a bound it would be three
	// times as much.
	unheardTotal = 80 << 20
)

// heapAlive returns the bytes of what is alive on the heap, without the holes that what
// has gone left in it.
func heapAlive() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestUnheardClients sends each of many websocket clients of 0.9 messages of its
// own. They read all, and say nothing; so the server keeps what it has sent, for
// the case that they fall back, and what it keeps must be bounded for all
// together.
func TestUnheardClients(t *testing.T) {
	srv, addr := serve(t, withoutHeartbeats)
	sockets := make(chan *socketio.Socket, unheardClients)
	srv.OnConnection(func(s *socketio.Socket) { sockets <- s })
	before := heapAlive()
	buf := make([]byte, unheardSize+1024)
	for range unheardClients {
		p, err := dialColon(addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.conn.Close() })
		s := <-sockets
		text := strings.Repeat("x", unheardSize)
		for range unheardMessages {
			if err := s.Emit("msg", text); err != nil {
				t.Fatal(err)
			}
			b, err := p.read(buf)
			if err != nil || !strings.HasPrefix(string(b[:20]), `5:::{"name":"msg"`) {
				t.Fatalf("got %.20q, %v", b, err)
			}
		}
	}
	kept := heapAlive() - before
	t.Logf("%d MiB are kept of %d MiB sent", kept>>20, unheardClients*unheardMessages*unheardSize>>20)
	if !raceEnabled && kept > unheardTotal {
		t.Errorf("%d MiB are kept for clients that were not heard, want at most %d", kept>>20, unheardTotal>>20)
	}
	if n := srv.Clients(); n != unheardClients {
		t.Errorf("%d clients are left of %d", n, unheardClients)
	}
}
