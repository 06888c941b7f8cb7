package v0

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// TestWebSocketTranscript is a session of 0.9.17 in a browser as it was seen.
func TestWebSocketTranscript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"websocket", "flashsocket"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			ws := s.duplex(name, s.handshake()+"?foo=bar")
			ws.want("1::")
			c := s.conn()
			ws.write("3:::hello", "3:1::ack0", `4:::{"a":"b:c","u":"é€😀"}`)
			ws.want("6:::1")
			ws.write(`5:::{"name":"echo","args":[1,"two"]}`)
			ws.want(`5:::{"name":"echo","args":[1,"two"]}`)
			ws.write(`5:3+::{"name":"ev","args":[1,"two"]}`, `5:5+::{"name":"cb0"}`, "3::")
			ws.want(`6:::3+[1,"two"]`, "6:::5")
			ws.write("1::/chat", `5:1+:/chat:{"name":"hi","args":[5]}`, "1::/priv", "1::")
			ws.want("1::/chat", "6::/chat:1+[5]", "7::/priv:2")
			c.deliver(&packet.Packet{Type: packet.Disconnect, Namespace: "/chat"})
			ws.want("0::/chat")
			ws.write(`5::/chat:{"name":"after"}`, "\ufffd3\ufffd2::\ufffd14\ufffd3:8::héllo € 😀")
			ws.want("6:::8")
			if err := ws.ws.WriteMessage(websocket.BinaryMessage, []byte("3:9::x")); err != nil {
				t.Fatal(err)
			}
			if info := c.Info(); info.Transport != name || info.Generation != "0.7-0.9" {
				t.Errorf("%+v", info)
			}
			c.send("last")
			ws.write("0::")
			ws.want("3:::last", "0::")
			ws.wantEnd()
			if r := receive(t, s.host.closings); r != versions.ReasonClientDisconnect {
				t.Errorf("reason %s", r)
			}
			close(s.host.packets)
			for p := range s.host.packets {
				if p.Name == "after" {
					t.Error("a packet for a namespace that was left")
				}
			}
		})
	}
}

func TestWebSocketEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(*wsClient, *conn)
		want versions.Reason
		last []string
	}{
		{"close frame", func(ws *wsClient, _ *conn) {
			_ = ws.ws.WriteMessage(websocket.CloseMessage, nil)
		}, versions.ReasonTransportClose, nil},
		{"connection closed", func(ws *wsClient, _ *conn) {
			_ = ws.ws.NetConn().Close()
		}, versions.ReasonTransportClose, nil},
		{"too large", func(ws *wsClient, _ *conn) {
			_ = ws.ws.WriteMessage(websocket.TextMessage, make([]byte, 2<<20))
		}, versions.ReasonTransportError, nil},
		{"disconnected in the default namespace", func(_ *wsClient, c *conn) {
			c.send("a")
			c.deliver(&packet.Packet{Type: packet.Disconnect, Namespace: "/"})
		}, versions.ReasonServerDisconnect, []string{"3:::a", "0::"}},
		{"closed by the application", func(_ *wsClient, c *conn) {
			c.Close(versions.ReasonForcedClose)
		}, versions.ReasonForcedClose, []string{"7:::1+0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			ws := s.websocket(s.handshake())
			ws.want("1::")
			tt.end(ws, s.conn())
			ws.want(tt.last...)
			ws.wantEnd()
			if r := receive(t, s.host.closings); r != tt.want {
				t.Errorf("reason %s", r)
			}
			s.until("session gone", func() bool { return s.srv.Sessions() == 0 })
		})
	}
}

func TestRootRefused(t *testing.T) {
	t.Parallel()
	h := newHost()
	h.refuseRoot = true
	s := newSite(t, h, nil)
	ws := s.websocket(s.handshake())
	ws.want("7:::2", "0::")
	ws.wantEnd()
}

// page reads the scripts of an htmlfile.
type page struct {
	t *testing.T
	r io.Reader
}

func (p *page) next() (string, error) {
	p.t.Helper()
	const open, end = "<script>_(", ");</script>"
	var b []byte
	for !bytes.HasSuffix(b, []byte(end)) {
		var one [1]byte
		if _, err := io.ReadFull(p.r, one[:]); err != nil {
			return string(b), err
		}
		b = append(b, one[0])
	}
	var s string
	if err := json.Unmarshal(bytes.TrimSuffix(bytes.TrimPrefix(b, []byte(open)), []byte(end)), &s); err != nil {
		p.t.Fatalf("%s: %v", b, err)
	}
	return s, nil
}

