package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

const (
	textType  = "text/plain;charset=UTF-8"
	octetType = "application/octet-stream"
	formType  = "application/x-www-form-urlencoded"
)

// TestPollingUplink posts bodies of all eras, and looks at what arrives, and at
// the echo in the next poll.
func TestPollingUplink(t *testing.T) {
	t.Parallel()
	// what has to go out in a text body for what was not ASCII
	const clef = "é€😀"
	double := string(EncodeDouble(nil, []byte("4"+clef)))
	tests := []struct {
		name, query, contentType, body string
		want                           []received
		learnt                         []Tri
		pollType, poll                 string
	}{
		{
			name: "text", contentType: textType, body: "6:4test16:4test26:4test3",
			want:     []received{text("test1"), text("test2"), text("test3")},
			pollType: "text/plain; charset=UTF-8", poll: "6:4test16:4test26:4test3",
		},
		{
			name: "no content type", body: "2:4a", want: []received{text("a")},
			pollType: "text/plain; charset=UTF-8", poll: "2:4a",
		},
		{
			name: "other content type", contentType: "application/json", body: "2:4a", want: []received{text("a")},
			pollType: "text/plain; charset=UTF-8", poll: "2:4a",
		},
		{
			name: "octet stream with parameters is text", contentType: octetType + "; charset=x", body: "2:4a", want: []received{text("a")},
			pollType: "text/plain; charset=UTF-8", poll: "2:4a",
		},
		{
			name: "2.x, text encoded once", contentType: textType, body: "5:4" + clef, want: []received{text(clef)}, learnt: []Tri{No},
			pollType: octetType, poll: "\x00\x01\x00\xff4" + clef,
		},
		{
			name: "1.x, text encoded twice", contentType: textType, body: "10:" + double, want: []received{text(clef)}, learnt: []Tri{Yes},
			pollType: octetType, poll: "\x00\x01\x00\xff4" + clef,
		},
		{
			name: "2.x without binary", query: "b64=1", contentType: textType, body: "5:4" + clef, want: []received{text(clef)}, learnt: []Tri{No},
			pollType: "text/plain; charset=UTF-8", poll: "5:4" + clef,
		},
		{
			name: "1.x without binary", query: "b64=1", contentType: textType, body: "10:" + double, want: []received{text(clef)}, learnt: []Tri{Yes},
			pollType: "text/plain; charset=UTF-8", poll: "10:" + double,
		},
		{
			name: "lone surrogate of 1.x", contentType: textType, body: "4:4" + string(EncodeDouble(nil, []byte("\xed\xa0\x80"))),
			want: []received{text("\ufffd")}, learnt: []Tri{Yes}, pollType: octetType, poll: "\x00\x04\xff4\ufffd",
		},
		{
			name: "base64", query: "b64=1", contentType: textType, body: "6:4hello10:b4AQIDBA==",
			want:     []received{text("hello"), {"\x01\x02\x03\x04", true}},
			pollType: "text/plain; charset=UTF-8", poll: "6:4hello10:b4AQIDBA==",
		},
		{
			name: "base64 of a client that can binary", contentType: textType, body: "10:b4AQIDBA==",
			want: []received{{"\x01\x02\x03\x04", true}}, pollType: octetType, poll: "\x01\x05\xff\x04\x01\x02\x03\x04",
		},
		{
			name: "binary", contentType: octetType, body: "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04",
			want:     []received{text("hello"), {"\x01\x02\x03\x04", true}},
			pollType: octetType, poll: "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04",
		},
		{
			name: "text in a binary payload is UTF-8 once", query: "t=1795197040665-0", contentType: octetType, body: "\x00\x01\x00\xff4" + clef,
			want: []received{text(clef)}, pollType: octetType, poll: "\x00\x01\x00\xff4" + clef,
		},
		{
			name: "date stamp gets binary payloads only", query: "t=1795197040665-0", contentType: octetType, body: "\x00\x02\xff4a",
			want: []received{text("a")}, pollType: octetType, poll: "\x00\x02\xff4a",
		},
		{
			name: "form of JSONP, 2.5.0", query: "j=0", contentType: formType, body: "d=26%3A42%5B%22ev%22%2C%22%C3%A9%5C%5Cn%5C%5C%5Cn%E2%82%AC%F0%9F%98%80%5Cud800%22%5D",
			want: []received{text(`2["ev","é\n\\n€😀\ud800"]`)}, learnt: []Tri{No},
			pollType: "text/javascript; charset=UTF-8", poll: `___eio[0]("26:42[\"ev\",\"\u00e9\\n\\\\n\u20ac\ud83d\ude00\\ud800\"]");`,
		},
		{
			name: "form of JSONP, 1.7.4", query: "j=3", contentType: formType,
			body: "d=31%3A42%5B%22ev%22%2C%22%C3%83%C2%A9%5C%5Cn%5C%5C%5Cn%C3%A2%C2%82%C2%AC%C3%B0%C2%9F%C2%98%C2%80%5Cud800%22%5D",
			want: []received{text(`2["ev","é\n\\n€😀\ud800"]`)}, learnt: []Tri{Yes},
			pollType: "text/javascript; charset=UTF-8", poll: `___eio[3]("31:42[\"ev\",\"\u00c3\u00a9\\n\\\\n\u00e2\u0082\u00ac\u00f0\u009f\u0098\u0080\\ud800\"]");`,
		},
		{
			name: "form with a script in it", query: "j=0", contentType: formType, body: "d=" + "14%3A4%3C%2Fscript%3E%3C!--",
			want: []received{text("</script><!--")}, pollType: "text/javascript; charset=UTF-8",
			poll: `___eio[0]("14:4\u003c/script\u003e\u003c!--");`,
		},
		{
			name: "ping with data", contentType: textType, body: "6:2probe", poll: "1:3", pollType: "text/plain; charset=UTF-8",
		},
		{
			name: "packets that mean nothing here", contentType: textType, body: "1:61:52:0x1:32:4a", want: []received{text("a")},
			poll: "2:4a", pollType: "text/plain; charset=UTF-8",
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			sid := s.openPolling(tc.query).ID()
			header := []string{"Content-Type", tc.contentType}
			if tc.contentType == "" {
				header = nil
			}
			a := s.do(http.MethodPost, "transport=polling&sid="+sid, tc.body, header...)
			if a.status != http.StatusOK || a.body != "ok" || a.header.Get("Content-Type") != "text/html" || a.header.Get("Content-Length") != "2" {
				t.Fatalf("post: %d %q %v", a.status, a.body, a.header)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(a.header.Get("Set-Cookie"), "io="+sid) {
				t.Errorf("post: %v", a.header)
			}
			got, learnt := s.app.received()
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(received{})); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.learnt, learnt); diff != "" {
				t.Errorf("learnt (-want +got):\n%s", diff)
			}
			a = s.poll(sid)
			if diff := cmp.Diff(tc.poll, a.body); diff != "" {
				t.Errorf("poll (-want +got):\n%s", diff)
			}
			if got := a.header.Get("Content-Type"); got != tc.pollType {
				t.Errorf("poll of type %q, want %q", got, tc.pollType)
			}
			s.wantAlive()
		})
	}
}

