package v0

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/heirloom-io/socketio/compat"
)

// TestFloodDrivesNobodyOut has one address ask for sessions without end, as ever
// other peers: the total stays bounded, and those of other addresses stay.
func TestFloodDrivesNobodyOut(t *testing.T) {
	t.Parallel()
	const total = 20
	dialects := map[string]func(t *testing.T) (core *Server, ask func(*http.Request)){
		"colon": func(t *testing.T) (*Server, func(*http.Request)) {
			p := params(newHost())
			p.MaxUnclaimed = total
			s, err := NewServer(p)
			if err != nil {
				t.Fatal(err)
			}
			return s, func(r *http.Request) { s.ServeHTTP(httptest.NewRecorder(), r, Request{}) }
		},
		"messages": func(t *testing.T) (*Server, func(*http.Request)) {
			p := messageParams(newHost())
			p.MaxUnclaimed = total
			m, err := NewMessageServer(p)
			if err != nil {
				t.Fatal(err)
			}
			q := MessageRequest{Transport: nameXHRPolling, Handshake: true, Candidates: compat.SetOf(compat.V05), Guess: compat.V05}
			return m.core, func(r *http.Request) { m.ServeHTTP(httptest.NewRecorder(), r, q) }
		},
	}
	for name, start := range dialects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ask := start(t)
			shake := func(address string, n int) {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/socket.io/", http.NoBody)
				r.RemoteAddr = address
				r.Header.Set("User-Agent", fmt.Sprint("browser ", n))
				r.Header.Set("X-Forwarded-For", fmt.Sprint("192.0.2.", n))
				ask(r)
			}
			t.Cleanup(func() { _ = s.Close(t.Context()) })
			for i := range 3 {
				shake(fmt.Sprintf("198.51.100.%d:1000", i), 0)
			}
			for i := range 10 * total {
				shake(fmt.Sprintf("203.0.113.1:%d", 1000+i), i)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for i := range 3 {
				if s.unclaimed.From(fmt.Sprintf("198.51.100.%d", i)) != 1 {
					t.Errorf("address %d lost its session", i)
				}
			}
			if n := len(s.sessions); n != total || s.unclaimed.Len() != total {
				t.Errorf("%d sessions, of which %d wait", n, s.unclaimed.Len())
			}
		})
	}
}
