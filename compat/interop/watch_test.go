package interop

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// takeTime is long enough for a request that has arrived to be taken up.
const takeTime = 50 * time.Millisecond

// request is what the site has to know of a client's request.
type request struct {
	tag     string
	session bool // it belongs to a session that exists
	duplex  bool // it wants a WebSocket
	endless bool // its connection goes on after its handler
}

// read takes a request to pieces. Where the tag is in the path, for a release
// whose requests have no query of the application's, it moves to the query.
func read(r *http.Request) request {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/tagged/"); ok {
		if tag, path, ok := strings.Cut(rest, "/socket.io/"); ok {
			r.URL.Path = "/socket.io/" + path
			r.URL.RawPath, r.RequestURI = "", ""
			r.URL.RawQuery = strings.TrimPrefix(r.URL.RawQuery+"&case="+tag, "&")
		}
	}
	q := r.URL.Query()
	out := request{tag: q.Get("case")}
	// Before 1.0 the path tells: /socket.io/1/transport/session.
	if parts := strings.Split(r.URL.Path, "/"); len(parts) > 2 && parts[2] == "1" {
		out.session = len(parts) > 4
		out.duplex = out.session && parts[3] == websocket
		out.endless = out.duplex || out.session && parts[3] == htmlfile
		return out
	}
	out.session = q.Has("sid")
	out.duplex = q.Get("transport") == websocket
	out.endless = out.duplex
	return out
}

// watch notes on which connections each client waits: its WebSockets and its
// polls under way. It holds back upgrades as long as the test wants.
func (s *site) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := read(r)
		if s.isBroken(q.tag, q.session) {
			panic(http.ErrAbortHandler)
		}
		if q.tag == "" || r.Method != http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		if hold := s.opts.holdUpgrades; hold != nil && q.duplex && r.URL.Query().Has("sid") {
			select {
			case <-hold:
			case <-r.Context().Done():
				return
			}
		}
		c := r.Context().Value(connKey{}).(net.Conn)
		s.note(q.tag, c)
		if !q.endless {
			defer s.unnote(q.tag, c)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) note(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[tag] == nil {
		s.conns[tag] = make(map[net.Conn]bool)
	}
	s.conns[tag][c] = true
}

func (s *site) unnote(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns[tag], c)
}

// drop resets the connections a client waits on, as soon as there is one and
// the server has had time to take it, and all others that its session tries
// afterwards: a browser repeats a request whose connection was reset. It ends
// when the client starts a new session.
func (s *site) drop(w http.ResponseWriter, r *http.Request) {
	for _, c := range s.takeConns(r.Context(), r.FormValue("tag")) {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *site) takeConns(ctx context.Context, tag string) []net.Conn {
	settled := time.NewTicker(takeTime)
	defer settled.Stop()
	for {
		select {
		case <-settled.C:
		case <-ctx.Done():
			return nil
		}
		s.mu.Lock()
		conns := slices.Collect(maps.Keys(s.conns[tag]))
		s.broken[tag] = len(conns) > 0
		s.mu.Unlock()
		if len(conns) > 0 {
			return conns
		}
	}
}

// isBroken reports whether a request belongs to a session that has lost its
// connections.
func (s *site) isBroken(tag string, hasSession bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !hasSession {
		s.broken[tag] = false
	}
	return s.broken[tag]
}
