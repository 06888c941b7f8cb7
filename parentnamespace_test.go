package socketio

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// TestParentNamespace: a namespace comes into being when a client asks for it, and
// has what its parent had by then.
func TestParentNamespace(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	var made, calls []string
	io.OnNewNamespace(func(ns *Namespace) {
		made = append(made, ns.Name())
		if io.Of(ns.Name()) != ns {
			t.Error("announced before it is known")
		}
	})
	static := io.Of("/dynamic-0")
	parent := io.OfPattern(regexp.MustCompile(`^/dynamic-\d+$`))
	parent.Use(func(s *Socket) error {
		calls = append(calls, "use "+s.Namespace().Name())
		if s.Handshake().Query.Get("no") != "" {
			return errors.New("refused")
		}
		return nil
	})
	parent.OnConnection(func(s *Socket) { calls = append(calls, "connected "+s.ID()) })
	c := dial(t, io)
	for _, name := range []string{"/", "/dynamic-1", "/dynamic-x", "/dynamic-0"} {
		c.connect(name)
	}
	c.connectQuery("/dynamic-2", "no=1")
	c.wait()
	parent.OnConnect(func(s *Socket) { calls = append(calls, "later "+s.ID()) })
	other := dial(t, io)
	other.connect("/dynamic-1")
	other.connect("/dynamic-3")
	other.wait()
	want := []string{
		"connect /", "connect /dynamic-1", `error /dynamic-x"Invalid namespace"`, "connect /dynamic-0", `error /dynamic-2"refused"`,
	}
	if d := cmp.Diff(want, c.log()); d != "" {
		t.Error(d)
	}
	want = []string{
		"use /dynamic-1", "connected /dynamic-1#" + c.id, "use /dynamic-2",
		"use /dynamic-1", "connected /dynamic-1#" + other.id,
		"use /dynamic-3", "connected /dynamic-3#" + other.id, "later /dynamic-3#" + other.id,
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"/dynamic-0", "/dynamic-1", "/dynamic-2", "/dynamic-3"}, made); d != "" {
		t.Error(d)
	}
	var names []string
	for _, ns := range parent.Children() {
		names = append(names, ns.Name())
	}
	if d := cmp.Diff([]string{"/dynamic-1", "/dynamic-2", "/dynamic-3"}, names); d != "" || io.Of("/dynamic-0") != static {
		t.Error(d)
	}
	if io.Of("/dynamic-4").parent != parent {
		t.Error("a name that fits the pattern is no child")
	}
}

