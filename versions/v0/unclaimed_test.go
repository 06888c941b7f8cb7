package v0

import (
	"fmt"
	"math/rand/v2"
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
				if s.unclaimed.addresses[fmt.Sprintf("198.51.100.%d", i)] == nil {
					t.Errorf("address %d lost its session", i)
				}
			}
			if n := len(s.sessions); n != total || s.unclaimed.count != total {
				t.Errorf("%d sessions, of which %d wait", n, s.unclaimed.count)
			}
		})
	}
}

// TestUnclaimedOrder holds the book of waiting sessions against a plain list.
func TestUnclaimedOrder(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 3))
	var u unclaimed
	var list []*session // oldest first
	surplus := func() *session {
		count := map[string]int{}
		for _, s := range list {
			count[s.id]++
		}
		best := list[0]
		for _, s := range list {
			if count[s.id] > count[best.id] {
				best = s
			}
		}
		return best
	}
	for range 5000 {
		gone := -1
		switch n := rnd.IntN(5); {
		case n < 2 || len(list) == 0:
			s := &session{id: fmt.Sprint(rnd.IntN(6))}
			list = append(list, s)
			u.add(s, s.id)
			continue
		case n == 2:
			want, got := surplus(), u.surplus()
			if got != want {
				t.Fatalf("took one of %s, want one of %s", got.id, want.id)
			}
			for i, s := range list {
				if s == got {
					gone = i
				}
			}
		default:
			gone = rnd.IntN(len(list))
			u.remove(list[gone])
			u.remove(list[gone]) // once more does nothing
		}
		list = append(list[:gone], list[gone+1:]...)
		if u.count != len(list) {
			t.Fatalf("counts %d of %d", u.count, len(list))
		}
	}
	for len(list) > 0 {
		u.remove(list[0])
		list = list[1:]
	}
	if u.count != 0 || len(u.addresses) != 0 || len(u.most) != 0 {
		t.Errorf("left: %d, %d addresses, %d in the heap", u.count, len(u.addresses), len(u.most))
	}
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:80":            "192.0.2.1",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1",
		"[2001:db8:1:2:3::4]:80":  "2001:db8:1:2::/64",
		"[2001:db8:1:2:9::9]:81":  "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":       "fe80::/64",
		"@":                       "@",
		"":                        "",
		"client.example.com:8080": "client.example.com",
	} {
		if got := addressOf(remote); got != want {
			t.Errorf("%q is of %q, want %q", remote, got, want)
		}
	}
}
