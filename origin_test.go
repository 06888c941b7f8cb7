package socketio_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/heirloom-io/socketio"
)

// pageRequests are those by which clients of each generation begin, over each
// kind of transport.
var pageRequests = []struct {
	name, method, path string
	upgrade, script    bool
}{
	{name: "0.6 polling", path: "/socket.io/xhr-polling//1234"},
	{name: "0.6 jsonp", path: "/socket.io/jsonp-polling//1234/0", script: true},
	{name: "0.6 websocket", path: "/socket.io/websocket", upgrade: true},
	{name: "0.9", path: "/socket.io/1/?t=1"},
	{name: "0.9 jsonp", path: "/socket.io/1/?t=1&jsonp=0", script: true},
	{name: "0.9 websocket", path: "/socket.io/1/websocket/none", upgrade: true},
	{name: "1.x polling", path: "/socket.io/?EIO=2&transport=polling"},
	{name: "2.x polling", path: "/socket.io/?EIO=3&transport=polling"},
	{name: "2.x jsonp", path: "/socket.io/?EIO=3&transport=polling&j=0", script: true},
	{name: "2.x websocket", path: "/socket.io/?EIO=3&transport=websocket", upgrade: true},
	{name: "4.x polling", path: "/socket.io/?EIO=4&transport=polling"},
	{name: "4.x websocket", path: "/socket.io/?EIO=4&transport=websocket", upgrade: true},
	{name: "0.9 preflight", method: http.MethodOptions, path: "/socket.io/1/?t=1"},
	{name: "4.x preflight", method: http.MethodOptions, path: "/socket.io/?EIO=4&transport=polling"},
	{name: "2.x preflight", method: http.MethodOptions, path: "/socket.io/?EIO=3&transport=polling"},
}

// TestCORS asks, in the name of pages that may come in and others that may not,
// over every transport.
func TestCORS(t *testing.T) {
	t.Parallel()
	const ours, theirs = "https://ours.example", "https://theirs.example"
	function := func(origin string, _ *http.Request) error {
		if strings.TrimSuffix(origin, "/") != ours {
			return errors.New("not from there")
		}
		return nil
	}
	for kind, config := range map[string]socketio.Config{
		"list": {Origins: []string{ours}},
		"func": {OriginFunc: function},
	} {
		url := start(t, config, nil, nil)
		for _, first := range pageRequests {
			t.Run(kind+" "+first.name, func(t *testing.T) {
				t.Parallel()
				if first.method == "" {
					first.method = http.MethodGet
				}
				header := "Origin"
				if first.script { // of which browsers name the page only
					header = "Referer"
				}
				fields := func(origin string) []string {
					if !first.upgrade {
						return []string{header, origin}
					}
					return []string{
						header, origin, "Connection", "Upgrade", "Upgrade", "websocket",
						"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
					}
				}
				status, body, h := try(t, first.method, url+first.path, fields(theirs)...)
				if got := h.Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("a page that may not come in may read the answer: %q", got)
				}
				if !refusedPage(first.method, status, body) {
					t.Errorf("a page that may not come in got status %d, body %q", status, body)
				}
				if first.upgrade {
					return // the browser tests have those that may
				}
				status, body, h = try(t, first.method, url+first.path, fields(ours)...)
				if first.method != http.MethodOptions && status != http.StatusOK {
					t.Errorf("a page that may come in got status %d, body %q", status, body)
				}
				if first.script {
					return
				}
				if h.Get("Access-Control-Allow-Origin") != ours || h.Get("Access-Control-Allow-Credentials") != "true" || !slices.Contains(h.Values("Vary"), "Origin") {
					t.Errorf("a page that may come in got %v", h)
				}
			})
		}
	}
}

// refusedPage reports whether an answer lets nobody in, whatever the generation
// has for that.
func refusedPage(method string, status int, body string) bool {
	if status == http.StatusOK && method != http.MethodOptions {
		// Scripts of 0.9 and 0.6.
		return strings.Contains(body, "new Error(") || strings.Contains(body, "Cross domain security restrictions not met")
	}
	return status >= http.StatusBadRequest || status == 0
}

// try makes one request. It returns status 0 if the connection ends without an
// answer, as it does for pages that 0.6 did not want, and only the beginning of an
// answer that goes on.
func try(t *testing.T, method, url string, header ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	switch {
	case errors.Is(err, io.EOF):
		return 0, "", nil
	case err != nil:
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begin := make([]byte, 512)
	n, _ := io.ReadAtLeast(resp.Body, begin, 1)
	return resp.StatusCode, string(begin[:n]), resp.Header
}
