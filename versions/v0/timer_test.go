package v0

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// pipe is a duplex transport without a network, found by its name like any
// other of a user's own.
type pipe struct{ conns chan *pipeConn }

func (pipe) Name() string                    { return "pipe" }
func (pipe) Mechanism() transports.Mechanism { return transports.MechanismDuplex }

func (p pipe) Accept(http.ResponseWriter, *http.Request, transports.DuplexParams) (transports.Conn, error) {
	c := &pipeConn{up: make(chan string), over: make(chan struct{})}
	p.conns <- c
	return c, nil
}

type pipeConn struct {
	up   chan string
	over chan struct{}
	once sync.Once

	mu   sync.Mutex
	down []string
}

func (c *pipeConn) Read(f func([]byte, bool) error) error {
	select {
	case m := <-c.up:
		return f([]byte(m), false)
	case <-c.over:
		return transports.ErrPeerClosed
	}
}

func (c *pipeConn) Write(frames []*packet.Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range frames {
		c.down = append(c.down, string(f.Data))
	}
	return nil
}

func (c *pipeConn) taken() []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.down
	c.down = nil
	return out
}

func (c *pipeConn) Goodbye(transports.CloseCode) { c.Terminate() }
func (c *pipeConn) Terminate()                   { c.once.Do(func() { close(c.over) }) }

// bubble is a server without a network, for tests in virtual time.
type bubble struct {
	t    *testing.T
	h    *host
	srv  *Server
	pipe pipe
}

func inBubble(t *testing.T, change func(*Params), f func(*bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, h: newHost(), pipe: pipe{make(chan *pipeConn, 10)}}
		p := params(b.h)
		if err := p.Registry.Register(b.pipe); err != nil {
			t.Fatal(err)
		}
		p.Transports = append(p.Transports, "pipe")
		if change != nil {
			change(&p)
		}
		var err error
		if b.srv, err = NewServer(p); err != nil {
			t.Fatal(err)
		}
		f(b)
		if err := b.srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour) // whatever lingers
		synctest.Wait()
	})
}

// start makes a session and returns its id.
func (b *bubble) start() string {
	w := b.serve(context.Background(), http.MethodGet, "", "", nil)
	return w.Body.String()[:20]
}

func (b *bubble) serve(ctx context.Context, method, transport, sid string, done chan<- time.Duration) *httptest.ResponseRecorder {
	start := time.Now()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, method, "/socket.io/1/"+transport+"/"+sid, http.NoBody)
	b.srv.ServeHTTP(w, r, Request{Transport: transport, Session: sid})
	if done != nil {
		done <- time.Since(start)
	}
	return w
}

// poll returns the body of an answer and how long it took.
func (b *bubble) poll(sid string) (body string, took time.Duration) {
	start := time.Now()
	w := b.serve(context.Background(), http.MethodGet, "xhr-polling", sid, nil)
	return w.Body.String(), time.Since(start)
}

func (b *bubble) open(sid string) *pipeConn {
	b.serve(context.Background(), http.MethodGet, "pipe", sid, nil)
	return <-b.pipe.conns
}

func (b *bubble) want(c *pipeConn, packets ...string) {
	b.t.Helper()
	if diff := cmp.Diff(packets, c.taken()); diff != "" {
		b.t.Errorf("packets (-want +got):\n%s", diff)
	}
}

func (b *bubble) wantClosed(want versions.Reason) {
	b.t.Helper()
	synctest.Wait()
	select {
	case r := <-b.h.closings:
		if r != want {
			b.t.Errorf("reason %s, want %s", r, want)
		}
	default:
		b.t.Error("not closed")
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		c := b.open(b.start())
		b.want(c, "1::")
		time.Sleep(DefaultHeartbeatInterval - time.Millisecond)
		b.want(c, []string(nil)...)
		time.Sleep(time.Millisecond)
		b.want(c, "2::")
		time.Sleep(DefaultHeartbeatTimeout - time.Second)
		c.up <- "2::"
		time.Sleep(DefaultHeartbeatInterval)
		b.want(c, "2::")
		c.up <- "2::"
		time.Sleep(10 * time.Second)
		c.up <- "2::" // unasked: the interval begins anew
		time.Sleep(DefaultHeartbeatInterval - time.Second)
		b.want(c, []string(nil)...)
		time.Sleep(time.Second)
		b.want(c, "2::")
		time.Sleep(DefaultHeartbeatTimeout / 2)
		c.up <- "3:::only a heartbeat counts"
		time.Sleep(DefaultHeartbeatTimeout/2 + time.Millisecond)
		b.wantClosed(versions.ReasonPingTimeout)
		select {
		case <-c.over:
		default:
			t.Error("the connection is open")
		}
	})
}

