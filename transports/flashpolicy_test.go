package transports

import (
	"encoding/xml"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// genuinePolicy is what the policy server of 0.9 sends.
const genuinePolicy = `<?xml version="1.0"?><!DOCTYPE cross-domain-policy SYSTEM "http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd"><cross-domain-policy><allow-access-from domain="*" to-ports="*"/></cross-domain-policy>`

func TestPolicyDocument(t *testing.T) {
	t.Parallel()
	if got := string(appendPolicy(nil, PolicyParams{}.withDefaults().Origins)); got != genuinePolicy {
		t.Errorf("got %s", got)
	}
	type access struct {
		Domain string `xml:"domain,attr"`
		Ports  string `xml:"to-ports,attr"`
	}
	for name, c := range map[string]struct {
		origins []string
		want    []access
	}{
		"two":        {[]string{"a.example:80", "*.b.example:*"}, []access{{"a.example", "80"}, {"*.b.example", "*"}}},
		"no port":    {[]string{"a.example"}, []access{{"a.example", "*"}}},
		"empty port": {[]string{"a.example:"}, []access{{"a.example", "*"}}},
		"no host":    {[]string{":80"}, []access{{"", "80"}}}, // never widened to any host
		"IPv6":       {[]string{"[::1]:80", "[::1]"}, []access{{"[::1]", "80"}, {"[::1]", "*"}}},
		"escaped":    {[]string{`a"/><x y="&:80"/>`}, []access{{`a"/><x y="&`, `80"/>`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got struct {
				XMLName xml.Name `xml:"cross-domain-policy"`
				Access  []access `xml:"allow-access-from"`
			}
			document := appendPolicy(nil, c.origins)
			if err := xml.Unmarshal(document, &got); err != nil {
				t.Fatalf("%s: %v", document, err)
			}
			if diff := cmp.Diff(c.want, got.Access); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// startPolicyServer runs a server until the end of the test.
func startPolicyServer(t *testing.T, p PolicyParams) (s *PolicyServer, addr string) {
	t.Helper()
	l := listen(t)
	s = NewPolicyServer(p)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve ended with %v", err)
		}
		if err := s.Serve(listen(t)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve after Close: %v", err)
		}
	})
	return s, l.Addr().String()
}

func TestPolicyServer(t *testing.T) {
	t.Parallel()
	_, addr := startPolicyServer(t, PolicyParams{})
	for name, request := range map[string]string{"silent": "", "asking": string(policyRequest)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := dialDraft(t, addr)
			client.send(t, request)
			client.expect(t, genuinePolicy)
			client.expectEnd(t)
		})
	}
}

// While all places are taken others are turned away.
func TestPolicyServerLimits(t *testing.T) {
	t.Parallel()
	_, addr := startPolicyServer(t, PolicyParams{MaxPending: 1, Timeout: time.Hour})
	first := dialDraft(t, addr)
	first.expect(t, genuinePolicy) // its end is still to come
	dialDraft(t, addr).expectEnd(t)
	_ = first.Close()
	for deadline := time.Now().Add(draftWait); ; {
		again := dialDraft(t, addr)
		if b, err := again.r.Peek(1); err == nil && b[0] == '<' {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the place is never given back")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// halfConn has an end of writing of its own, which a pipe has not.
type halfConn struct {
	net.Conn
	ended bool
}

func (c *halfConn) CloseWrite() error {
	c.ended = true
	return nil
}

// A client that does not read, or does not end its connection, is given up
// after the timeout; one that goes on talking much sooner.
func TestPolicyTimeout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		client func(net.Conn)
		want   time.Duration
		ended  bool
	}{
		"reads nothing": {func(net.Conn) {}, 5 * time.Second, false},
		"never ends":    {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, 5 * time.Second, true},
		"talks on": {func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, len(genuinePolicy)))
			_, _ = c.Write(make([]byte, 10*maxAfterPolicy))
		}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				defer client.Close()
				go c.client(client)
				conn := &halfConn{Conn: server}
				start := time.Now()
				sendPolicy(conn, []byte(genuinePolicy), 5*time.Second)
				if took := time.Since(start); took != c.want || conn.ended != c.ended {
					t.Errorf("took %s, ended %t", took, conn.ended)
				}
				if _, err := server.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("the connection is open: %v", err)
				}
			})
		})
	}
}

// Close ends connections that would stay open.
func TestPolicyServerClose(t *testing.T) {
	t.Parallel()
	s, addr := startPolicyServer(t, PolicyParams{Timeout: time.Hour})
	client := dialDraft(t, addr)
	client.expect(t, genuinePolicy)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	client.expectEnd(t)
}

// faultyListener fails before it accepts.
type faultyListener struct {
	net.Listener
	faults []error
}

type temporary struct{ error }

func (temporary) Temporary() bool { return true }

func (l *faultyListener) Accept() (net.Conn, error) {
	if len(l.faults) == 0 {
		return l.Listener.Accept()
	}
	err := l.faults[0]
	l.faults = l.faults[1:]
	return nil, err
}
