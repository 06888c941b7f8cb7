package transports

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// servePolicy runs an HTTP server, which answers with the body of the request,
// behind a PolicyListener.
func servePolicy(t *testing.T, l net.Listener, p PolicyParams) (addr string) {
	t.Helper()
	server := &http.Server{
		ReadHeaderTimeout: draftWait,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}),
	}
	policy := PolicyListener(l, p)
	done := make(chan error, 1)
	go func() { done <- server.Serve(policy) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if _, err := policy.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept after Close: %v", err)
		}
	})
	return l.Addr().String()
}

// echo makes a request whose answer is its body.
func (c *draftClient) echo(t *testing.T, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://h/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(c); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c.response(t).Body)
	if err != nil || string(got) != body {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(body))
	}
}

func TestPolicyListener(t *testing.T) {
	t.Parallel()
	addr := servePolicy(t, listen(t), PolicyParams{})
	silent := dialDraft(t, addr) // and up to the end nobody waits for it
	for name, test := range map[string]func(t *testing.T, c *draftClient){
		"policy": func(t *testing.T, c *draftClient) {
			c.send(t, string(policyRequest))
			c.expect(t, genuinePolicy)
			c.expectEnd(t)
		},
		"policy, byte by byte": func(t *testing.T, c *draftClient) {
			for _, b := range policyRequest {
				c.send(t, string([]byte{b}))
				time.Sleep(time.Millisecond) // each in a segment of its own
			}
			c.expect(t, genuinePolicy)
			c.expectEnd(t)
		},
		"HTTP": func(t *testing.T, c *draftClient) {
			c.echo(t, "a")
			c.echo(t, strings.Repeat("b", 300_000))
		},
		"HTTP, byte by byte": func(t *testing.T, c *draftClient) {
			for _, b := range []byte("GET / HTTP/1.0\r\n\r\n") {
				c.send(t, string([]byte{b}))
				time.Sleep(time.Millisecond)
			}
			if status := c.response(t).StatusCode; status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		},
		"begins like one": func(t *testing.T, c *draftClient) {
			c.send(t, "<policy-file-request>\x00\r\n\r\n")
			if status := c.response(t).StatusCode; status != http.StatusBadRequest {
				t.Errorf("status %d", status)
			}
		},
		"ends at once": func(t *testing.T, c *draftClient) {
			if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			c.expectEnd(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, dialDraft(t, addr))
		})
	}
	t.Cleanup(func() {
		// The others may have had to wait for their turn.
		if err := silent.SetDeadline(time.Now().Add(draftWait)); err != nil {
			t.Error(err)
		}
		silent.echo(t, "at last")
	})
}

// A client that says nothing is the HTTP server's own affair after a while, and
// so is one that comes while all places are taken.
func TestPolicyListenerGivesUp(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"silent": "", "in the midst": "<policy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := PolicyListener(listen(t), PolicyParams{Timeout: 50 * time.Millisecond})
			defer l.Close()
			client := dialDraft(t, l.Addr().String())
			client.send(t, begin)
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			client.send(t, "-file-request/>")
			want := begin + "-file-request/>"
			got := make([]byte, len(want))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	t.Run("places are given back", func(t *testing.T) {
		t.Parallel()
		// Several, since one is given back a moment after the client sees its end.
		const places = 8
		addr := servePolicy(t, listen(t), PolicyParams{MaxPending: places, Timeout: time.Hour})
		for range 3 * places {
			client := dialDraft(t, addr)
			client.send(t, string(policyRequest))
			client.expect(t, genuinePolicy)
			_ = client.Close()
		}
	})
	t.Run("all places are taken", func(t *testing.T) {
		t.Parallel()
		addr := servePolicy(t, listen(t), PolicyParams{MaxPending: 2, Timeout: time.Hour})
		for range 2 {
			dialDraft(t, addr)
		}
		for range 5 {
			dialDraft(t, addr).echo(t, "a")
		}
	})
}

