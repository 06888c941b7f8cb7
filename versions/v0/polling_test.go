package v0

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

func TestXHRPolling(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path := "/xhr-polling/" + s.handshake() + "?t=1795195938441"
	a := s.get(path, "Origin", "http://ex.com")
	want := answered{200, http.Header{
		"Content-Type":                     {"text/plain; charset=UTF-8"},
		"Content-Length":                   {"3"},
		"Connection":                       {"Keep-Alive"},
		"Access-Control-Allow-Origin":      {"http://ex.com"},
		"Access-Control-Allow-Credentials": {"true"},
		"X-Content-Type-Options":           {"nosniff"},
		"Vary":                             {"Origin"},
	}, "1::"}
	a.header.Del("Date")
	if diff := cmp.Diff(want, a, cmp.AllowUnexported(answered{})); diff != "" {
		t.Errorf("GET (-want +got):\n%s", diff)
	}
	c := s.conn()
	a = s.post(path, "3:::hello", "Origin", "http://ex.com", "Content-Type", "text/plain;charset=UTF-8")
	want = answered{200, http.Header{
		"Content-Type":                     {"text/plain; charset=UTF-8"},
		"Content-Length":                   {"1"},
		"Access-Control-Allow-Origin":      {"http://ex.com"},
		"Access-Control-Allow-Credentials": {"true"},
		"X-Content-Type-Options":           {"nosniff"},
		"X-Xss-Protection":                 {"0"},
		"Vary":                             {"Origin"},
	}, "1"}
	a.header.Del("Date")
	if diff := cmp.Diff(want, a, cmp.AllowUnexported(answered{})); diff != "" {
		t.Errorf("POST (-want +got):\n%s", diff)
	}
	if p := receive(t, s.host.packets); p.Name != "message" || string(p.Args) != `"hello"` {
		t.Errorf("%+v", p)
	}
	c.send("x")
	if a := s.get(path); a.body != "3:::x" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without an origin: %+v", a)
	}
}

// TestPollingTranscript is a client's session as it was seen on the wire.
func TestPollingTranscript(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("xhr-polling")
	sid := c.ID()
	step := func(body, want string) {
		t.Helper()
		poll := s.poll(path)
		s.held(sid, true)
		if a := s.post(path, body); a.body != "1" {
			t.Fatalf("POST: %+v", a)
		}
		if a := receive(t, poll); a.body != want {
			t.Fatalf("GET after %s: %q, want %q", body, a.body, want)
		}
	}
	step("3:1::with ack", "6:::1")
	step("4:2::{}", "6:::2")
	step(`5:7::{"name":"old"}`, "6:::7")
	step(`5:2+::{"name":"ev","args":[1,"two"]}`, `6:::2+[1,"two"]`)
	step(`5:5+::{"name":"cb0"}`, "6:::5")
	step("1::/chat", "1::/chat")
	step("1::/priv", "7::/priv:2")
	step("1::/nope", "7::/nope:2")
	step(`5:1+:/chat:{"name":"hi","args":[5]}`, "6::/chat:1+[5]")
	step("\ufffd4\ufffd3:::\ufffd14\ufffd3:9::héllo € 😀", "6:::9")
	c.deliver(asked(0, event("/", "evack", "1")))
	if a := s.get(path); a.body != `5:1+::{"name":"evack","args":[1]}` {
		t.Fatalf("%+v", a)
	}
	s.post(path, `6:::1+["x",{"y":1}]`)
	var last *packet.Packet
	for last == nil || last.Type != packet.Ack {
		last = receive(t, s.host.packets)
	}
	if last.ID != 0 || string(last.Args) != `"x",{"y":1}` {
		t.Errorf("ack %+v", last)
	}
	poll := s.poll(path)
	s.held(sid, true)
	if a := s.post(path, "0::"); a.body != "1" {
		t.Errorf("goodbye: %+v", a)
	}
	if a := receive(t, poll); a.body != "0::" {
		t.Errorf("open poll: %+v", a)
	}
	if r := receive(t, s.host.closings); r != versions.ReasonClientDisconnect {
		t.Errorf("reason %s", r)
	}
	if a := s.post(path, "0::"); a.body != "1" {
		t.Errorf("second goodbye: %+v", a)
	}
}

