package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// answer is an HTTP response read whole; err is set if there was none.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// request sends one request. The query starts with EIO=3 unless it has an EIO
// of its own; header lists names and values in turn.
func (s *server) request(ctx context.Context, method, query, body string, header ...string) answer {
	r, err := http.NewRequestWithContext(ctx, method, s.url+"?"+withEIO(query), strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.http.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b), err}
}

func withEIO(query string) string {
	if strings.Contains(query, "EIO=") {
		return query
	}
	return "EIO=3&" + query
}

func (s *server) do(method, query, body string, header ...string) answer {
	s.t.Helper()
	a := s.request(context.Background(), method, query, body, header...)
	if a.err != nil {
		s.t.Fatalf("%s %s: %v", method, query, a.err)
	}
	return a
}

// poll sends a GET for a polling session.
func (s *server) poll(sid string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, "transport=polling&sid="+sid, "")
}

// post sends text packets for a polling session.
func (s *server) post(sid, body string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, "transport=polling&sid="+sid, body, "Content-Type", "text/plain;charset=UTF-8")
}

// wantPoll checks the body of the next poll.
func (s *server) wantPoll(sid, body string) {
	s.t.Helper()
	a := s.poll(sid)
	if a.status != http.StatusOK || a.body != body {
		s.t.Errorf("poll: %d %q, want %q", a.status, a.body, body)
	}
}

// wantRefused checks that a session is unknown to further polls.
func (s *server) wantRefused(sid string) {
	s.t.Helper()
	if a := s.poll(sid); a.status != http.StatusBadRequest || a.body != `{"code":1,"message":"Session ID unknown"}` {
		s.t.Errorf("poll: %d %q, want a refusal", a.status, a.body)
	}
}

// hold starts a poll, waits until it is held, and returns where its answer will
// come. The request ends with ctx.
func (s *server) hold(ctx context.Context, session *Session) <-chan answer {
	s.t.Helper()
	c := make(chan answer, 1)
	go func() { c <- s.request(ctx, http.MethodGet, "transport=polling&sid="+session.ID(), "") }()
	s.until("the poll is held", func() bool {
		session.mu.Lock()
		defer session.mu.Unlock()
		return session.held != nil
	})
	return c
}

// wantHeld checks the answer of a held poll.
func (s *server) wantHeld(c <-chan answer, body string) {
	s.t.Helper()
	select {
	case a := <-c:
		if a.err != nil || a.status != http.StatusOK || a.body != body {
			s.t.Errorf("held poll: %d %q %v, want %q", a.status, a.body, a.err, body)
		}
	case <-time.After(patienceOfTests):
		s.t.Fatalf("poll still held, want %q", body)
	}
}

type openPacket struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
}

func parseOpen(t *testing.T, packet string) openPacket {
	t.Helper()
	var o openPacket
	body, ok := strings.CutPrefix(packet, "0")
	if !ok {
		t.Fatalf("not an open packet: %q", packet)
	}
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatalf("open packet %q: %v", packet, err)
	}
	return o
}

// openPolling starts a polling session; query holds further parameters.
func (s *server) openPolling(query string) *Session {
	s.t.Helper()
	if a := s.do(http.MethodGet, "transport=polling&"+query, ""); a.status != http.StatusOK {
		s.t.Fatalf("handshake: %d %q", a.status, a.body)
	}
	return s.session()
}

// socket is a websocket client.
type socket struct {
	*websocket.Conn
	t *testing.T
}

// dial opens a websocket; it is closed when the test ends.
func (s *server) dial(query string, header ...string) (*socket, *http.Response, error) {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	d := websocket.Dialer{HandshakeTimeout: patienceOfTests}
	c, resp, err := d.Dial("ws://"+s.host+"/engine.io/?"+withEIO("transport=websocket&"+query), h)
	if err != nil {
		return nil, resp, err
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(2 * patienceOfTests))
	return &socket{Conn: c, t: s.t}, resp, nil
}

func (s *server) mustDial(query string, header ...string) *socket {
	s.t.Helper()
	c, _, err := s.dial(query, header...)
	if err != nil {
		s.t.Fatalf("websocket %s: %v", query, err)
	}
	return c
}

// openWebSocket starts a session on a websocket and reads its open packet.
func (s *server) openWebSocket(query string) (*socket, *Session) {
	s.t.Helper()
	c := s.mustDial(query)
	parseOpen(s.t, c.read())
	return c, s.session()
}

// probe opens a websocket for a polling session and exchanges the probe.
func (s *server) probe(sid, query string) *socket {
	s.t.Helper()
	c := s.mustDial("sid=" + sid + query)
	c.write("2probe")
	c.want("3probe")
	return c
}

func (c *socket) write(text string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// read returns the next message; that of a binary one starts with "bin:".
func (c *socket) read() string {
	c.t.Helper()
	kind, b, err := c.ReadMessage()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	if kind == websocket.BinaryMessage {
		return "bin:" + string(b)
	}
	return string(b)
}

func (c *socket) want(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if diff := cmp.Diff(m, c.read()); diff != "" {
			c.t.Errorf("message (-want +got):\n%s", diff)
		}
	}
}

// wantClose reads until the connection ends and checks the code; 1006 stands
// for an end without goodbye.
func (c *socket) wantClose(code int) {
	c.t.Helper()
	for {
		_, _, err := c.ReadMessage()
		if err == nil {
			continue
		}
		got := websocket.CloseAbnormalClosure
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			got = closed.Code
		}
		if got != code {
			c.t.Errorf("closed with %d (%v), want %d", got, err, code)
		}
		return
	}
}
