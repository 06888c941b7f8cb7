package v0

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// TestCloseCuts closes a server whose clients take nothing: one that is still in
// its session, one whose session has ended before, and a stranger. Close may not
// wait for the writes to them.
func TestCloseCuts(t *testing.T) {
	t.Parallel()
	for _, kicked := range []bool{false, true} {
		for _, name := range []string{"websocket", "htmlfile"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, newHost(), func(p *Params) { p.WriteTimeout = time.Hour })
				upgrade := ""
				if name == "websocket" {
					upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
				}
				s.dial("GET /socket.io/1/" + name + "/" + s.handshake() + " HTTP/1.1\r\nHost: h\r\n" + upgrade + "\r\n")
				c := s.conn()
				c.send(strings.Repeat("x", 12<<20))
				if kicked {
					c.deliver(&packet.Packet{Type: packet.Disconnect, Namespace: "/"})
					if n := s.srv.Sessions(); n != 0 {
						t.Fatalf("%d sessions", n)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				done := make(chan error, 1)
				go func() { done <- s.srv.Close(ctx) }()
				if err := receive(t, done); !errors.Is(err, context.Canceled) {
					t.Errorf("close: %v", err)
				}
				s.until("connection gone", func() bool {
					s.srv.mu.Lock()
					defer s.srv.mu.Unlock()
					return s.srv.open.Len() == 0
				})
			})
		}
	}
}

// TestFarewellFindsRoom throws clients out whose outbox is full.
func TestFarewellFindsRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.Outbox.Frames = 1 })
	path, c := s.polling("xhr-polling")
	c.send("a")
	c.deliver(&packet.Packet{Type: packet.Disconnect, Namespace: "/"})
	if r := receive(t, s.host.closings); r != versions.ReasonServerDisconnect {
		t.Errorf("reason %s", r)
	}
	if a := s.get(path); a.body != "\ufffd5\ufffd3:::a\ufffd3\ufffd0::" {
		t.Errorf("%q", a.body)
	}
}