func TestInboundHoles(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, _ := s.polling("xhr-polling")
	for _, body := range []string{
		`5:1::{"name":"disconnect"}`,                           // blacklisted
		`5:1:/chat:{"name":"early"}`,                           // not joined
		`4:10:/nope:{}`,                                        // there is none
		`4:2::{`, `5:3::{"name":1}`, `9::`, `junk`, `2::`, "1", // nothing to read
		`1::`,  // connected already
		`1::/`, // no namespace
	} {
		s.post(path, body)
	}
	s.post(path, "\ufffd8\ufffd1::/chat\ufffd30\ufffd5:::{\"name\":\"a\",\"args\":[\"b\"]}")
	s.post(path, `5::/chat:{"name":"joined"}`)
	s.post(path, `0::/chat`)
	s.post(path, `5:4:/chat:{"name":"left"}`)
	s.post(path, `3:::end`)
	var got []string
	for len(got) == 0 || got[len(got)-1] != "event/ message" {
		p := receive(t, s.host.packets)
		got = append(got, p.Type.String()+p.Namespace+" "+p.Name)
	}
	want := []string{"event/ a", "event/chat joined", "disconnect/chat ", "event/ message"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a := s.get(path); a.body != "1::/chat" {
		t.Errorf("answers: %q", a.body)
	}
}

func TestPollingQueue(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("xhr-polling")
	c.send("a")
	c.send("é😀")
	volatile := event("/", "v", "")
	volatile.Volatile = true
	if err := c.Deliver(packet.Prepare(volatile)); !errors.Is(err, versions.ErrDropped) {
		t.Errorf("volatile without a poll: %v", err)
	}
	if a := s.get(path); a.body != "\ufffd5\ufffd3:::a\ufffd7\ufffd3:::é😀" {
		t.Errorf("%q", a.body)
	}
	poll := s.poll(path)
	s.held(c.ID(), true)
	if err := c.Deliver(packet.Prepare(volatile)); err != nil {
		t.Errorf("volatile with a poll: %v", err)
	}
	if a := receive(t, poll); a.body != `5:::{"name":"v"}` {
		t.Errorf("%q", a.body)
	}
}

func TestTwoPolls(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("xhr-polling")
	first := s.poll(path)
	s.held(c.ID(), true)
	second := s.poll(path)
	if a := receive(t, first); a.body != "8::" {
		t.Errorf("older poll: %+v", a)
	}
	c.send("x")
	if a := receive(t, second); a.body != "3:::x" {
		t.Errorf("newer poll: %+v", a)
	}
}

func TestJSONPPolling(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("jsonp-polling")
	c.send("</script>\u2028\"")
	c.send("b")
	a := s.get(path+"?i=12", "Origin", "http://ex.com")
	script, _ := strings.CutPrefix(a.body, "io.j[12](")
	script, _ = strings.CutSuffix(script, ");")
	var payload string
	if err := json.Unmarshal([]byte(script), &payload); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	if payload != "\ufffd23\ufffd4:::\"</script>\\u2028\\\"\"\ufffd5\ufffd3:::b" || strings.ContainsAny(a.body, "<\u2028") {
		t.Errorf("%q", payload)
	}
	for key, want := range map[string]string{
		"Content-Type": "text/javascript; charset=UTF-8", "Connection": "Keep-Alive",
		"X-Xss-Protection": "0", "Access-Control-Allow-Origin": "", "X-Content-Type-Options": "nosniff",
	} {
		if got := a.header.Get(key); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	for _, i := range []string{"", "?i=", "?i=a", "?i=-1", "?i=0);alert(1", "?i=123456789012345678901"} {
		c.send("x")
		if a := s.get(path + strings.ReplaceAll(i, ")", "%29")); a.body != `io.j[0]("3:::x");` {
			t.Errorf("%s: %s", i, a.body)
		}
	}
	if got := c.Info().Dialect; got != "0.7-0.9" {
		t.Errorf("dialect %s", got)
	}
	quoted, err := json.Marshal("3:::a\nb")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{string(quoted), "3:::a\r\nb"} {
		a := s.post(path+"?t=1&i=0", "d="+url.QueryEscape(d), "Content-Type", "application/x-www-form-urlencoded")
		if a.body != "1" || a.header.Get("Content-Type") != "text/plain; charset=UTF-8" {
			t.Errorf("%+v", a)
		}
		if p := receive(t, s.host.packets); string(p.Args) != `"a\nb"` {
			t.Errorf("%s arrives as %s", d, p.Args)
		}
	}
	if got := c.Info().Dialect; got != "0.7.0-0.8.5" {
		t.Errorf("dialect %s", got)
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), func(p *Params) { p.DestroyBufferSize = 100 })
	path, c := s.polling("xhr-polling")
	if a, err := s.do(http.MethodPost, path, "3:::"+strings.Repeat("x", 97)); err == nil {
		t.Errorf("got %+v", a)
	}
	if a := s.post(path, "3:::"+strings.Repeat("x", 96)); a.body != "1" {
		t.Errorf("got %+v", a)
	}
	c.send("still there")
	if a := s.get(path); a.body != "3:::still there" {
		t.Errorf("got %+v", a)
	}
}

func TestFirstRequestPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path := "/xhr-polling/" + s.handshake()
	s.post(path, "3:::first")
	if a := s.get(path); a.body != "1::" {
		t.Errorf("%+v", a)
	}
	if p := receive(t, s.host.packets); string(p.Args) != `"first"` {
		t.Errorf("%+v", p)
	}
}