// TestPollingGarbage: a body that is no payload is answered as any other, and
// ends the session; what stood before the fault counts.
func TestPollingGarbage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query, contentType, body string
		want                           []received
	}{
		{name: "letters", contentType: textType, body: "abc"},
		{name: "empty", contentType: textType},
		{name: "length over the end", contentType: textType, body: "9:4a"},
		{name: "cut in a surrogate pair", contentType: textType, body: "2:4😀"},
		{name: "unknown packet type", contentType: textType, body: "1:7"},
		{name: "bad base64", contentType: textType, body: "4:b4!!"},
		{name: "after a packet", contentType: textType, body: "2:4ax", want: []received{text("a")}},
		{name: "unknown type after a packet", contentType: textType, body: "2:4a1:9", want: []received{text("a")}},
		{name: "binary payload of letters", contentType: octetType, body: "abc"},
		{name: "binary payload cut short", contentType: octetType, body: "\x00\x09\xff4a"},
		{name: "form", query: "j=0", contentType: formType, body: "d=abc"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			session := s.openPolling(tc.query)
			var held <-chan answer
			if tc.want == nil {
				held = s.hold(t.Context(), session)
			}
			a := s.do(http.MethodPost, "transport=polling&sid="+session.ID(), tc.body, "Content-Type", tc.contentType)
			if a.status != http.StatusOK || a.body != "ok" {
				t.Errorf("%d %q, want 200 ok", a.status, a.body)
			}
			s.wantEnd(versions.ReasonParseError)
			got, _ := s.app.received()
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(received{})); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			switch {
			case tc.query != "":
				s.wantHeld(held, `___eio[0]("1:1");`)
			case held != nil:
				s.wantHeld(held, "1:1")
			}
			s.wantRefused(session.ID())
			s.wantGone()
		})
	}
}

