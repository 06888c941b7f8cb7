package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/heirloom-io/socketio/http2xconnect" // for the browser's websockets
)

// TestBrowserHTTP2 takes the newest browser build of each generation through the
// suite over HTTP/2: Chromium multiplexes polls, streams and, by extended CONNECT,
// websockets on one connection.
func TestBrowserHTTP2(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	s := newSite(t, siteOptions{http2: true})
	for _, r := range newest(s.rows()) {
		t.Run(r.generation+" "+r.release, func(t *testing.T) {
			t.Parallel()
			var tasks []task
			results := make(map[string]<-chan result)
			for _, mode := range r.browser {
				k := s.task(r, "browser", mode, "checks")
				tasks = append(tasks, k)
				results[mode] = s.mail.open(k.Tag)
			}
			p := startBrowser(t, s, tasks, "--ignore-certificate-errors")
			for i, mode := range r.browser {
				got, err := collect(results[mode], suiteLimit)
				t.Run(mode, func(t *testing.T) {
					if err != nil {
						t.Errorf("%v; the browser wrote: %s", err, p.said())
					}
					judge(t, s, tasks[i].Tag, s.checks(r, "browser", mode), got)
					s.wantHTTP2(t, tasks[i].Tag, mode == websocket || mode == upgrade)
				})
			}
		})
	}
}

// newest returns the last row of each generation that has a browser build, since
// 0.7: the programs for clients before it open addresses that begin with http, and
// those are tried over HTTP/2 by a client of the tests' own, in the root package.
func newest(rows []row) []row {
	var out []row
	for _, r := range slices.Backward(rows) {
		known := slices.ContainsFunc(out, func(o row) bool { return o.generation == r.generation })
		told := r.era == eventEra || r.era == colonEra
		if len(r.browser) > 0 && told && !known {
			out = append(out, r)
		}
	}
	return out
}

// see notes how a client's request came.
func (s *site) see(tag string, r *http.Request) {
	client, _, _ := strings.Cut(tag, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[client] == nil {
		s.seen[client] = make(map[string]bool)
	}
	s.seen[client][fmt.Sprint(r.Method, " ", r.Proto)] = true
}

// wantHTTP2 fails the test unless all requests of a client came over HTTP/2, and
// an extended CONNECT was among them if it was to have one.
func (s *site) wantHTTP2(t *testing.T, tag string, duplex bool) {
	t.Helper()
	s.mu.Lock()
	seen := slices.Sorted(maps.Keys(s.seen[tag]))
	s.mu.Unlock()
	for _, how := range seen {
		if !strings.HasSuffix(how, "HTTP/2.0") {
			t.Errorf("a request came as %s", how)
		}
	}
	if got := slices.Contains(seen, "CONNECT HTTP/2.0"); got != duplex || len(seen) == 0 {
		t.Errorf("requests came as %q", seen)
	}
}

// selfSigned returns the configuration of a server with a certificate of its own.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		NextProtos:   []string{"h2", "http/1.1"},
		MinVersion:   tls.VersionTLS12,
	}
}