// Close ends what is being looked at, and what nobody has accepted.
func TestPolicyListenerClose(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"silent": "", "in the midst": "<pol", "HTTP": "GET / HTTP/1.1\r\n", "asked": string(policyRequest),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := PolicyListener(listen(t), PolicyParams{Timeout: time.Hour})
			// One connection goes through, so that the next is known to be looked at.
			accepted := make(chan net.Conn)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					t.Error(err)
				}
				accepted <- conn
			}()
			client, other := dialDraft(t, l.Addr().String()), dialDraft(t, l.Addr().String())
			client.send(t, begin)
			other.send(t, "GET")
			conn := <-accepted
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if conn.RemoteAddr().String() == client.LocalAddr().String() {
				client = other
			}
			// The end may be a reset; that it comes is what counts.
			if rest, err := io.ReadAll(client.r); errors.Is(err, os.ErrDeadlineExceeded) || len(rest) > 0 && string(rest) != genuinePolicy {
				t.Errorf("got %q, %v", rest, err)
			}
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("second Close: %v", err)
			}
			if err := conn.Close(); err != nil {
				t.Errorf("an accepted connection: %v", err)
			}
		})
	}
	// Whatever is at work when it is called has come to its end with it.
	for name, closer := range map[string]func(net.Listener) (serve func() error, end func() error){
		"waits, listener": func(inner net.Listener) (func() error, func() error) {
			l := PolicyListener(inner, PolicyParams{})
			return func() error { _, err := l.Accept(); return err }, l.Close
		},
		"waits, server": func(inner net.Listener) (func() error, func() error) {
			s := NewPolicyServer(PolicyParams{})
			return func() error { return s.Serve(inner) }, s.Close
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				defer client.Close()
				conn := &slowConn{Conn: server}
				serve, end := closer(&oneListener{conn: conn, closed: make(chan struct{})})
				done := make(chan error, 1)
				go func() { done <- serve() }()
				synctest.Wait()
				if err := end(); err != nil {
					t.Error(err)
				}
				if !conn.ended.Load() {
					t.Error("Close came back before what it ends")
				}
				if err := <-done; !errors.Is(err, net.ErrClosed) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
	t.Run("never used", func(t *testing.T) {
		t.Parallel()
		l := PolicyListener(listen(t), PolicyParams{})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the inner one only", func(t *testing.T) {
		t.Parallel()
		inner := listen(t)
		l := PolicyListener(inner, PolicyParams{})
		if err := inner.Close(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("error %v", err)
			}
		}
	})
}

// slowConn takes a second to notice that it is closed.
type slowConn struct {
	net.Conn
	ended atomic.Bool
}

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	time.Sleep(time.Second)
	c.ended.Store(true)
	return n, err
}

func (c *slowConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	time.Sleep(time.Second)
	c.ended.Store(true)
	return n, err
}

// oneListener accepts a single connection.
type oneListener struct {
	net.Listener
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneListener) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Errors of the network come out where they are dealt with, and end nothing by
// themselves.
func TestPolicyAcceptErrors(t *testing.T) {
	t.Parallel()
	fault := errors.New("fault")
	t.Run("listener", func(t *testing.T) {
		t.Parallel()
		l := PolicyListener(&faultyListener{listen(t), []error{fault, temporary{fault}}}, PolicyParams{})
		defer l.Close()
		for range 2 {
			if _, err := l.Accept(); !errors.Is(err, fault) && !errors.Is(err, temporary{fault}) {
				t.Errorf("error %v", err)
			}
		}
		client := dialDraft(t, l.Addr().String())
		client.send(t, "x")
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		l := listen(t)
		s := NewPolicyServer(PolicyParams{})
		defer s.Close()
		done := make(chan error, 1)
		go func() { done <- s.Serve(&faultyListener{l, []error{temporary{fault}, temporary{fault}}}) }()
		client := dialDraft(t, l.Addr().String())
		client.expect(t, genuinePolicy)
		_ = client.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v", err)
		}
		other := NewPolicyServer(PolicyParams{})
		if err := other.Serve(&faultyListener{listen(t), []error{fault}}); !errors.Is(err, fault) {
			t.Errorf("error %v", err)
		}
	})
}

// What has been read already comes first, by whichever way one reads, and what
// a TCP connection can do is still there.
func TestWithBegin(t *testing.T) {
	t.Parallel()
	type wrap func(net.Conn) net.Conn
	for name, kind := range map[string]wrap{
		"TCP":   func(c net.Conn) net.Conn { return c },
		"other": func(c net.Conn) net.Conn { return struct{ net.Conn }{c} },
	} {
		pair := func(t *testing.T, begin string) (net.Conn, *draftClient) {
			l := listen(t)
			defer l.Close()
			client := dialDraft(t, l.Addr().String())
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			client.send(t, "later")
			if err := client.Conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			return withBegin(kind(conn), []byte(begin)), client
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, _ := pair(t, "at first, ")
			small := make([]byte, 3)
			if n, err := conn.Read(small); err != nil || string(small[:n]) != "at " {
				t.Errorf("got %q, %v", small[:n], err)
			}
			if rest, err := io.ReadAll(conn); err != nil || string(rest) != "first, later" {
				t.Errorf("got %q, %v", rest, err)
			}
			conn, _ = pair(t, strings.Repeat("at first, ", 10))
			var b bytes.Buffer
			if n, err := io.Copy(&b, conn); err != nil || n != int64(b.Len()) || b.String() != strings.Repeat("at first, ", 10)+"later" {
				t.Errorf("copied %q, %d, %v", b.String(), n, err)
			}
			conn, _ = pair(t, "")
			if rest, err := io.ReadAll(conn); err != nil || string(rest) != "later" {
				t.Errorf("got %q, %v", rest, err)
			}
			conn, client := pair(t, "x")
			if n, err := (&net.Buffers{[]byte("a"), []byte("b")}).WriteTo(conn); n != 2 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			client.expect(t, "ab")
		})
	}
	if _, ok := withBegin(&net.TCPConn{}, []byte("x")).(interface {
		io.ReaderFrom
		CloseWrite() error
		SetNoDelay(bool) error
	}); !ok {
		t.Error("a TCP connection lacks methods")
	}
}
