package v0

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// slowConn leaves it to the test to answer a client that asks for a namespace.
type slowConn struct{ *conn }

// Receive passes on what the client asks for.
func (c slowConn) Receive(p *packet.Packet) {
	if p.Type == packet.Connect && p.Namespace != "/" {
		c.h.packets <- p
		return
	}
	c.conn.Receive(p)
}

// slowed makes a session wait for the test's answers to requests for namespaces.
func slowed(s *site, c *conn) {
	session := s.srv.lookup(c.ID())
	session.mu.Lock()
	session.receiver = slowConn{c}
	session.mu.Unlock()
}

// TestAckWaitsForAdmission sends packets to a namespace before the client is known
// to be admitted. Genuine servers acknowledge them in any case, even if nobody
// ever gets to see them.
func TestAckWaitsForAdmission(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer packet.Type
		want   string
	}{
		{packet.Connect, "\ufffd8\ufffd1::/slow\ufffd10\ufffd6::/slow:1\ufffd10\ufffd6::/slow:2\ufffd5\ufffd6:::3"},
		{packet.Error, "\ufffd10\ufffd7::/slow:2\ufffd5\ufffd6:::3"},
	} {
		t.Run(tt.answer.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			path, c := s.polling("xhr-polling")
			slowed(s, c)
			s.post(path, "1::/slow")
			s.post(path, "3:1:/slow:a")
			s.post(path, `4:2:/slow:{}`)
			c.deliver(&packet.Packet{Type: tt.answer, Namespace: "/slow"})
			s.post(path, "3:3::b")
			s.post(path, "0::/slow")
			s.post(path, "3:4:/slow:c") // not in it any more
			if a := s.get(path); a.body != tt.want {
				t.Errorf("got  %q\nwant %q", a.body, tt.want)
			}
			session := s.srv.lookup(c.ID())
			session.mu.Lock()
			defer session.mu.Unlock()
			if session.owed != 0 || len(session.joined) != 1 {
				t.Errorf("%d owed, %d joined", session.owed, len(session.joined))
			}
		})
	}
	t.Run("too many", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		slowed(s, c)
		s.post(path, "1::/slow")
		for i := range maxOwed + 1 {
			s.post(path, fmt.Sprintf("3:%d:/slow:a", i))
		}
		c.deliver(&packet.Packet{Type: packet.Connect, Namespace: "/slow"})
		if n := strings.Count(s.get(path).body, "6::/slow:"); n != maxOwed {
			t.Errorf("%d acknowledgements", n)
		}
	})
}

// TestTooManyNamespaces has a client ask for one more than are remembered.
func TestTooManyNamespaces(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("xhr-polling")
	slowed(s, c)
	var body []byte
	for i := range maxJoined { // and the default namespace
		body = AppendColonPayload(body, []*packet.Frame{colonFrameOf(Colon{Type: ColonConnect, Endpoint: fmt.Sprintf("/n%04d", i)}), colonFrameOf(Colon{Type: ColonNoop})})
	}
	s.post(path, string(body))
	if a := s.get(path); a.body != fmt.Sprintf("7::/n%04d:2", maxJoined-1) {
		t.Errorf("%q", a.body)
	}
	for i := range maxJoined - 1 {
		if p := receive(t, s.host.packets); p.Type != packet.Connect || p.Namespace != fmt.Sprintf("/n%04d", i) {
			t.Fatalf("%d: %+v", i, p)
		}
	}
	if len(s.host.packets) != 0 {
		t.Error("what was refused was passed on")
	}
	s.post(path, "0::/n0000")
	s.post(path, "1::/again")
	receive(t, s.host.packets) // the client has left one
	if p := receive(t, s.host.packets); p.Namespace != "/again" {
		t.Errorf("%+v", p)
	}
}
