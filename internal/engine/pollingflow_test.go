package engine

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/versions"
)

// TestPollingHalfPost: a client that dies within a body, or stops sending it.
func TestPollingHalfPost(t *testing.T) {
	t.Parallel()
	for _, dies := range []bool{true, false} {
		t.Run(fmt.Sprint("dies ", dies), func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *setup) {
				if !dies {
					s.params.UplinkTimeout = 50 * time.Millisecond
				}
			})
			session := s.openPolling("")
			conn, err := net.Dial("tcp", s.host)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, _ = fmt.Fprintf(conn, "POST /engine.io/?EIO=3&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n2:4a", session.ID())
			if dies {
				s.until("the post is being read", func() bool {
					session.mu.Lock()
					defer session.mu.Unlock()
					return session.posting
				})
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
			s.wantEnd(versions.ReasonTransportError)
			if got, _ := s.app.received(); len(got) != 0 {
				t.Errorf("messages of half a body: %v", got)
			}
			s.wantGone()
		})
	}
}

// TestPollingCompression: answers from the threshold on, unless every packet in
// them asks for none.
func TestPollingCompression(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.CompressHTTP = 1024 })
	session := s.openPolling("")
	get := func() answer {
		return s.do(http.MethodGet, "transport=polling&sid="+session.ID(), "", "Accept-Encoding", "gzip, deflate")
	}
	long := strings.Repeat("x", 2000)
	for _, tc := range []struct {
		name       string
		message    string
		noCompress bool
		encoding   string
	}{
		{"long", long, false, "gzip"},
		{"short", "x", false, ""},
		{"not wanted", long, true, ""},
	} {
		f := frames(text(tc.message))
		f[0].NoCompress = tc.noCompress
		if err := session.Send(f, false); err != nil {
			t.Fatal(err)
		}
		a := get()
		want := fmt.Sprintf("%d:4%s", len(tc.message)+1, tc.message)
		got := a.body
		if a.header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		}
		if a.header.Get("Content-Encoding") != tc.encoding || got != want {
			t.Errorf("%s: %v, %d bytes, want %d", tc.name, a.header, len(got), len(want))
		}
	}
}

// TestPollingVolatile: a volatile packet is taken only while a poll is held.
func TestPollingVolatile(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	if err := session.Send(frames(text("lost")), true); !errors.Is(err, versions.ErrDropped) {
		t.Errorf("without a poll: %v", err)
	}
	held := s.hold(t.Context(), session)
	if err := session.Send(frames(text("taken")), true); err != nil {
		t.Errorf("with a poll: %v", err)
	}
	s.wantHeld(held, "6:4taken")
}

// TestPollingLargeAnswer: what waits is cut into several answers.
func TestPollingLargeAnswer(t *testing.T) {
	t.Parallel()
	s := start(t)
	session := s.openPolling("")
	m := strings.Repeat("x", 3<<20)
	for range 3 {
		if err := send(session, text(m)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		if a := s.poll(session.ID()); len(a.body) != len("3145729:4")+len(m) {
			t.Errorf("answer %d has %d bytes", i, len(a.body))
		}
	}
	s.wantAlive()
}

func TestPollingSlow(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *setup) { s.params.Outbox.Frames = 10 })
	session := s.openPolling("")
	s.poll2(session)
	var err error
	for range 11 {
		err = send(session, text("x"))
	}
	if !errors.Is(err, versions.ErrSlow) {
		t.Errorf("over the bound: %v", err)
	}
	s.wantEnd(versions.ReasonSlowConsumer)
	if err := send(session, text("x")); !errors.Is(err, versions.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	s.wantRefused(session.ID())
	s.wantGone()
}

// poll2 lets a client poll once, so that nothing waits for it.
func (s *server) poll2(session *Session) {
	s.t.Helper()
	if err := send(session, text("x")); err != nil {
		s.t.Fatal(err)
	}
	s.wantPoll(session.ID(), "2:4x")
}

// TestPollingOrder: one stream of numbers over many polls, complete and in
// order, while messages come in.
func TestPollingOrder(t *testing.T) {
	t.Parallel()
	const n = 500
	s := start(t)
	session := s.openPolling("")
	go func() {
		for i := range n {
			_ = send(session, text(fmt.Sprint(i)))
		}
	}()
	var got []string
	for len(got) < n {
		packets, err := DecodePayloadText([]byte(s.poll(session.ID()).body), PayloadLimits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			got = append(got, string(p))
		}
	}
	for i, m := range got {
		if m != fmt.Sprint("4", i) {
			t.Fatalf("message %d is %q", i, m)
		}
	}
}
