package budget

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

const (
	stallSize       = 64 << 10
	stallBroadcasts = 1500
	stallHealthy    = 8
	stalledMembers  = 2        // a websocket client and a polling client
	stallExtra      = 64 << 20 // bytes of resident memory that the stalled members may cost
	// stallTries is how often that is measured at most: a collector that is late on a
	// busy machine adds to the peak, and what is kept for stalled members is there
	// every time.
	stallTries = 3
)

// TestStalledMembers broadcasts to a room in which one websocket client, of 2.x or
// of 4.x, and one polling client have stopped reading. The healthy members get everything, in
// order; the stalled ones are closed as slow; and memory stays within bounds.
func TestStalledMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("left out by -short: moves 800 MB through loopback")
	}
	without := stallRun(t, nil)
	for name, dial := range map[string]stallDial{"2.x": dialQuery, "4.x": dialJoinedQuery} {
		t.Run(name, func(t *testing.T) {
			for try := 1; ; try++ {
				with := stallRun(t, dial)
				t.Logf("peak resident: %d MiB without stalled members, %d MiB with", without>>20, with>>20)
				// The race detector keeps a multiple of what there is.
				if raceEnabled || with <= without+stallExtra || t.Failed() {
					return
				}
				if try == stallTries {
					t.Fatalf("stalled members cost %d MiB, want at most %d", (with-without)>>20, stallExtra>>20)
				}
			}
		})
	}
}

// stallDial connects the websocket client that is to stall.
type stallDial func(addr, query string) (*peer, error)

func stallRun(t *testing.T, websocket stallDial) (peak uint64) {
	t.Helper()
	stalled := websocket != nil
	srv, addr := serve(t, withoutHeartbeats)
	var mu sync.Mutex
	reasons := map[socketio.Reason]int{}
	var leaving sync.WaitGroup
	srv.OnConnection(func(s *socketio.Socket) {
		s.OnDisconnect(func(r socketio.Reason) {
			if s.Handshake().Query.Get("stalled") != "" {
				mu.Lock()
				reasons[r]++
				mu.Unlock()
				leaving.Done()
			}
		})
	})
	if stalled {
		leaving.Add(stalledMembers)
		stallWebSocket(t, addr, websocket)
		stallPoller(t, addr)
	}

	var progress [stallHealthy]atomic.Int64
	var readers sync.WaitGroup
	for i := range stallHealthy {
		connect := dial
		if i%2 == 1 {
			connect = dialJoined
		}
		p, err := connect(addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.write(`421["join","r"]`); err != nil {
			t.Fatal(err)
		}
		if err := p.until("431"); err != nil {
			t.Fatal(err)
		}
		readers.Go(func() {
			defer p.conn.Close()
			if err := readSequence(p, &progress[i]); err != nil {
				t.Error(err)
			}
		})
	}
	if n := srv.Of("/").Adapter().RoomSize("r"); stalled && n != stallHealthy+stalledMembers {
		t.Fatalf("%d members, want %d", n, stallHealthy+stalledMembers)
	}

	payload := string(bytes.Repeat([]byte{'x'}, stallSize))
	deadline := time.Now().Add(2 * time.Minute)
	for n := range stallBroadcasts {
		// What the application would do too: not run away from those who read.
		for int64(n)-slowest(&progress) > 50 && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if err := srv.To("r").Emit("msg", n, payload); err != nil {
			t.Fatal(err)
		}
		if n%20 == 0 {
			peak = max(peak, resident())
		}
	}
	readers.Wait()
	peak = max(peak, resident())
	if stalled {
		done := make(chan struct{})
		go func() { leaving.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Error("the stalled members were not closed")
		}
		mu.Lock()
		defer mu.Unlock()
		if reasons[socketio.ReasonSlowConsumer] != stalledMembers {
			t.Errorf("stalled members ended with %v, want %d times %q", reasons, stalledMembers, socketio.ReasonSlowConsumer)
		}
		if n := srv.Of("/").Adapter().RoomSize("r"); n > stallHealthy {
			t.Errorf("%d members are left in the room", n)
		}
	}
	return peak
}

func slowest(progress *[stallHealthy]atomic.Int64) int64 {
	least := int64(stallBroadcasts)
	for i := range progress {
		least = min(least, progress[i].Load())
	}
	return least
}

// readSequence reads all broadcasts, which must come in order.
func readSequence(p *peer, progress *atomic.Int64) error {
	buf := make([]byte, stallSize+1024)
	for n := 0; n < stallBroadcasts; {
		b, err := p.read(buf)
		if err != nil {
			return fmt.Errorf("after %d broadcasts: %w", n, err)
		}
		if !bytes.HasPrefix(b, []byte(`42["msg"`)) {
			continue
		}
		want := fmt.Sprintf(`42["msg",%d,"`, n)
		if !bytes.HasPrefix(b, []byte(want)) || len(b) != len(want)+stallSize+2 {
			return fmt.Errorf("got %.30q with %d bytes, want %s", b, len(b), want)
		}
		n++
		progress.Store(int64(n))
	}
	return nil
}

// stallWebSocket joins the room and never reads again.
func stallWebSocket(t *testing.T, addr string, dial stallDial) {
	t.Helper()
	p, err := dial(addr, "&stalled=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.conn.Close() })
	if tcp, ok := p.conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4096)
	}
	if err := p.write(`421["join","r"]`); err != nil {
		t.Fatal(err)
	}
	if err := p.until("431"); err != nil {
		t.Fatal(err)
	}
}

// stallPoller joins the room and never polls again.
func stallPoller(t *testing.T, addr string) {
	t.Helper()
	url := "http://" + addr + "/socket.io/?EIO=3&transport=polling&stalled=1"
	body := request(t, http.MethodGet, url, "")
	_, rest, ok := bytes.Cut(body, []byte(`"sid":"`))
	if !ok {
		t.Fatalf("handshake: %.100q", body)
	}
	sid, _, _ := bytes.Cut(rest, []byte(`"`))
	url += "&sid=" + string(sid)
	request(t, http.MethodPost, url, `15:421["join","r"]`)
	if body := request(t, http.MethodGet, url, ""); !bytes.Contains(body, []byte("431")) {
		t.Fatalf("join: %.100q", body)
	}
}

func request(t *testing.T, method, url, body string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", method, resp.StatusCode, err)
	}
	return b
}