// TestPollingFormWithoutData: genuine servers notice nothing.
func TestPollingFormWithoutData(t *testing.T) {
	t.Parallel()
	s := start(t)
	sid := s.openPolling("j=0").ID()
	for _, body := range []string{"", "x=1", "dd=1"} {
		a := s.do(http.MethodPost, "transport=polling&sid="+sid, body, "Content-Type", formType)
		if a.status != http.StatusOK || a.body != "ok" {
			t.Errorf("%q: %d %q", body, a.status, a.body)
		}
	}
	s.wantAlive()
}

func TestPollingMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	sid := s.openPolling("").ID()
	query := "transport=polling&sid=" + sid
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if a := s.do(method, query, ""); a.status != http.StatusInternalServerError || a.body != "" {
			t.Errorf("%s: %d %q", method, a.status, a.body)
		}
	}
	a := s.do(http.MethodOptions, query, "", "Origin", "http://app.test", "Access-Control-Request-Method", "POST")
	want := map[string]string{
		"Access-Control-Allow-Origin":      "http://app.test",
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Headers":     "Content-Type",
		"Access-Control-Allow-Methods":     "",
		"Content-Length":                   "0",
		"Content-Type":                     "",
		"X-Content-Type-Options":           "nosniff",
	}
	for name, value := range want {
		if got := a.header.Get(name); got != value {
			t.Errorf("OPTIONS: %s: %q, want %q", name, got, value)
		}
	}
	if a.status != http.StatusOK || a.body != "" {
		t.Errorf("OPTIONS: %d %q", a.status, a.body)
	}
	if a := s.do(http.MethodGet, "transport=websocket&sid="+sid, ""); a.status != http.StatusBadRequest || a.body != `{"code":3,"message":"Bad request"}` {
		t.Errorf("plain GET for the other transport: %d %q", a.status, a.body)
	}
	s.wantAlive()
	s.wantPollAfterSend(sid)
}

// TestPollingOtherTransport: plain requests for a session that started on a
// websocket.
func TestPollingOtherTransport(t *testing.T) {
	t.Parallel()
	s := start(t)
	c, session := s.openWebSocket("")
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		a := s.do(method, "transport=polling&sid="+session.ID(), "")
		if a.status != http.StatusBadRequest || a.body != `{"code":3,"message":"Bad request"}` {
			t.Errorf("%s: %d %q", method, a.status, a.body)
		}
	}
	c.write("4still here")
	c.want("4still here")
}

