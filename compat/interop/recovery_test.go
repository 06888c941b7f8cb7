package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heirloom-io/socketio"
)

const (
	// recoveryCuts is how many times each client loses its connection.
	recoveryCuts = 10
	// recoveryPace is the time between two events of one sender.
	recoveryPace = 4 * time.Millisecond
	// recoveryBound and recoveryBytes let a client miss much: on a slow machine it
	// takes a while until one notices that its upgrade has come to nothing.
	recoveryBound = 1 << 20
	recoveryBytes = 1 << 30
	// recoveryTimeout is how soon a client that may hear nothing gives its connection up.
	recoveryTimeout = 7500 * time.Millisecond
)

// recoveringReleases come back to their session, the others stay in the room.
var recoveringReleases = []string{"4.6.0", "4.8.4"}

// returning is a client that counts what it gets.
type returning struct {
	name    string
	network *outage // nil for a client that stays
	process *process
	results <-chan result
	id      string
}

// recoveryStage is a server whose clients may come back.
type recoveryStage struct {
	left   chan string // ids of sockets that have ended
	io     *socketio.Server
	url    string
	mu     sync.Mutex
	faults []string // under mu
}

func newRecoveryStage(t *testing.T, c socketio.RecoveryConfig) *recoveryStage {
	t.Helper()
	c.Enabled = true
	// A client that is cut off in the middle of an upgrade may hear nothing of it, and
	// then waits for the next ping in vain.
	srv, err := socketio.NewServer(socketio.Config{
		Recovery: c, MaxOutboxPackets: recoveryBound, MaxOutboxBytes: recoveryBytes, PingInterval: time.Second, PingTimeout: clientLimit, V4: socketio.V4Config{PingTimeout: recoveryTimeout},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &recoveryStage{io: srv, left: make(chan string, 1024)}
	srv.OnConnection(func(socket *socketio.Socket) {
		socket.OnDisconnect(func(socketio.Reason) { s.left <- socket.ID() })
		if !socket.Recovered() {
			socket.Join("r")
			socket.Set("first", socket.ID())
			return
		}
		if got := socket.Get("first"); got != socket.ID() || !slices.Contains(socket.Rooms(), "r") {
			s.fault("%s came back with the data %v and in the rooms %q", socket.ID(), got, socket.Rooms())
		}
	})
	server := httptest.NewServer(srv.Attach(nil))
	s.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
		server.Close()
		for _, f := range s.faults {
			t.Error(f)
		}
	})
	return s
}

func (s *recoveryStage) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// pass lets everything through.
func pass(_ *proxy, client, server net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	defer wg.Wait()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

// strand passes everything on until its client is cut off, of which the server then
// hears nothing: as when a phone changes its network.
func strand(_ *proxy, client, server net.Conn) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(client, server)
		// What the server still says is lost, until it gives up.
		_, _ = io.Copy(io.Discard, server)
		_ = client.Close()
	}()
	_, _ = io.Copy(server, client)
	<-ended
}

// outage is a network that is lost now and then.
type outage struct {
	proxy *proxy

	mu sync.Mutex
	// refused is closed when a client has tried in vain; nil while there is a
	// network. Guarded by mu.
	refused chan struct{}
}

// newOutage starts a proxy before a server, which treats connections as serve does.
func newOutage(t *testing.T, url string, serve func(*proxy, net.Conn, net.Conn)) *outage {
	t.Helper()
	o := &outage{}
	o.proxy = newProxy(t, &site{url: url}, func(p *proxy, client, server net.Conn) {
		if o.refuses() {
			reset(client)
			return
		}
		serve(p, client, server)
	})
	return o
}

func (o *outage) refuses() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refused == nil {
		return false
	}
	select {
	case <-o.refused:
	default:
		close(o.refused)
	}
	return true
}

// cut ends the connections there are, and keeps new ones from being until the
// client has tried, as one that polls might not notice a loss between two polls, and
// until the given func returns, unless it is nil.
func (o *outage) cut(until func()) error {
	refused := make(chan struct{})
	o.mu.Lock()
	o.refused = refused
	o.mu.Unlock()
	o.proxy.cutClients()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refused = nil
	}()
	select {
	case <-refused:
		if until != nil {
			until()
		}
		return nil
	case <-time.After(clientLimit):
		return errors.New("the client does not try to come back")
	}
}

// cutClients ends the connections of the clients there are.
func (p *proxy) cutClients() {
	address := strings.TrimPrefix(p.url, "http://")
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if c.LocalAddr().String() == address {
			reset(c)
		}
	}
}

