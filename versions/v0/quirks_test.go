package v0

import (
	"net/url"
	"strings"
	"testing"
)

// Each quirk of genuine clients of 0.7 to 0.9 is a test. Tests of the suite are
// run by the clients themselves, in compat/interop.
//
//	newlines: a stray "1::"           TestInboundHoles
//	  text with line terminators      TestEncode; suite: text, message-text
//	  U+2028 in events and acks       TestEncode; suite: text, ack-from-client
//	"?t179..." without "=", "SID/?t=" TestQuirkURLs, TestInfo; negotiate.TestDetect
//	raw JSONP posts                   TestJSONPPolling, TestDecodeJSONPForm; suite over jsonp-polling
//	acks by arity                     TestQuirkAcks; suite: ack-arity
//	  no answer to events with an id  TestEncode: an event that asks always has "+"
//	"0::" for a dead session          TestUnknownSession
//	odd Host and Origin of node       TestQuirkOrigins, TestFallBack/hixie
//	old transport left open           TestFallBack, TestFallBackWhileSending; suite: fall-back; TestRoom
//	leaving without an answer,        TestQuirkRejoin; suite: namespace
//	  coming back to a namespace
//	transports merged into a list     suite: connect, which looks at the transport
//	namespaces on one connection      suite: namespace, namespace-at-once
//	a handshake for each reconnection suite: reconnect; TestLateReturn
//
// The holes of the genuine server are closed, which TestInboundHoles, TestNeutral
// and the root's TestReservedNames see to.

// TestQuirkURLs takes polls and posts under the URLs that releases have made for
// them.
func TestQuirkURLs(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"xhr-polling", "jsonp-polling"} {
		for _, tail := range []string{
			"?t1795196254333",      // 0.7.0 to 0.7.4
			"/?t=1795196254333",    // 0.7.0 to 0.7.4, scripts and pages
			"",                     // 0.7.5
			"?t=1795196254333",     // later
			"?foo=bar&t=17&i=0",    // a query of the application's
			"/?t1795196254333&i=0", // both
		} {
			t.Run(transport+tail, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, newHost(), nil)
				path, _ := s.polling(transport)
				body := "5:1+::" + `{"name":"a","args":[1]}`
				answer := "6:::1+[1]"
				if transport == "jsonp-polling" {
					body, answer = "d="+url.QueryEscape(body), `io.j[0]("6:::1+[1]");`
				}
				if a := s.post(path+tail, body, "Content-Type", "application/x-www-form-urlencoded"); a.status != 200 || a.body != "1" {
					t.Errorf("POST: %+v", a)
				}
				if p := receive(t, s.host.packets); p.Name != "a" {
					t.Errorf("%+v", p)
				}
				if a := s.get(path + tail); a.body != answer {
					t.Errorf("GET: %+v", a)
				}
			})
		}
	}
	for _, tail := range []string{"?t1795196254333", "/?t=1795196254333", ""} {
		t.Run("htmlfile"+tail, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, newHost(), nil)
			sid := s.handshake()
			p := s.htmlfile(sid + tail)
			p.want("1::")
			s.conn()
			s.post("/htmlfile/"+sid+tail, `5:1+::{"name":"a"}`)
			p.want("6:::1")
		})
	}
}

// TestQuirkAcks: clients of 0.7.0 to 0.7.2 choose the kind of an acknowledgement
// by the callback's parameters, for events and for messages.
func TestQuirkAcks(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	ws := s.websocket(s.handshake())
	ws.want("1::")
	c := s.conn()
	ws.write(`5:1::{"name":"a","args":["x"]}`)
	ws.want("6:::1") // by the library, which has no arguments
	ws.write(`5:2+::{"name":"a","args":["x"]}`)
	ws.want(`6:::2+["x"]`)
	ws.write("3:3::x")
	ws.want("6:::3")
	ws.write("3:4+::x")
	ws.want(`6:::4+["x"]`)
	if got := c.Info().Dialect; got != "0.7.0-0.7.2" {
		t.Errorf("dialect %s", got)
	}
}

// TestQuirkOrigins: what node clients say of where they are is no URL, or one of
// a host that they have never seen.
func TestQuirkOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	for _, origin := range []string{"127.0.0.1:7310", "http://www.example.com", "null"} {
		a := s.get("/?t=1", "Origin", origin)
		sid, _, _ := strings.Cut(a.body, ":")
		if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: %+v", origin, a)
		}
		if a := s.get("/xhr-polling/"+sid, "Origin", origin); a.body != "1::" || a.header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: %+v", origin, a)
		}
		s.conn()
	}
}

// TestQuirkRejoin: a client that leaves a namespace waits for no answer, and may
// ask for it again.
func TestQuirkRejoin(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHost(), nil)
	ws := s.websocket(s.handshake())
	ws.want("1::")
	s.conn()
	for range 3 {
		ws.write("1::/chat")
		ws.want("1::/chat")
		ws.write(`5:1+:/chat:{"name":"in"}`)
		ws.want("6::/chat:1")
		ws.write("0::/chat", `5:2+:/chat:{"name":"out"}`, `5:3+::{"name":"still here"}`)
		ws.want("6:::3") // and nothing for the two before it
	}
	for _, want := range []string{"in", "", "still here"} {
		if p := receive(t, s.host.packets); p.Name != want {
			t.Errorf("%s %q, want %q", p.Type, p.Name, want)
		}
	}
}