// TestParentNamespaceOperator: a parent's operator means all its namespaces.
func TestParentNamespaceOperator(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	parent := io.OfPattern(regexp.MustCompile(`^/d\d$`))
	c := dial(t, io)
	for _, name := range []string{"/", "/d1", "/d2"} {
		c.connect(name)
	}
	c.wait()
	one, _ := io.Of("/d1").Socket("/d1#" + c.id)
	one.Join("r")
	for _, err := range []error{
		parent.Emit("all"), parent.To("r").Emit("room"), parent.In("r").Except("r").Emit("nobody"),
		parent.Except("r").Emit("rest"), parent.To("r").SocketsJoin("s"), parent.To("s").SocketsLeave("r"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{"event /d1 all()", "event /d2 all()", "event /d1 room()", "event /d2 rest()"}
	if d := cmp.Diff(want, c.log()[3:]); d != "" {
		t.Error(d)
	}
	if ids, err := parent.All().Clients(t.Context()); err != nil || len(ids) != 2 {
		t.Error(ids, err)
	}
	list, err := parent.To("s").FetchSockets(t.Context())
	if err != nil || len(list) != 1 || list[0].Namespace().Name() != "/d1" {
		t.Error(list, err)
	}
	got := make(chan error)
	answered := make(chan string, 9)
	c.mu.Lock()
	c.arrived = answered
	c.mu.Unlock()
	go func() {
		r, err := parent.All().EmitWithAcks(t.Context(), "q")
		if len(r.Answers) != 2 || r.Asked != 2 {
			err = errors.Join(err, fmt.Errorf("%+v", r))
		}
		got <- err
	}()
	for range 2 {
		<-answered
	}
	c.ack("/d1", 0, "")
	c.ack("/d2", 0, "")
	if err := <-got; err != nil {
		t.Error(err)
	}
	if err := parent.All().DisconnectSockets(false); err != nil || one.Connected() {
		t.Error("still connected", err)
	}
	var un *UnansweredError
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parent.All().EmitWithAcks(ended, "q"); !errors.Is(err, context.Canceled) || errors.As(err, &un) {
		t.Error(err)
	}
}

// TestNamespaceFunc: funcs are asked in order, with what the client said.
func TestNamespaceFunc(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	var asked []string
	decide := func(who string, yes bool, err error) {
		io.OfFunc(func(name string, h *Handshake) (bool, error) {
			asked = append(asked, fmt.Sprint(who, name, h.Query.Get("token"), string(h.Auth), h.RemoteAddr != ""))
			if who == "panics" {
				panic("boom")
			}
			return yes && name == "/yes", err
		})
	}
	decide("no ", false, nil)
	decide("error ", true, errors.New("secret"))
	decide("panics", true, nil)
	decide("yes ", true, nil)
	decide("late ", true, nil)
	c := dial(t, io)
	c.receiver.Receive(&packet.Packet{Type: packet.Connect, Namespace: "/yes", Query: "token=mine", Data: []byte(`{"a":1}`)})
	c.connect("/other")
	c.connect("/yes")
	c.wait()
	tail := `mine{"a":1}true`
	want := []string{"no /yes" + tail, "error /yes" + tail, "panics/yes" + tail, "yes /yes" + tail}
	if d := cmp.Diff(want, asked[:4]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"connect /yes", `error /other"Invalid namespace"`}, c.log()); d != "" {
		t.Error(d)
	}
	if len(asked) != 9 {
		t.Errorf("asked %q", asked[4:])
	}
}

// TestEmptyChildrenEnd: with the option, a namespace ends with its last socket and
// when nobody got in; one that the application made by name does not.
func TestEmptyChildrenEnd(t *testing.T) {
	t.Parallel()
	for _, cleanup := range []bool{true, false} {
		t.Run(fmt.Sprint(cleanup), func(t *testing.T) {
			t.Parallel()
			closed := map[string]int{}
			var mu sync.Mutex
			io := newTestServer(t, Config{
				CleanupEmptyChildNamespaces: cleanup,
				Adapter: func(ns *Namespace) rooms.Adapter {
					return &notedAdapter{Adapter: rooms.NewStore(), closed: func() {
						mu.Lock()
						defer mu.Unlock()
						closed[ns.Name()]++
					}}
				},
			})
			static := io.Of("/static")
			parent := io.OfPattern(regexp.MustCompile("^/d"))
			parent.Use(func(s *Socket) error {
				if strings.HasSuffix(s.Namespace().Name(), "no") {
					return errors.New("refused")
				}
				return nil
			})
			a, b := dial(t, io), dial(t, io)
			for _, c := range []*fakeConn{a, b} {
				c.connect("/d")
				c.connect("/static")
				c.wait()
			}
			a.connect("/d-no")
			a.leave("/d")
			a.leave("/static")
			a.wait()
			own := io.Of("/d-own") // made by the application: it is there until it has been used
			a.connect("/d-own")
			a.wait()
			if io.namespace("/d-own") != own || len(own.Sockets()) != 1 {
				t.Error("a namespace has ended while its first socket was on its way")
			}
			a.leave("/d-own")
			a.wait()
			child := io.namespace("/d")
			if child == nil || len(child.Sockets()) != 1 {
				t.Fatal("a namespace with a socket in it is gone")
			}
			b.lose(ReasonTransportClose)
			b.wait()
			gone := io.namespace("/d") == nil && io.namespace("/d-no") == nil && len(parent.Children()) == 0
			if gone != cleanup {
				t.Errorf("gone: %v", gone)
			}
			mu.Lock()
			if n := closed["/d"] + closed["/d-no"]; (n == 2) != cleanup || n == 1 || closed["/static"] != 0 {
				t.Errorf("closed %v", closed)
			}
			mu.Unlock()
			if err := parent.Emit("nobody"); err != nil || io.Of("/static") != static {
				t.Error(err)
			}
			if (parent.unlessRemoved(child, rooms.ErrClosed) == nil) != cleanup {
				t.Error("the error of a namespace that has ended")
			}
			a.connect("/d")
			a.wait()
			if again := io.namespace("/d"); again == nil || (again != child) != cleanup || len(again.Sockets()) != 1 {
				t.Error("nobody gets in again")
			}
		})
	}
}

// notedAdapter says when it is closed.
type notedAdapter struct {
	rooms.Adapter
	closed func()
}

func (n *notedAdapter) Close() error {
	n.closed()
	return n.Adapter.Close()
}

func TestChildrenAreBounded(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{MaxDynamicNamespaces: 2, CleanupEmptyChildNamespaces: true, MaxNamespacesPerClient: 3})
	io.OfPattern(regexp.MustCompile("^/d"))
	c := dial(t, io)
	for _, name := range []string{"/", "/d1", "/d2", "/d3"} {
		c.connect(name)
	}
	c.wait()
	other := dial(t, io)
	other.connect("/d3")
	other.connect("/d1")
	other.wait()
	c.leave("/d2")
	c.wait()
	other.connect("/d4")
	other.wait()
	if d := cmp.Diff([]string{"connect /", "connect /d1", "connect /d2", `error /d3"Invalid namespace"`}, c.log()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{`error /d3"Invalid namespace"`, "connect /d1", "connect /d4"}, other.log()); d != "" {
		t.Error(d)
	}
}

// TestChildrenUnderLoad has many clients come to and go from few namespaces that
// end with the last of them. Each must find one that takes it.
func TestChildrenUnderLoad(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{CleanupEmptyChildNamespaces: true})
	parent := io.OfPattern(regexp.MustCompile("^/d"))
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			c := dial(t, io)
			name := fmt.Sprint("/d", i%3)
			for range 50 {
				c.connect(name)
				c.wait()
				ns := io.namespace(name)
				if ns == nil {
					t.Error("the namespace of a socket does not exist")
					return
				}
				if _, ok := ns.Socket(name + "#" + c.id); !ok || len(ns.Adapter().SocketRooms(name+"#"+c.id)) != 1 {
					t.Error("a socket is not in its namespace")
					return
				}
				_ = parent.Emit("news")
				c.leave(name)
				c.wait()
			}
		})
	}
	wg.Wait()
	if n := len(parent.Children()); n != 0 || io.children != 0 {
		t.Errorf("%d children left, counted %d", n, io.children)
	}
}

// TestAdapterThatPanicsForAClient costs the client that asked the namespace, and
// nobody else anything; the next one is served.
func TestAdapterThatPanicsForAClient(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	io := newTestServer(t, Config{Adapter: func(ns *Namespace) rooms.Adapter {
		if ns.Name() != "/" && calls.Add(1) == 1 {
			panic("out of order")
		}
		return nil
	}, MaxDynamicNamespaces: 1})
	io.OfPattern(regexp.MustCompile(`^/made-`))
	c := dial(t, io)
	c.connect("/made-1")
	c.connect("/made-1")
	c.wait()
	want := []string{`error /made-1"Invalid namespace"`, "connect /made-1"}
	if got := c.log(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
}