// TestRecovery has genuine clients since 4.6 lose their connections again and again
// while several goroutines send. They must get everything, once and in order, and
// keep their id, rooms and data; clients of earlier generations in the same room must
// not notice.
func TestRecovery(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	s := newRecoveryStage(t, socketio.RecoveryConfig{MaxPackets: recoveryBound, MaxBytes: recoveryBytes})
	pages := newSite(t, siteOptions{})
	if pages.backend.genuine() {
		t.Skip("left out: about this server")
	}
	var members []*returning
	join := func(r row, mode string, behind func(*proxy, net.Conn, net.Conn), browser bool) {
		m := &returning{name: r.release + " " + mode}
		k := task{Release: r.release, Era: r.era, Program: "returning", Mode: mode, URL: s.url, Tag: "recovery", Generation: r.generation}
		if behind != nil {
			m.network = newOutage(t, s.url, behind)
			k.URL = m.network.proxy.url
		}
		if browser {
			m.name += " in Chromium"
			m.results = pages.mail.open(k.Tag)
			m.process = startBrowser(t, pages, []task{k})
		} else {
			m.process, m.results = startNode(t, k)
		}
		m.id = m.await(t, "connect").id()
		members = append(members, m)
	}
	for _, r := range suite {
		comesBack := slices.Contains(recoveringReleases, r.release)
		switch {
		case comesBack:
			for _, mode := range r.node {
				join(r, mode, pass, false)
			}
			join(r, websocket, strand, false)
			join(r, polling, strand, false)
			if len(r.browser) > 0 {
				join(r, websocket, pass, true)
			}
		case slices.Contains([]string{"0.9.17", "2.5.0", "4.0.2"}, r.release):
			for _, mode := range r.node[:2] {
				join(r, mode, nil, false)
			}
		}
	}
	// A handler that is still at work has not put its client into the room yet.
	for limit := time.Now().Add(noticeLimit); ; time.Sleep(time.Millisecond) {
		in, err := s.io.To("r").Clients(t.Context())
		if err == nil && len(in) == len(members) {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("%d of %d clients in the room: %v", len(in), len(members), err)
		}
	}

	stop := make(chan struct{})
	var senders, cutters sync.WaitGroup
	sent := make([]int, 3)
	send := []func(n int) error{
		func(n int) error { return s.io.Emit("n", 0, n, "mark") },
		func(n int) error { return s.io.To("r").Emit("n", 1, n, "mark") },
		func(n int) (err error) {
			for _, m := range members {
				if e := s.io.To(m.id).Emit("n", 2, n, "mark"); e != nil {
					err = e
				}
			}
			return err
		},
	}
	for g := range send {
		senders.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := send[g](sent[g]); err != nil {
					s.fault("sender %d: %v", g, err)
					return
				}
				sent[g]++
				time.Sleep(recoveryPace)
			}
		})
	}
	for _, m := range members {
		if m.network == nil {
			continue
		}
		cutters.Go(func() {
			for range recoveryCuts {
				time.Sleep(20 * recoveryPace)
				if err := m.network.cut(nil); err != nil {
					s.fault("%s: %v; it wrote: %s", m.name, err, m.process.said())
					return
				}
				r, err := await(m.results, "connect", clientLimit)
				if err != nil {
					s.fault("%s: %v; it wrote: %s", m.name, err, m.process.said())
					return
				}
				if r.Detail != m.id+" true" {
					s.fault("%s came back as %q, want %q", m.name, r.Detail, m.id+" true")
					return
				}
			}
		})
	}
	cutters.Wait()
	close(stop)
	senders.Wait()
	if err := s.io.Emit("last"); err != nil {
		t.Fatal(err)
	}
	total := sent[0] + sent[1] + sent[2]
	for _, m := range members {
		r, extra := m.await(t, "returned"), 0
		if strings.HasPrefix(m.name, "4.") {
			// On the wire 4.0 is no different from its successors.
			extra = total
		}
		want := fmt.Sprintf("%d events, %d with an offset, ", total, extra)
		if !r.OK || !strings.HasPrefix(r.Detail, want) || m.network != nil && strings.Contains(r.Detail, ", 0 times back") {
			t.Errorf("%s: %q, want %q", m.name, r.Detail, want)
		}
	}
}

// TestRecoveryTooLate has a client come back after its time.
func TestRecoveryTooLate(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	const window = time.Millisecond
	for _, r := range suite {
		if !slices.Contains(recoveringReleases, r.release) {
			continue
		}
		for _, mode := range r.node[:2] {
			t.Run(r.release+" "+mode, func(t *testing.T) {
				t.Parallel()
				s := newRecoveryStage(t, socketio.RecoveryConfig{Window: window})
				network := newOutage(t, s.url, pass)
				m := &returning{name: r.release + " " + mode}
				m.process, m.results = startNode(t, task{Release: r.release, Era: r.era, Program: "returning", Mode: mode, URL: network.proxy.url, Tag: "late", Generation: r.generation})
				first := m.await(t, "connect").id()
				if err := s.io.To(first).Emit("n", 0, 0, "mark"); err != nil {
					t.Fatal(err)
				}
				left := ""
				if err := network.cut(func() {
					left = <-s.left
					time.Sleep(window) // the session has been kept by now
				}); err != nil {
					t.Fatal(err)
				}
				if left != first {
					t.Errorf("%s left, not %s", left, first)
				}
				again := m.await(t, "connect")
				if again.id() == first || !strings.HasSuffix(again.Detail, " false") {
					t.Errorf("came back as %q after %s", again.Detail, first)
				}
				if err := s.io.To(again.id()).Emit("n", 0, 0, "mark"); err != nil {
					t.Fatal(err)
				}
				if err := s.io.To(again.id()).Emit("last"); err != nil {
					t.Fatal(err)
				}
				if end := m.await(t, "returned"); !end.OK {
					t.Error(end.Detail)
				}
				<-s.left
			})
		}
	}
}

func (m *returning) await(t *testing.T, check string) result {
	t.Helper()
	r, err := await(m.results, check, clientLimit)
	if err != nil {
		t.Fatalf("%s: %v; it wrote: %s", m.name, err, m.process.said())
	}
	return r
}

// id is the socket id in the report of a connection.
func (r result) id() string {
	id, _, _ := strings.Cut(r.Detail, " ")
	return id
}