func TestHeartbeatsDisabled(t *testing.T) {
	t.Parallel()
	inBubble(t, func(p *Params) { p.DisableHeartbeats = true }, func(b *bubble) {
		c := b.open(b.start())
		b.want(c, "1::")
		time.Sleep(24 * time.Hour)
		c.up <- "2::"
		time.Sleep(24 * time.Hour)
		b.want(c, []string(nil)...)
	})
}

// TestHeartbeatOfBlocked keeps a handler at work for longer than a client has to
// answer, who could not be heard meanwhile.
func TestHeartbeatOfBlocked(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		c := b.open(b.start())
		b.want(c, "1::")
		b.h.packets = make(chan *packet.Packet) // nobody reads: Receive blocks
		c.up <- "3:::x"
		time.Sleep(10 * time.Minute)
		b.want(c, "2::")
		<-b.h.packets
		c.up <- "2::"
		time.Sleep(DefaultHeartbeatInterval)
		b.want(c, "2::")
	})
}

func TestPollingTimers(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		sid := b.start()
		if body, took := b.poll(sid); body != "1::" || took != 0 {
			t.Errorf("%q after %s", body, took)
		}
		for range 5 {
			if body, took := b.poll(sid); body != "8::" || took != DefaultPollingDuration {
				t.Errorf("%q after %s", body, took)
			}
			time.Sleep(DefaultCloseTimeout - time.Millisecond)
		}
		if len(b.h.closings) != 0 {
			t.Error("closed too early")
		}
		time.Sleep(time.Millisecond)
		b.wantClosed(versions.ReasonPingTimeout)
		if body, _ := b.poll(sid); body != "7:::1+0" {
			t.Errorf("%q", body)
		}
	})
}

// TestAbortedPoll counts a poll whose client has gone as none.
func TestAbortedPoll(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		sid := b.start()
		b.poll(sid)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		done := make(chan time.Duration, 1)
		b.serve(ctx, http.MethodGet, "xhr-polling", sid, done)
		if took := <-done; took != 5*time.Second {
			t.Errorf("took %s", took)
		}
		(<-b.h.conns).send("x")
		time.Sleep(DefaultCloseTimeout - time.Second)
		if body, _ := b.poll(sid); body != "3:::x" {
			t.Errorf("%q", body)
		}
		time.Sleep(DefaultCloseTimeout)
		b.wantClosed(versions.ReasonPingTimeout)
	})
}

func TestUnclaimed(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		b.start()
		sid := b.start()
		b.poll(sid)
		time.Sleep(claimTimeout - time.Millisecond)
		synctest.Wait()
		if n := b.srv.Sessions(); n != 2 {
			t.Errorf("%d sessions", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := b.srv.Sessions(); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

// TestKickedLingers keeps the last packets of a client that was thrown out
// without a poll for as long as it may be without one.
func TestKickedLingers(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bubble) {
		sid := b.start()
		b.poll(sid)
		(<-b.h.conns).Close(versions.ReasonServerDisconnect)
		time.Sleep(DefaultCloseTimeout - time.Millisecond)
		if body, _ := b.poll(sid); body != "0::" {
			t.Errorf("%q", body)
		}
		sid = b.start()
		b.poll(sid)
		(<-b.h.conns).Close(versions.ReasonServerDisconnect)
		time.Sleep(DefaultCloseTimeout)
		synctest.Wait()
		if n := b.srv.Sessions(); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestStreamTimers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(p *Params) { p.StreamMaxAge = time.Minute }, func(b *bubble) {
		sid := b.start()
		page := make(chan string)
		go func() {
			w := b.serve(context.Background(), http.MethodGet, "htmlfile", sid, nil)
			page <- w.Body.String()
		}()
		for range 2 {
			time.Sleep(DefaultHeartbeatInterval)
			synctest.Wait()
			session := b.srv.lookup(sid)
			session.hear()
			session.receive([]byte("2::"))
		}
		want := string(colonPage.preamble)
		for _, p := range []string{"1::", "2::", "2::", "7:::1+0"} {
			want += `<script>_("` + p + `");</script>`
		}
		if diff := cmp.Diff(want, <-page); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		b.wantClosed(versions.ReasonTransportClose)
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Params){
		"no interval":                func(p *Params) { p.HeartbeatInterval = 0 },
		"timeout too long to tell":   func(p *Params) { p.HeartbeatTimeout = (maxSeconds + 1) * time.Second },
		"interval above the timeout": func(p *Params) { p.HeartbeatTimeout = p.HeartbeatInterval },
		"interval above closing":     func(p *Params) { p.HeartbeatInterval = 50 * time.Second; p.CloseTimeout = 40 * time.Second },
		"polls above closing":        func(p *Params) { p.PollingDuration = p.CloseTimeout },
		"no transport":               func(p *Params) { p.Transports = nil },
		"unknown transport":          func(p *Params) { p.Transports = []string{"polling"} },
	} {
		p := params(newHost())
		change(&p)
		if _, err := NewServer(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
