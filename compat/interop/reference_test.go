package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// newBackend starts this server, or the genuine one that INTEROP_REFERENCE
// names, with which the client programs themselves are tried.
func newBackend(t *testing.T, s *site) backend {
	t.Helper()
	if release := os.Getenv("INTEROP_REFERENCE"); release != "" {
		return newReference(t, release, s.opts)
	}
	return newOwn(t, s)
}

// reference is a genuine server in node, behind a proxy, so that connections
// can be watched and broken as with our own.
type reference struct {
	*process
	proxy *httputil.ReverseProxy
	era   string
	// newest is set if it is for clients since 3.0, which no other is for.
	newest bool
}

// beyondGenuine are checks, by the era of the client, that the original fails:
// it has no words for what it takes a client for, since 3.0 it ends a connection
// on which a namespace is left and joined in one breath, and in 0.9 has neither an answer
// to who asks for a namespace that does not exist, nor bytes of its own, nor
// ears for who has left.
var beyondGenuine = map[string][]string{
	eventEra: {"info", "leave-and-return"},
	colonEra: {"info", "unknown-namespace", "namespace", "namespace-at-once"},
}

func newReference(t *testing.T, release string, opts siteOptions) *reference {
	t.Helper()
	env := []string{"env"}
	if opts.pingInterval > 0 {
		env = append(env, fmt.Sprint("PING_INTERVAL=", opts.pingInterval.Milliseconds()), fmt.Sprint("PING_TIMEOUT=", opts.pingTimeout.Milliseconds()))
	}
	era, program := eventEra, clientDir+"/reference.js"
	if strings.HasPrefix(release, "0.") {
		era, program = colonEra, clientDir+"/colonreference.js"
	}
	ready := make(chan string, 1)
	p := start(t, func(out io.Reader) {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if addr, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				ready <- addr
			}
		}
	}, env[0], append(env[1:], "node", "--no-deprecation", program, release)...)
	select {
	case addr := <-ready:
		proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
		proxy.Transport = &http.Transport{DisableKeepAlives: true}
		proxy.FlushInterval = -1
		proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		}
		return &reference{process: p, proxy: proxy, era: era, newest: strings.HasPrefix(release, "4.")}
	case <-p.ended:
		t.Fatalf("the genuine server ended: %s", p.said())
	case <-time.After(noticeLimit):
		t.Fatalf("the genuine server does not start: %s", p.said())
	}
	return nil
}

func (r *reference) attach(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasPrefix(q.URL.Path, "/socket.io/") {
			r.proxy.ServeHTTP(w, q)
			return
		}
		next.ServeHTTP(w, q)
	})
}

func (r *reference) serves(c row) bool {
	return c.era == r.era && r.newest == (c.generation == "3.x-4.x")
}

func (r *reference) genuine() bool { return true }

func (r *reference) broadcast(string, string, ...any) error {
	return errors.New("a genuine server broadcasts only what its clients publish")
}

func (r *reference) close(context.Context) error {
	r.stop()
	return nil
}