func TestPollingOverlappingGets(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	held := s.hold(t.Context(), session)
	if a := s.poll(session.ID()); a.status != http.StatusInternalServerError || a.body != "" {
		t.Errorf("second poll: %d %q", a.status, a.body)
	}
	s.wantHeld(held, "1:1")
	s.wantEnd(versions.ReasonTransportError)
	s.wantRefused(session.ID())
	s.wantGone()
}

func TestPollingOverlappingPosts(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	body, more := io.Pipe()
	first := make(chan answer, 1)
	go func() {
		r, _ := http.NewRequest(http.MethodPost, s.url+"?EIO=3&transport=polling&sid="+session.ID(), body)
		resp, err := s.http.Do(r)
		if err != nil {
			first <- answer{err: err}
			return
		}
		_ = resp.Body.Close()
		first <- answer{status: resp.StatusCode}
	}()
	s.until("the first post is being read", func() bool {
		session.mu.Lock()
		defer session.mu.Unlock()
		return session.posting
	})
	if a := s.post(session.ID(), "2:4a"); a.status != http.StatusInternalServerError || a.body != "" {
		t.Errorf("second post: %d %q", a.status, a.body)
	}
	s.wantEnd(versions.ReasonTransportError)
	_, _ = io.WriteString(more, "2:4b")
	_ = more.Close()
	if a := <-first; a.err != nil || a.status != http.StatusOK {
		t.Errorf("first post: %+v", a)
	}
	if got, _ := s.app.received(); len(got) != 0 {
		t.Errorf("messages after the end: %v", got)
	}
	s.wantGone()
}

func TestPollingTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 5000
	body := func(n int) string { return fmt.Sprintf("%d:4%s", n+1, strings.Repeat("x", n)) }
	for _, chunked := range []bool{false, true} {
		t.Run(fmt.Sprint("chunked ", chunked), func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *setup) { s.profile.MaxPayload = limit })
			session := s.openPolling("")
			post := func(body string) (*http.Response, error) {
				var r io.Reader = strings.NewReader(body)
				if chunked {
					r = io.MultiReader(r) // hides the length
				}
				req, _ := http.NewRequest(http.MethodPost, s.url+"?EIO=3&transport=polling&sid="+session.ID(), r)
				return s.http.Do(req)
			}
			resp, err := post(body(limit - len("4996:4")))
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("at the limit: %v, %v", resp, err)
			}
			_ = resp.Body.Close()
			s.wantAlive()
			s.poll(session.ID())

			held := s.hold(t.Context(), session)
			if resp, err := post(body(limit - len("4996:4") + 1)); err == nil {
				_ = resp.Body.Close()
				t.Errorf("over the limit: status %d, want a cut connection", resp.StatusCode)
			}
			s.wantEnd(versions.ReasonTransportError)
			s.wantHeld(held, "1:1")
			s.wantGone()
		})
	}
}

func TestPollingBudget(t *testing.T) {
	t.Parallel()
	budget := transports.NewBudget(100_000)
	s := start(t, func(s *setup) {
		s.profile.MaxPayload = 10_000_000
		s.params.Budget = budget
	})
	session := s.openPolling("")
	a := s.post(session.ID(), "1000001:4"+strings.Repeat("x", 1_000_000))
	if a.status != http.StatusServiceUnavailable {
		t.Errorf("%d %q, want 503", a.status, a.body)
	}
	s.wantEnd(versions.ReasonTransportError)
	if n := budget.Used(); n != 0 {
		t.Errorf("%d bytes still in use", n)
	}
}

// TestPollingDropped: a client that cuts its held poll is gone.
func TestPollingDropped(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	ctx, cancel := context.WithCancel(t.Context())
	held := s.hold(ctx, session)
	cancel()
	s.wantEnd(versions.ReasonTransportError)
	if a := <-held; !errors.Is(a.err, context.Canceled) {
		t.Errorf("held poll: %+v", a)
	}
	s.wantRefused(session.ID())
	s.wantGone()
}
