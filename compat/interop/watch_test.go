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
	// Before 0.7 it is /socket.io/transport/session, or with nothing at the end.
	if parts := strings.Split(r.URL.Path, "/"); len(parts) > 2 && isMessageTransport(parts[2]) {
		out.session = len(parts) > 3 && parts[3] != ""
		out.duplex = parts[2] == websocket || parts[2] == flashSocket
		out.endless = out.duplex || parts[2] == htmlfile || parts[2] == xhrMultipart
		return out
	}
	out.session = q.Has("sid")
	out.duplex = q.Get("transport") == websocket
	out.endless = out.duplex
	return out
}

func isMessageTransport(name string) bool {
	return slices.Contains([]string{websocket, flashSocket, htmlfile, xhrMultipart, xhrPolling, jsonpPolling}, name)
}

// watch notes on which connections each client waits: its WebSockets and its
// polls under way. It holds back upgrades as long as the test wants.
func (s *site) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := read(r)
		s.see(q.tag, r)
		if s.isBroken(q.tag, q.session) {
			panic(http.ErrAbortHandler)
		}
		if q.tag == "" || r.Method != http.MethodGet && r.Method != http.MethodConnect {
			next.ServeHTTP(w, r)
			return
		}
		if q.duplex && r.URL.Query().Has("sid") && !s.mayUpgrade(r.Context(), q.tag) {
			return
		}
		c := r.Context().Value(connKey{}).(net.Conn)
		s.note(q.tag, c)
		if !q.endless {
			defer s.unnote(q.tag, c)
		}
		next.ServeHTTP(w, r)
	})
}

// gatedCheck is the check whose clients say themselves when they may upgrade:
// those since 4.6 have often done so before they are in their first namespace.
const gatedCheck = "/order"

// mayUpgrade waits until a client may upgrade, and reports false if it has gone.
func (s *site) mayUpgrade(ctx context.Context, tag string) bool {
	hold := s.opts.holdUpgrades
	if strings.HasSuffix(tag, gatedCheck) {
		hold = s.gate(tag)
	}
	if hold == nil {
		return true
	}
	select {
	case <-hold:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *site) gate(tag string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gates[tag] == nil {
		s.gates[tag] = make(chan struct{})
	}
	return s.gates[tag]
}

// openGate lets a client upgrade.
func (s *site) openGate(w http.ResponseWriter, r *http.Request) {
	gate := s.gate(r.FormValue("tag"))
	s.mu.Lock()
	select {
	case <-gate: // open already
	default:
		close(gate)
	}
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (s *site) note(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[tag] == nil {
		s.conns[tag] = make(map[net.Conn]int)
	}
	s.conns[tag][c]++
}

func (s *site) unnote(tag string, c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[tag][c]--; s.conns[tag][c] == 0 {
		delete(s.conns[tag], c)
	}
}

// drop resets the connections a client waits on, as soon as there is one and
// the server has had time to take it, and all others that its session tries
// afterwards: a browser repeats a request whose connection was reset. It ends
// when the client starts a new session.
//
// Over HTTP/2 this request loses its connection too, and is repeated: that counts
// once.
func (s *site) drop(w http.ResponseWriter, r *http.Request) {
	tag := r.FormValue("tag")
	if s.opts.http2 && s.isDropped(tag) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	for _, c := range s.takeConns(r.Context(), tag) {
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

// isDropped reports whether it has been called for a tag before.
func (s *site) isDropped(tag string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.dropped[tag]
	s.dropped[tag] = true
	return before
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
