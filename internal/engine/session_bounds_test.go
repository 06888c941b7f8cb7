package engine

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/transports"
)

// TestNudgesEndWithTheirProbe: a probe that failed ends no polls any more, also
// while another one is under way.
func TestNudgesEndWithTheirProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(newSetup().params)
		s := &Session{srv: srv}
		s.out.Init(&srv.p.Outbox)
		s.held = transports.Hold(&s.out)
		first, second := &silentConn{}, &silentConn{}
		past, cancel := context.WithCancel(t.Context())
		cancel()
		s.probe = first
		s.nudgeFor(first)
		told := func() bool {
			ended := false
			for range 10 {
				time.Sleep(nudgeInterval)
				synctest.Wait()
				ended = s.held.Wait(past) == nil || ended
			}
			return ended
		}
		if !told() {
			t.Error("no poll is ended while the probe lasts")
		}
		s.mu.Lock()
		s.probe = second
		s.mu.Unlock()
		time.Sleep(nudgeInterval)
		if told() {
			t.Error("the probe before still ends polls")
		}
	})
}

type silentConn struct{ transports.Conn }

// TestLargeHandshakeIsRefused: a session keeps what its first request said.
func TestLargeHandshakeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSetup()
	srv := NewServer(s.params)
	for size, want := range map[int]int{1000: http.StatusOK, maxRequest: http.StatusBadRequest} {
		r := httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=3&transport=polling", nil)
		r.Header.Set("Cookie", strings.Repeat("x", size))
		w := httptest.NewRecorder()
		srv.Serve(w, r, &s.profile, "")
		if w.Code != want {
			t.Errorf("%d bytes: status %d, want %d", size, w.Code, want)
		}
	}
	(<-s.app.sessions).Close("forced close")
}

// TestFloodDrivesNobodyOut has one address ask for sessions without end: their
// number stays bounded, and those of other addresses stay.
func TestFloodDrivesNobodyOut(t *testing.T) {
	t.Parallel()
	const total = 20
	s := newSetup()
	s.params.MaxUnclaimed = total
	srv := NewServer(s.params)
	t.Cleanup(func() { _ = srv.Close(t.Context()) })
	shake := func(address string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/socket.io/?EIO=3&transport=polling", http.NoBody)
		r.RemoteAddr = address
		srv.Serve(httptest.NewRecorder(), r, &s.profile, "")
	}
	for i := range 3 {
		shake(fmt.Sprintf("198.51.100.%d:1000", i))
	}
	for i := range 10 * total {
		shake(fmt.Sprintf("203.0.113.1:%d", 1000+i))
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for i := range 3 {
		if srv.unclaimed.From(fmt.Sprintf("198.51.100.%d", i)) != 1 {
			t.Errorf("address %d lost its session", i)
		}
	}
	if n := len(srv.sessions); n != total || srv.unclaimed.Len() != total {
		t.Errorf("%d sessions, of which %d wait", n, srv.unclaimed.Len())
	}
}

// TestSmallPacketsOwnTheirMemory: what waits for handlers is counted by its own
// size, so it must not keep a large body alive.
func TestSmallPacketsOwnTheirMemory(t *testing.T) {
	t.Parallel()
	body := []byte("1:2" + "10:4" + strings.Repeat("x", 9))
	packets, _, err := payload3{}.split(body, false, &Record{}, PayloadLimits{})
	if err != nil {
		t.Fatal(err)
	}
	own(packets, len(body))
	clear(body)
	if string(packets[0].Data) != "2" {
		t.Error("a small packet lies in the body")
	}
	if packets[1].Data[0] != 0 {
		t.Error("a packet that is most of the body was copied")
	}
}
