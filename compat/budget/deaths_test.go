package budget

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// deathRounds is how often a client dies in each way.
const deathRounds = 20

// death is a state in which a client vanishes.
type death struct {
	name string
	// steps bring a client into that state. What it has open is cut afterwards.
	steps []step
	// noticed says that the server sees it from the end of a connection. Of the
	// others it knows nothing before a heartbeat is missed.
	noticed bool
}

type step func(c *mortal) error

// pendingPacket announces an attachment.
const pendingPacket = `451-["x",{"_placeholder":true,"num":0}]`

var deaths = []death{
	{"after the handshake", []step{handshake}, false},
	{"mid-poll", []step{handshake, poll}, true},
	{"mid-POST", []step{handshake, post("Content-Length: 1000\r\n\r\n100:42[\"echo\",")}, true},
	{"mid-chunk", []step{handshake, post("Transfer-Encoding: chunked\r\n\r\n40\r\n20:42[\"echo\",")}, true},
	{"mid-poll and mid-POST", []step{handshake, poll, post("Content-Length: 1000\r\n\r\n100:42")}, true},
	{"mid-attachment, polling", []step{handshake, post(whole(pendingPacket)), posted}, false},
	{"mid-attachment, mid-poll", []step{handshake, post(whole(pendingPacket)), posted, poll}, true},
	{"mid-attachment, websocket", []step{websocket, frame(pendingPacket)}, true},
	{"mid-frame", []step{websocket, write("\x81\xfe\x10\x00\x00\x00\x00\x0042[\"echo\"")}, true},
	{"mid-header of a frame", []step{websocket, write("\x81\xff\x00")}, true},
	{"between fragments", []step{websocket, write("\x01\x84\x00\x00\x00\x0042[\"")}, true},
	{"mid-upgrade, silent", []step{handshake, websocket}, false},
	{"mid-upgrade, probed", []step{handshake, websocket, frame("2probe"), expect("3probe")}, false},
	{"mid-upgrade, polling", []step{handshake, poll, websocket, frame("2probe"), expect("3probe")}, false},
	{"mid-upgrade, last word", []step{handshake, poll, websocket, frame("2probe"), expect("3probe"), frame("5")}, false},
}

// TestDeaths lets clients vanish in every state, by a reset and by a plain end,
// and holds the server to keeping nothing of them.
func TestDeaths(t *testing.T) {
	for _, test := range []struct {
		name   string
		config socketio.Config
		among  func(death) bool
		limit  time.Duration
	}{
		{
			"noticed at once",
			socketio.Config{PingInterval: time.Hour},
			func(d death) bool { return d.noticed },
			time.Minute,
		},
		{
			"at the latest by the heartbeat",
			socketio.Config{PingInterval: 3 * time.Second, PingTimeout: 3 * time.Second, UpgradeTimeout: 3 * time.Second},
			func(death) bool { return true },
			time.Minute,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			srv, addr := serve(t, test.config)
			var born, ended atomic.Int32
			srv.OnConnection(func(s *socketio.Socket) {
				born.Add(1)
				s.Join("room")
				s.OnDisconnect(func(socketio.Reason) { ended.Add(1) })
			})
			before := runtime.NumGoroutine()
			var clients sync.WaitGroup
			for _, d := range deaths {
				if !test.among(d) {
					continue
				}
				for _, reset := range []bool{false, true} {
					clients.Go(func() {
						for range deathRounds {
							if err := live(addr, d, reset); err != nil {
								t.Errorf("%s: %v", d.name, err)
								return
							}
						}
					})
				}
			}
			clients.Wait()
			left := func() string {
				rooms := srv.Of("/").Adapter().Rooms()
				goroutines := runtime.NumGoroutine() - before
				if srv.Clients() == 0 && len(rooms) == 0 && len(srv.Sockets()) == 0 && born.Load() == ended.Load() && goroutines <= 0 {
					return ""
				}
				return fmt.Sprintf("%d sessions, %d sockets, %d rooms, %d goroutines are left; %d of %d sockets ended",
					srv.Clients(), len(srv.Sockets()), len(rooms), goroutines, ended.Load(), born.Load())
			}
			start := time.Now()
			for left() != "" && time.Since(start) < test.limit {
				time.Sleep(20 * time.Millisecond)
			}
			if rest := left(); rest != "" {
				t.Error(rest)
			}
			t.Logf("%d clients, and nothing of them after %v", born.Load(), time.Since(start).Round(time.Millisecond))

			// Nobody else was hurt.
			p, err := dial(addr)
			if err == nil {
				defer p.conn.Close()
				if err = p.write(`420["echo","hello"]`); err == nil {
					err = p.until(`430["hello"]`)
				}
			}
			if err != nil {
				t.Errorf("a client that comes afterwards: %v", err)
			}
		})
	}
}