// TestCutPolls cuts the connections of polls at every stage. Nothing may be lost,
// doubled or out of order.
func TestCutPolls(t *testing.T) {
	t.Parallel()
	const size = 1 << 20 // more than the network takes without a reader
	big := strings.Repeat("0123456789abcdef", size/16)
	stages := []struct {
		name string
		cut  func(s *site, sid string, r *raw, send func(string))
	}{
		{"before it is held", func(_ *site, _ string, r *raw, _ func(string)) { _ = r.Close() }},
		{"while it is held", func(s *site, sid string, r *raw, _ func(string)) {
			s.held(sid, true)
			_ = r.Close()
			s.held(sid, false)
		}},
		{"at the moment of sending", func(s *site, sid string, r *raw, send func(string)) {
			s.held(sid, true)
			_ = r.Close()
			send("at once")
			s.held(sid, false)
		}},
		{"while the head is read", func(s *site, sid string, r *raw, send func(string)) {
			s.held(sid, true)
			send(big)
			_, _ = io.ReadFull(r, make([]byte, 20))
			_ = r.Close()
			s.held(sid, false)
		}},
		{"in the middle of the body", func(s *site, sid string, r *raw, send func(string)) {
			s.held(sid, true)
			send(big)
			_, _ = io.ReadFull(r, make([]byte, size/2))
			_ = r.Close()
			s.held(sid, false)
		}},
		{"near the end of the body", func(s *site, sid string, r *raw, send func(string)) {
			s.held(sid, true)
			send(big)
			_, _ = io.ReadFull(r, make([]byte, 1<<16))
			send("another") // waits behind it
			_ = r.Close()
			s.held(sid, false)
		}},
		{"while another poll comes", func(s *site, sid string, r *raw, send func(string)) {
			s.held(sid, true)
			send(big)
			_, _ = io.ReadFull(r, make([]byte, 1<<16))
			second := s.dial("GET /socket.io/1/xhr-polling/" + sid + " HTTP/1.1\r\nHost: h\r\n\r\n")
			_ = r.Close()
			_, _ = io.ReadFull(second, make([]byte, 1<<10))
			_ = second.Close()
			s.held(sid, false)
		}},
	}
	for _, stage := range stages {
		t.Run(stage.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			path, c := s.polling("xhr-polling")
			var want []string
			send := func(text string) {
				want = append(want, "3:::"+text)
				c.send(text)
			}
			r := s.dial("GET /socket.io/1" + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
			stage.cut(s, c.ID(), r, send)
			send("after")
			var got []string
			for len(got) < len(want) {
				packets, err := DecodeColonPayload([]byte(s.get(path).body), 0)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range packets {
					if string(p) != "8::" {
						got = append(got, string(p))
					}
				}
			}
			if !cmp.Equal(want, got) {
				t.Errorf("got %d packets of %s, want %d of %s", len(got), lengths(got), len(want), lengths(want))
			}
			if n := s.srv.Sessions(); n != 1 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func lengths(packets []string) string {
	var out []int
	for _, p := range packets {
		out = append(out, len(p))
	}
	return fmt.Sprint(out)
}

func TestOrderAcrossPolls(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	path, c := s.polling("xhr-polling")
	const n = 1000
	go func() {
		for i := range n {
			c.send(fmt.Sprint(i))
			if i%100 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	for next := 0; next < n; {
		packets, err := DecodeColonPayload([]byte(s.get(path).body), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			if string(p) != fmt.Sprintf("3:::%d", next) {
				t.Fatalf("%s, want %d", p, next)
			}
			next++
		}
	}
}