func (p *page) want(payloads ...string) {
	p.t.Helper()
	for _, want := range payloads {
		if got, err := p.next(); err != nil || got != want {
			p.t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
}

func (p *page) wantEnd() {
	p.t.Helper()
	if got, err := p.next(); err == nil || got != "" {
		p.t.Fatalf("got %q, %v, want the end", got, err)
	}
}

func (s *site) htmlfile(sid string) *page {
	s.t.Helper()
	c := s.dial("GET /socket.io/1/htmlfile/" + sid + "/?t=1795196254333 HTTP/1.1\r\nHost: h\r\n\r\n")
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	head := make([]byte, htmlfilePreamble)
	if _, err := io.ReadFull(resp.Body, head); err != nil || len(htmlfileScript) != 83 ||
		string(head) != htmlfileScript+strings.Repeat(" ", 173) {
		s.t.Fatalf("%q, %v", head, err)
	}
	if resp.Header.Get("Content-Type") != "text/html; charset=UTF-8" || len(resp.TransferEncoding) != 1 {
		s.t.Errorf("%v %v", resp.Header, resp.TransferEncoding)
	}
	return &page{s.t, resp.Body}
}

func TestHTMLFile(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	sid := s.handshake()
	p := s.htmlfile(sid)
	p.want("1::")
	c := s.conn()
	path := "/htmlfile/" + sid
	if a := s.post(path, "1::/chat"); a.body != "1" {
		t.Errorf("%+v", a)
	}
	p.want("1::/chat")
	c.send("</script>\\/\n")
	p.want(`4:::"</script>\\\u002f\n"`)
	s.post(path, "3:1::x")
	p.want("6:::1")
	volatile := event("/", "v", "")
	volatile.Volatile = true
	s.until("a volatile packet finds the page idle", func() bool {
		return c.Deliver(packet.Prepare(volatile)) == nil
	})
	p.want(`5:::{"name":"v"}`)
	s.post(path, "0::")
	p.want("0::")
	p.wantEnd()
	if r := receive(t, s.host.closings); r != versions.ReasonClientDisconnect {
		t.Errorf("reason %s", r)
	}
}

func TestHTMLFileGone(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	sid := s.handshake()
	c := s.dial("GET /socket.io/1/htmlfile/" + sid + " HTTP/1.1\r\nHost: h\r\n\r\n")
	s.conn()
	_ = c.Close()
	if r := receive(t, s.host.closings); r != versions.ReasonTransportClose && r != versions.ReasonTransportError {
		t.Errorf("reason %s", r)
	}
}

func TestHTMLFileWorn(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.StreamMaxBytes = 1000 })
	sid := s.handshake()
	p := s.htmlfile(sid)
	p.want("1::")
	c := s.conn()
	long := strings.Repeat("x", 1000)
	c.send(long)
	p.want("3:::"+long, "7:::1+0")
	p.wantEnd()
	if a := s.get("/xhr-polling/" + sid); a.body != "7:::1+0" {
		t.Errorf("%+v", a)
	}
}

