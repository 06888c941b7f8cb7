package transports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/heirloom-io/socketio/packet"
)

// TestExtendedConnectRequest: what the handler within sees, and what the client.
func TestExtendedConnectRequest(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 1)
	address, client := serveHTTP2(t, ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		c, err := (WebSocket{}).Accept(w, r, DuplexParams{
			MaxMessage: 1 << 20, WriteTimeout: patience, Deflate: &Deflate{Threshold: 1}, Header: http.Header{"X-Mine": {"a", "b"}},
		})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Terminate()
		_ = c.Write([]*packet.Frame{textFrame("welcome")})
	})))
	resp, stream := extended(t, client, address+"/a?b=c", "Sec-WebSocket-Extensions", "permessage-deflate", "Origin", "https://a.example")
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	if got := resp.Header["X-Mine"]; len(got) != 2 || resp.Header.Get("Sec-Websocket-Extensions") == "" {
		t.Errorf("headers %v", resp.Header)
	}
	for _, name := range []string{"Sec-Websocket-Accept", "Upgrade", "Connection"} {
		if got := resp.Header.Get(name); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	f, err := (&peer{t: t, r: bufio.NewReader(stream)}).read()
	if err != nil || f.first != bitFin|opText|bitCompressed && string(f.data) != "welcome" {
		t.Errorf("%x, %v", f.first, err)
	}
	r := <-seen
	if r.Method != http.MethodGet || r.ProtoMajor != 2 || r.RequestURI != "/a?b=c" || r.Header.Get("Origin") != "https://a.example" ||
		r.Header.Get(":protocol") != "" || r.RemoteAddr == "" {
		t.Errorf("%s %s %s %v", r.Method, r.RequestURI, r.Proto, r.Header)
	}
}

// TestExtendedConnectRefused: a refusal is an answer, and leaves the connection
// to the other requests that share it.
func TestExtendedConnectRefused(t *testing.T) {
	t.Parallel()
	peers := make(chan string, 100)
	address, client := serveHTTP2(t, ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peers <- r.RemoteAddr
		switch r.URL.Path {
		case "/answered":
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "not you")
		case "/raw":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\n\r\n")
			_ = conn.Close()
		case "/cut":
			Abort(w)
		case "/version":
			t.Error("admitted")
		}
	})))
	status := func(path string, header ...string) (*http.Response, string) {
		resp, stream := extended(t, client, address+path, header...)
		body, _ := io.ReadAll(stream)
		return resp, string(body)
	}
	for range 2 {
		if resp, body := status("/answered"); resp.StatusCode != http.StatusForbidden || body != "not you" {
			t.Errorf("answered: %s %q", resp.Status, body)
		}
		if resp, body := status("/raw"); resp.StatusCode != http.StatusForbidden || body != "" {
			t.Errorf("raw: %s %q", resp.Status, body)
		}
		if resp, _ := status("/version", "Sec-WebSocket-Version", ""); resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Sec-Websocket-Version") != "13" {
			t.Errorf("version: %s %v", resp.Status, resp.Header)
		}
	}
	r, _ := http.NewRequest(http.MethodConnect, address+"/cut", nil)
	r.Header = http.Header{":protocol": {"websocket"}, "Sec-Websocket-Version": {"13"}}
	resp, err := client.RoundTrip(r)
	var reset http2.StreamError
	if !errors.As(err, &reset) {
		if err == nil {
			_ = resp.Body.Close()
		}
		t.Errorf("cut: %v, %v; want the stream to be reset", resp, err)
	}
	first := <-peers
	for len(peers) > 0 {
		if p := <-peers; p != first {
			t.Errorf("the connection of %s was given up for that of %s", first, p)
		}
	}
}

