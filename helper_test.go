package socketio

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
	"github.com/heirloom-io/socketio/versions"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// fakeConn is a client of no generation. It notes what it is sent, in a short
// notation of its own.
type fakeConn struct {
	id       string
	can      packet.Feature
	receiver versions.Receiver
	hand     *versions.Handshake

	mu     sync.Mutex
	sent   []string
	fail   error // what Deliver returns
	closed bool
	reason Reason
	// arrived gets a token for each packet if somebody cares.
	arrived chan string
	// during is called while a packet is delivered, unless nil.
	during func()
}

var allFeatures = packet.FeatureEvents | packet.FeatureAcks | packet.FeatureNamespaces | packet.FeatureBinary |
	packet.FeatureEventErrors

func (c *fakeConn) ID() string                     { return c.id }
func (c *fakeConn) Info() Info                     { return Info{Generation: "test", Transport: "fake"} }
func (c *fakeConn) Handshake() *versions.Handshake { return c.hand }
func (c *fakeConn) Can(f packet.Feature) bool      { return c.can.Has(f) }

func (c *fakeConn) Deliver(p *packet.Prepared) error {
	if c.during != nil {
		defer c.during()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return versions.ErrClosed
	}
	if c.fail != nil {
		return c.fail
	}
	line := notation(p.Packet())
	c.sent = append(c.sent, line)
	if c.arrived != nil {
		select {
		case c.arrived <- line:
		default:
		}
	}
	return nil
}

// Close ends the connection as a generation does: Closed comes from elsewhere.
func (c *fakeConn) Close(reason Reason) {
	c.mu.Lock()
	again := c.closed
	c.closed, c.reason = true, reason
	c.mu.Unlock()
	if !again {
		go c.receiver.Closed(reason)
	}
}

// lose ends the connection from the client's side.
func (c *fakeConn) lose(reason Reason) {
	c.mu.Lock()
	again := c.closed
	c.closed, c.reason = true, reason
	c.mu.Unlock()
	if !again {
		c.receiver.Closed(reason)
	}
}

func notation(p *packet.Packet) string {
	var b strings.Builder
	b.WriteString(p.Type.String())
	b.WriteString(" " + p.Namespace)
	if p.HasID {
		b.WriteString(" #" + strconv.FormatInt(p.ID, 10))
	}
	if p.Type == packet.Event {
		b.WriteString(" " + p.Name)
	}
	if p.Type == packet.Event || p.Type == packet.Ack {
		b.WriteString("(" + string(p.Args) + ")")
	}
	if p.Data == nil && p.Type == packet.Error {
		b.Write(packet.AppendString(nil, p.Name))
	}
	b.Write(p.Data)
	for _, a := range p.Attachments {
		b.WriteString(" <" + string(a) + ">")
	}
	if p.Volatile {
		b.WriteString(" volatile")
	}
	if p.NoCompress {
		b.WriteString(" plain")
	}
	return b.String()
}

func (c *fakeConn) log() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.sent...)
}

// wait returns when everything the client sent so far has been handled.
func (c *fakeConn) wait() {
	cl := c.receiver.(*client)
	done := make(chan struct{})
	cl.mu.Lock()
	if cl.over {
		cl.mu.Unlock()
		return
	}
	cl.pushLocked(job{run: func() { close(done) }})
	cl.mu.Unlock()
	<-done
}

func (c *fakeConn) connect(namespace string) { c.connectQuery(namespace, "") }

func (c *fakeConn) connectQuery(namespace, query string) {
	c.receiver.Receive(&packet.Packet{Type: packet.Connect, Namespace: namespace, Query: query})
}

func (c *fakeConn) leave(namespace string) {
	c.receiver.Receive(&packet.Packet{Type: packet.Disconnect, Namespace: namespace})
}

func (c *fakeConn) event(namespace, name, args string, attachments ...[]byte) {
	c.receiver.Receive(&packet.Packet{
		Type: packet.Event, Namespace: namespace, Name: name,
		Args: []byte(args), Attachments: attachments,
	})
}

func (c *fakeConn) ask(id int64, name, args string, attachments ...[]byte) {
	c.receiver.Receive(&packet.Packet{
		Type: packet.Event, Namespace: "/", Name: name, ID: id, HasID: true,
		Args: []byte(args), Attachments: attachments,
	})
}

func (c *fakeConn) ack(namespace string, id int64, args string) {
	c.receiver.Receive(&packet.Packet{
		Type: packet.Ack, Namespace: namespace, ID: id, HasID: true, Args: []byte(args),
	})
}

var serial atomic.Int64

// openStore is a room store that can still be asked after its server has been
// closed, and that calls adding before a member is added.
type openStore struct {
	rooms.Adapter
	adding func(room string)
}

func (o *openStore) Close() error { return nil }

func (o *openStore) Add(m rooms.Member, names ...string) {
	if o.adding != nil {
		o.adding(names[0])
	}
	o.Adapter.Add(m, names...)
}

func keepOpen(*Namespace) rooms.Adapter { return &openStore{Adapter: rooms.NewStore()} }

func newTestServer(t testing.TB, config Config) *Server {
	t.Helper()
	s, err := NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// dial brings a client that has not asked for any namespace yet.
func dial(t testing.TB, s *Server) *fakeConn {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=3&token=url", nil)
	r.Header.Set("X-Test", "yes")
	c := &fakeConn{
		id:   "c" + strconv.FormatInt(serial.Add(1), 10),
		can:  allFeatures,
		hand: versions.NewHandshake(r, time.Now()),
	}
	receiver, err := s.host().Accept(c)
	if err != nil {
		t.Fatal(err)
	}
	c.receiver = receiver
	return c
}

// join brings a client that is in "/" and returns its socket.
func join(t testing.TB, s *Server) (*fakeConn, *Socket) {
	t.Helper()
	c := dial(t, s)
	c.connect("/")
	c.wait()
	socket, ok := s.Socket(c.id)
	if !ok {
		t.Fatal("the socket is not in its namespace")
	}
	return c, socket
}