// TestFallBack moves clients from one transport to another.
func TestFallBack(t *testing.T) {
	t.Parallel()
	t.Run("unheard", func(t *testing.T) {
		// A proxy swallows what the websocket carries: the client has got nothing.
		t.Parallel()
		s := newSite(t, newHost(), nil)
		sid := s.handshake()
		ws := s.websocket(sid)
		c := s.conn()
		c.send("a")
		c.send("b")
		ws.want("1::", "3:::a", "3:::b") // as far as the proxy
		path := "/xhr-polling/" + sid
		if a := s.get(path); a.body != "\ufffd3\ufffd1::\ufffd5\ufffd3:::a\ufffd5\ufffd3:::b" {
			t.Fatalf("%q", a.body)
		}
		c.send("c")
		if a := s.get(path); a.body != "3:::c" {
			t.Fatalf("%q", a.body)
		}
		if got := c.Info().Transport; got != "xhr-polling" {
			t.Errorf("transport %s", got)
		}
		ws.write("3:::late", "0::") // the old connection has stayed open
		_ = ws.ws.Close()
		c.send("d")
		if a := s.get(path); a.body != "3:::d" {
			t.Fatalf("%q", a.body)
		}
		if len(s.host.packets) != 0 || len(s.host.closings) != 0 {
			t.Error("a late frame was heard")
		}
	})
	t.Run("heard", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		poll := s.poll(path)
		s.held(c.ID(), true)
		c.send("a")
		receive(t, poll)
		s.held(c.ID(), false)
		c.send("b")
		ws := s.websocket(c.ID())
		ws.want("3:::b")
		ws.write("3:1::x")
		ws.want("6:::1")
		p := s.htmlfile(c.ID())
		s.until("the page is the carrier", func() bool { return c.Info().Transport == "htmlfile" })
		c.send("c")
		p.want("3:::c")
		poll = s.poll(strings.Replace(path, "xhr", "jsonp", 1) + "?i=1")
		s.until("the script is the carrier", func() bool { return c.Info().Transport == "jsonp-polling" })
		c.send("d")
		if a := receive(t, poll); a.body != `io.j[1]("3:::d");` {
			t.Errorf("%+v", a)
		}
	})
	t.Run("heard by a post", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		s.post(path, "2::")
		ws := s.websocket(c.ID())
		s.until("the connection is the carrier", func() bool { return c.Info().Transport == "websocket" })
		c.send("x")
		ws.want("3:::x") // and not again that it is connected
	})
	t.Run("hixie", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		r := s.dial("GET /socket.io/1/websocket/" + s.handshake() + " HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" +
			"Origin: http://www.example.com\r\nSec-WebSocket-Key1: 3-18r  M8* pS =h24 21 qy \"  70\r\nSec-WebSocket-Key2: 2545 l53{f46X48\r\n\r\n" +
			"\xe3\xba\x44\x44\xf6\x89\x1e\x6f")
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = r.r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, 16+len("\x001::\xff"))
		want := "\x0f\xd0\x31\x41\x25\xe6\x78\x39\xf1\xa8\x43\xee\x8b\xe5\x29\x71\x001::\xff"
		if _, err := io.ReadFull(r.r, got); err != nil || string(got) != want {
			t.Fatalf("%q, %v", got, err)
		}
		c := s.conn()
		if _, err := io.WriteString(r, "\x003:1::x\xff"); err != nil {
			t.Fatal(err)
		}
		if p := receive(t, s.host.packets); string(p.Args) != `"x"` {
			t.Errorf("%+v", p)
		}
		// An answer that is under way when the client closes would fail, and that may
		// be noticed first.
		answer := make([]byte, len("\x006:::1\xff"))
		if _, err := io.ReadFull(r.r, answer); err != nil || string(answer) != "\x006:::1\xff" {
			t.Fatalf("%q, %v", answer, err)
		}
		if _, err := io.WriteString(r, "\xff\x00"); err != nil {
			t.Fatal(err)
		}
		if reason := receive(t, s.host.closings); reason != versions.ReasonTransportClose {
			t.Errorf("reason %s", reason)
		}
		if got := c.Info().Dialect; got != "0.7.0-0.8.7" {
			t.Errorf("dialect %s", got)
		}
	})
	t.Run("poll replaced by a websocket", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		path, c := s.polling("xhr-polling")
		s.post(path, "2::")
		poll := s.poll(path)
		s.held(c.ID(), true)
		ws := s.websocket(c.ID())
		if a := receive(t, poll); a.body != "8::" {
			t.Errorf("%+v", a)
		}
		c.send("x")
		ws.want("3:::x")
	})
	t.Run("many connections", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, newHost(), nil)
		sid := s.handshake()
		var all []*wsClient
		for i := range maxRetired + 2 {
			all = append(all, s.websocket(sid))
			s.until("the connection is the carrier", func() bool {
				session := s.srv.lookup(sid)
				session.mu.Lock()
				defer session.mu.Unlock()
				return session.carrier != nil && len(session.retired) == min(i, maxRetired)
			})
			if i == 0 {
				all[0].want("1::")
			}
		}
		all[0].wantEnd()
		last := all[len(all)-1]
		last.write("3:1::x")
		last.want("6:::1")
	})
}

// TestFallBackWhileSending has a client fall back in the middle of a stream of
// packets, all of which it must get once and in order.
func TestFallBackWhileSending(t *testing.T) {
	t.Parallel()
	const n = 1000
	h := newHost()
	stop := make(chan struct{})
	h.connected = func(c versions.Conn) {
		go func() {
			defer close(stop)
			for i := range n {
				if err := c.Deliver(packet.Prepare(event("/", "n", fmt.Sprint(i)))); err != nil {
					t.Error(err)
				}
				if i%50 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}()
	}
	s := newSite(t, h, nil)
	sid := s.handshake()
	s.websocket(sid) // never read: swallowed
	s.conn()         // after which the connection has its place
	time.Sleep(5 * time.Millisecond)
	path := "/xhr-polling/" + sid
	next := -1
	for next < n {
		packets, err := DecodeColonPayload([]byte(s.get(path).body), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			want := fmt.Sprintf(`5:::{"name":"n","args":[%d]}`, next)
			if next < 0 {
				want = "1::"
			}
			if string(p) != want {
				t.Fatalf("got %s, want %s", p, want)
			}
			next++
		}
	}
	<-stop
}
