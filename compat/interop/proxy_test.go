package interop

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// proxy is a bad network between clients and a site, which ends with the test.
type proxy struct {
	url   string
	serve func(p *proxy, client, server net.Conn)
	dial  func() (net.Conn, error)

	wg sync.WaitGroup // the accepting goroutine, and those of connections
	mu sync.Mutex
	// Guarded by mu:
	conns  map[net.Conn]bool
	ended  bool
	early  int // polls cut off before they were answered
	middle int // answers cut off
	inRow  int // of both, one after another
	large  int // large answers to polls, also those cut off
}

// newProxy starts a proxy that treats its connections in the given way.
func newProxy(t *testing.T, s *site, serve func(p *proxy, client, server net.Conn)) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{
		url:   "http://" + ln.Addr().String(),
		serve: serve,
		dial:  func() (net.Conn, error) { return net.Dial("tcp", strings.TrimPrefix(s.url, "http://")) },
		conns: make(map[net.Conn]bool),
	}
	p.wg.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.handle(client) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		p.mu.Lock()
		p.ended = true
		for c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

func (p *proxy) handle(client net.Conn) {
	defer client.Close()
	server, err := p.dial()
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	ended := p.ended
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	if !ended {
		p.serve(p, client, server)
	}
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

// swallow lets everything pass but what a server says on a WebSocket once it is
// open: the work of proxies that knew the handshake and nothing else.
func swallow(_ *proxy, client, server net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	defer wg.Wait()
	defer client.Close()
	from := bufio.NewReader(server)
	head, hixie, err := readHead(from)
	if err != nil {
		return
	}
	if _, err := io.WriteString(client, head); err != nil {
		return
	}
	if !strings.HasPrefix(head, "HTTP/1.1 101 ") {
		// A connection for HTTP stays one: no client here upgrades it later.
		_, _ = io.Copy(client, from)
		return
	}
	if hixie {
		// The signature belongs to the handshake.
		if _, err := io.CopyN(client, from, 16); err != nil {
			return
		}
	}
	_, _ = io.Copy(io.Discard, from)
}

// readHead reads the head of an answer, and tells whether it is one of the hixie
// drafts.
func readHead(from *bufio.Reader) (head string, hixie bool, err error) {
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return "", false, err
		}
		head += line
		hixie = hixie || strings.HasPrefix(strings.ToLower(line), "sec-websocket-location:")
		if line == "\r\n" {
			return head, hixie, nil
		}
	}
}

const (
	// largeAnswer is the size of an answer of which the server must notice that
	// it did not arrive, as it does not fit into the network's buffers; smallPart
	// is how much of it may arrive.
	largeAnswer = 512 << 10
	smallPart   = 32 << 10
	// bufferSize is what the network is asked to keep, of which it keeps a few
	// times as much.
	bufferSize = 32 << 10
	// maxInRow is how many failed polls in a row a client of 0.9 forgives.
	maxInRow = 2
)

// errCut ends a connection that has been cut off.
var errCut = errors.New("cut off")

// cut cuts polls off: some before they are answered, and some large answers in
// the middle, wherever it happens to be.
func cut(p *proxy, client, server net.Conn) {
	if tcp, ok := server.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(bufferSize)
	}
	requests, answers := bufio.NewReaderSize(client, 4<<10), bufio.NewReaderSize(server, 4<<10)
	for {
		r, err := http.ReadRequest(requests)
		if err != nil {
			return
		}
		if err := r.Write(server); err != nil {
			return
		}
		if err := p.answer(client, answers, r); err != nil {
			if errors.Is(err, errCut) {
				reset(client)
				reset(server)
			}
			return
		}
	}
}

func (p *proxy) answer(client net.Conn, answers *bufio.Reader, r *http.Request) error {
	poll := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "-polling/")
	if before, begun := p.cutOff(); poll && begun > 0 && (before == 0 || rand.IntN(4) == 0) && p.mayCut(&p.early) {
		// From the first large answer on, nothing else is worth a poll.
		return errCut
	}
	res, err := http.ReadResponse(answers, r)
	if err != nil {
		return err
	}
	if poll && res.ContentLength >= largeAnswer && p.mayCutLarge() {
		res.Body = io.NopCloser(io.LimitReader(res.Body, rand.Int64N(smallPart)))
		// The whole body must not be closed, which would read it to the end.
		_ = res.Write(client) // complains that there is less than announced
		return errCut
	}
	if err := res.Write(client); err != nil {
		return err
	}
	if poll {
		p.mu.Lock()
		p.inRow = 0
		p.mu.Unlock()
	}
	return nil
}

// mayCut decides about a poll, and counts it.
func (p *proxy) mayCut(stage *int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inRow == maxInRow || rand.IntN(3) == 0 {
		return false
	}
	*stage++
	p.inRow++
	return true
}

// mayCutLarge decides about a large answer, and counts it.
func (p *proxy) mayCutLarge() bool {
	p.mu.Lock()
	p.large++
	p.mu.Unlock()
	return p.mayCut(&p.middle)
}

// largeAnswers returns how many large answers to polls there were so far.
func (p *proxy) largeAnswers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.large
}

func (p *proxy) cutOff() (early, middle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.early, p.middle
}

// reset ends a connection the hard way.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