// TestHTTP2WebSocketsShare one connection among themselves and with other
// requests.
func TestHTTP2WebSocketsShare(t *testing.T) {
	t.Parallel()
	addresses := make(chan string, 100)
	address, client := serveHTTP2(t, ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addresses <- r.RemoteAddr
		if r.URL.Path == "/plain" {
			_, _ = io.WriteString(w, "plain")
			return
		}
		c, err := (WebSocket{}).Accept(w, r, DuplexParams{MaxMessage: 1 << 20, WriteTimeout: patience})
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			defer c.Terminate()
			for err == nil {
				err = c.Read(func(data []byte, binary bool) error {
					return c.Write([]*packet.Frame{{Data: append([]byte(nil), data...), Binary: binary}})
				})
			}
		}()
	})))
	var peers []*peer
	for range 10 {
		_, stream := extended(t, client, address)
		peers = append(peers, &peer{Conn: stream, t: t, r: bufio.NewReader(stream)})
	}
	for round := range 3 {
		for i, p := range peers {
			p.write(bitFin|opText, fmt.Append(nil, round, "/", i))
		}
		r, _ := http.NewRequest(http.MethodGet, address+"/plain", nil)
		resp, err := client.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		for i, p := range peers {
			if f := p.mustRead(); string(f.data) != fmt.Sprint(round, "/", i) {
				t.Errorf("round %d, peer %d: %q", round, i, f.data)
			}
		}
		_ = peers[0].Close() // one goes, the others stay
		peers = peers[1:]
		_, stream := extended(t, client, address)
		peers = append(peers, &peer{Conn: stream, t: t, r: bufio.NewReader(stream)})
	}
	first := <-addresses
	for len(addresses) > 0 {
		if a := <-addresses; a != first {
			t.Errorf("a second connection, %s beside %s", a, first)
		}
	}
}

// TestHTTP2WebSocketIdle: neither the time that one write may take nor the times
// of the HTTP server bound the life of a websocket.
func TestHTTP2WebSocketIdle(t *testing.T) {
	t.Parallel()
	const short = 1500 * time.Millisecond
	sides := make(chan Conn, 1)
	ts := httptest.NewUnstartedServer(ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (WebSocket{}).Accept(w, r, DuplexParams{MaxMessage: 1 << 20, WriteTimeout: short})
		if err != nil {
			t.Error(err)
		}
		sides <- c
	})))
	ts.EnableHTTP2 = true
	ts.Config.ReadTimeout, ts.Config.WriteTimeout = short, short
	ts.StartTLS()
	defer ts.Close()
	client := newHTTP2Client(ts.Client().Transport.(*http.Transport).TLSClientConfig)
	defer client.CloseIdleConnections()
	_, stream := extended(t, client, ts.URL)
	defer stream.Close()
	server := <-sides
	defer server.Terminate()
	p := &peer{Conn: stream, t: t, r: bufio.NewReader(stream)}
	for round := range 2 {
		if err := server.Write([]*packet.Frame{textFrame("still here")}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if f := p.mustRead(); string(f.data) != "still here" {
			t.Errorf("%q", f.data)
		}
		time.Sleep(2 * short)
		p.write(bitFin|opText, []byte("I too"))
		if err := server.Read(func(data []byte, _ bool) error {
			if string(data) != "I too" {
				t.Errorf("%q", data)
			}
			return nil
		}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// TestHTTP2ConnWrites: a head that comes in pieces, and what cannot be one.
func TestHTTP2ConnWrites(t *testing.T) {
	t.Parallel()
	address, client := serveHTTP2(t, ExtendedConnect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrHijacked) {
			t.Errorf("taken over twice: %v", err)
		}
		switch r.URL.Path {
		case "/pieces":
			for _, b := range []byte("HTTP/1.1 101 Switching Protocols\r\nX-A: b\r\n\r\nafter") {
				if _, err := conn.Write([]byte{b}); err != nil {
					t.Error(err)
				}
			}
		case "/endless":
			b := []byte(strings.Repeat("x", 4096))
			n := 0
			for ; err == nil; n++ {
				_, err = conn.Write(b)
			}
			if n*len(b) > 2*maxHead {
				t.Errorf("%d bytes taken for a head", n*len(b))
			}
		case "/late":
			_ = conn.SetWriteDeadline(time.Now().Add(-time.Second))
			_, err := conn.Write([]byte("x"))
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("past the deadline: %v", err)
			}
		}
		_ = conn.Close()
		if _, err := conn.Write([]byte("x")); err == nil {
			t.Error("written after Close")
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after Close: %v", err)
		}
	})))
	resp, stream := extended(t, client, address+"/pieces")
	body, err := io.ReadAll(stream)
	if err != nil || string(body) != "after" || resp.Header.Get("X-A") != "b" {
		t.Errorf("%q, %v, %v", body, err, resp.Header)
	}
	for _, path := range []string{"/endless", "/late"} {
		r, _ := http.NewRequest(http.MethodConnect, address+path, nil)
		r.Header = http.Header{":protocol": {"websocket"}, "Sec-Websocket-Version": {"13"}}
		if resp, err := client.RoundTrip(r); err == nil {
			t.Errorf("%s: %s", path, resp.Status)
			_ = resp.Body.Close()
		}
	}
}
