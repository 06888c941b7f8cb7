package interop

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	socketio "github.com/heirloom-io/socketio"
)

// apiNamespaceRows are about namespaces, their middleware and whom they reach.
var apiNamespaceRows = []apiRow{
	{name: "emit reaches everyone", run: func(x *api) {
		guests, _ := x.visitors(3)
		x.check(x.io.Of("/").Emit("ev", "a", 1, []int{2}, map[string]any{"b": nil}))
		for _, g := range guests {
			g.want(`ev("a",1,[2],{"b":null})`)
		}
	}},
	{name: "namespaces are apart", run: func(x *api) {
		g, _ := x.visit("/", nil)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) { s.Join("room") })
		c, _ := x.visit("/chat", nil)
		x.check(x.io.To("room").Emit("ev", "root"))
		x.check(x.io.Of("/chat").To("room").Emit("ev", "chat"))
		c.want(`ev("chat")`)
		x.last(g)
	}},
	{name: "send", run: func(x *api) {
		g, s := x.visit("/", nil)
		x.check(s.Namespace().Send("hi"))
		x.check(s.Send("there"))
		g.want(`message("hi")`, `message("there")`)
		s.On("message", func(text string) { x.note(text) })
		g.do(command{Op: "send", Args: []any{"back"}})
		x.noted("back")
	}},
	{name: "to unites rooms", run: func(x *api) {
		guests, sockets := x.visitors(4)
		sockets[0].Join("a")
		sockets[1].Join("b")
		sockets[2].Join("a", "b")
		x.check(x.io.To("a").To("b").Emit("ev", 1))
		x.check(x.io.In("b").Emit("ev", 2))
		guests[0].want("ev(1)")
		guests[1].want("ev(1)", "ev(2)")
		guests[2].want("ev(1)", "ev(2)")
		x.last(guests...)
	}},
	{name: "except", run: func(x *api) {
		guests, sockets := x.visitors(3)
		sockets[1].Join("quiet")
		x.check(x.io.Except("quiet").Emit("ev", 1))
		x.check(x.io.Except(sockets[0].ID()).Except("quiet").Emit("ev", 2))
		guests[0].want("ev(1)")
		guests[2].want("ev(1)", "ev(2)")
		x.last(guests...)
	}},
	{name: "no acks of broadcasts", run: func(x *api) {
		g, s := x.visit("/", nil)
		answer := func(string) { x.note("answer") }
		for name, err := range map[string]error{
			"namespace": x.io.Emit("ev", answer),
			"room":      x.io.To(s.ID()).Emit("ev", answer),
			"socket.to": s.To("room").Emit("ev", answer),
			"broadcast": s.Broadcast().Emit("ev", answer),
		} {
			if !errors.Is(err, socketio.ErrAckOnBroadcast) {
				x.Errorf("%s: %v", name, err)
			}
		}
		x.last(g)
		x.quiet()
	}},
	{name: "clients", run: func(x *api) {
		guests, sockets := x.visitors(3)
		sockets[0].Join("a")
		sockets[2].Join("a", "b")
		ids := func(o interface {
			Clients(ctx context.Context) ([]string, error)
		},
		) []string {
			got, err := o.Clients(context.Background())
			x.check(err)
			slices.Sort(got)
			return got
		}
		sorted := func(sockets ...*socketio.Socket) []string {
			var out []string
			for _, s := range sockets {
				out = append(out, s.ID())
			}
			slices.Sort(out)
			return out
		}
		if got := ids(x.io.Of("/")); !slices.Equal(got, sorted(sockets...)) {
			x.Errorf("clients of the namespace %q", got)
		}
		if got := ids(x.io.To("a").In("b")); !slices.Equal(got, sorted(sockets[0], sockets[2])) {
			x.Errorf("clients of the rooms %q", got)
		}
		x.last(guests...)
	}},
	{name: "connected sockets", run: func(x *api) {
		var found bool
		x.io.Use(func(s *socketio.Socket) error {
			_, found = x.io.Socket(s.ID())
			return nil
		})
		g, s := x.visit("/", nil)
		if found {
			x.Error("a socket is in its namespace before the middlewares are through")
		}
		if got, ok := x.io.Of("/").Socket(s.ID()); !ok || got != s || len(x.io.Of("/").Sockets()) != 1 || !s.Connected() {
			x.Error("the socket is not in its namespace")
		}
		s.OnDisconnect(func(socketio.Reason) {
			_, there := x.io.Socket(s.ID())
			if there || s.Connected() || len(x.io.Sockets()) != 0 {
				x.Error("the socket is still there when its end is told")
			}
			x.note("end")
		})
		g.do(command{Op: "end"})
		x.noted("end")
	}},
	{name: "middlewares in order", run: func(x *api) {
		x.io.Use(func(s *socketio.Socket) error {
			x.note("first")
			x.io.Use(func(*socketio.Socket) error { x.note("late"); return nil })
			s.Set("user", "ann")
			return s.Emit("ev", "early")
		})
		x.io.Use(func(s *socketio.Socket) error { x.note("second " + s.Get("user").(string)); return nil })
		x.io.OnConnection(func(*socketio.Socket) { x.note("connection") })
		g := x.dial("/", nil)
		x.noted("first", "second ann", "connection")
		g.want(`ev("early")`, "connect()") // clients hand on what they kept before they say so
		x.quiet()
	}},
	{name: "middleware refuses", run: func(x *api) {
		x.io.Of("/chat").Use(func(s *socketio.Socket) error {
			if s.Handshake().Query.Get("user") != "ann" {
				return errors.New("no entry")
			}
			return nil
		})
		x.io.Of("/chat").Use(func(*socketio.Socket) error { x.note("second middleware"); return nil })
		x.io.Of("/chat").OnConnection(func(*socketio.Socket) { x.note("connection") })
		ann, _ := x.visit("/", map[string]any{"query": "user=ann"})
		ann.join("/chat", nil).want("connect()")
		x.noted("second middleware", "connection")
		root, _ := x.visit("/", map[string]any{"query": "user=bob"})
		g := root.join("/chat", nil)
		if got := g.refused(); !x.old() && got != `("no entry")` {
			x.Errorf("the refusal is %s", got)
		}
		x.last(root, ann) // the connections stay
		x.quiet()
	}},
	{name: "middleware refuses with data", since: "2", until: "2", run: func(x *api) {
		x.io.Use(func(*socketio.Socket) error {
			return &socketio.Error{Message: "message", Data: map[string]any{"code": 7}}
		})
		x.dial("/", nil).want(`error({"code":7})`)
	}},
	{name: "root first", since: "2", until: "2", run: func(x *api) {
		x.io.Use(func(s *socketio.Socket) error {
			x.note("root")
			if s.Handshake().Query.Get("no") != "" {
				return errors.New("no")
			}
			return nil
		})
		x.io.Of("/chat").Use(func(*socketio.Socket) error { x.note("chat"); return nil })
		x.dial("/chat", nil).want("connect()")
		x.noted("root", "chat")
		x.dial("/chat", map[string]any{"query": "no=1"})
		x.noted("root")
		x.dial("/chat", nil).want("connect()") // time for the other
		x.noted("root", "chat")
		x.quiet()
	}},
	{name: "connect before events", run: func(x *api) {
		x.io.OnConnect(func(s *socketio.Socket) {
			x.note("connect")
			s.On("ev", func(n int) { x.note("event") })
			s.Join("room")
			x.check(x.io.To("room").Emit("ev", "welcome"))
		})
		x.io.OnConnection(func(s *socketio.Socket) { x.note("connection") })
		g := x.dial("/", nil)
		g.emit("ev", 1) // kept until it is connected
		x.noted("connect", "connection", "event")
		g.want("connect()", `ev("welcome")`)
	}},
	{name: "volatile", run: func(x *api) {
		g, s := x.visit("/", nil)
		for _, o := range []socketio.Operator{s.Volatile(), x.io.Volatile(), x.io.To(s.ID()).Volatile()} {
			x.untilTaken(g, o)
		}
		g.do(command{Op: "end"})
		take(x, s.Context().Done())
		if err := s.Volatile().Emit("ev", 3); !errors.Is(err, socketio.ErrDisconnected) {
			x.Errorf("volatile after the end: %v", err)
		}
	}},
	{name: "volatile between polls", run: func(x *api) {
		g, s := x.visit("/", x.polling())
		for i, volatile := range []socketio.Operator{s.Volatile(), x.io.Volatile(), x.io.To(s.ID()).Volatile()} {
			g.do(command{Op: "stop"})
			x.check(s.Emit("ev", i)) // ends the poll under way
			g.want(fmt.Sprintf("ev(%d)", i))
			x.check(volatile.Emit("ev", "lost"))
			x.check(s.Emit("ev", "kept"))
			g.do(command{Op: "go"})
			g.want(`ev("kept")`)
		}
		x.last(g)
	}},
	{name: "reserved events", run: func(x *api) {
		g, s := x.visit("/", nil)
		for _, name := range []string{"connect", "disconnect", "disconnecting", "error", "newListener", "removeListener"} {
			if err := s.Emit(name); !errors.Is(err, socketio.ErrReservedEvent) {
				x.Errorf("socket, %s: %v", name, err)
			}
			if err := x.io.Emit(name); !errors.Is(err, socketio.ErrReservedEvent) {
				x.Errorf("namespace, %s: %v", name, err)
			}
		}
		x.last(g)
	}},
}

// apiDynamicRows are about namespaces that clients bring about.
var apiDynamicRows = []apiRow{
	{name: "of pattern", run: func(x *api) {
		parent := x.io.OfPattern(regexp.MustCompile(`^/dynamic-\d+$`))
		parent.Use(func(*socketio.Socket) error { x.note("use"); return nil })
		parent.OnConnection(func(s *socketio.Socket) { x.note(s.Namespace().Name()) })
		root, _ := x.visit("/", nil)
		a, b := root.join("/dynamic-101", nil), root.join("/dynamic-102", nil)
		a.want("connect()")
		b.want("connect()")
		seen := []string{take(x, x.notes), take(x, x.notes), take(x, x.notes), take(x, x.notes)}
		slices.Sort(seen)
		x.same("what was seen", strings.Join(seen, " "), "/dynamic-101 /dynamic-102 use use")
		x.check(parent.Emit("ev", "all"))
		x.check(x.io.Of("/dynamic-101").Emit("ev", "one"))
		a.want(`ev("all")`, `ev("one")`)
		b.want(`ev("all")`)
		if n := len(parent.Children()); n != 2 {
			x.Errorf("%d children, want 2", n)
		}
	}},
	{name: "of func", since: "2", until: "2", run: func(x *api) {
		x.io.OfFunc(func(name string, h *socketio.Handshake) (bool, error) {
			x.note(name)
			return false, errors.New("not mine")
		})
		x.io.OfFunc(func(_ string, h *socketio.Handshake) (bool, error) {
			return h.Query.Get("token") == "good", nil
		}).OnConnection(func(s *socketio.Socket) { x.note("in " + s.Namespace().Name()) })
		root, _ := x.visit("/", nil)
		root.join("/room", map[string]any{"query": "token=good"}).want("connect()")
		x.noted("/room", "in /room")
		root.join("/other", map[string]any{"query": "token=bad"}).want(`error("Invalid namespace")`)
		x.noted("/other")
		if _, ok := x.io.Of("/room").Socket("none"); ok {
			x.Error("a socket nobody has")
		}
	}},
	{name: "unknown namespace", since: "2", until: "2", run: func(x *api) {
		root, _ := x.visit("/", nil)
		root.join("/nowhere", nil).want(`error("Invalid namespace")`)
		x.last(root)
	}},
	{name: "children copy their parent", run: func(x *api) {
		parent := x.io.OfPattern(regexp.MustCompile(`^/copy`))
		parent.Use(func(*socketio.Socket) error { x.note("old use"); return nil })
		parent.OnConnection(func(s *socketio.Socket) { x.note("old") })
		root, _ := x.visit("/", nil)
		root.join("/copy-1", nil).want("connect()")
		x.noted("old use", "old")
		parent.Use(func(*socketio.Socket) error { x.note("new use"); return nil })
		parent.OnConnection(func(s *socketio.Socket) { x.note("new") })
		other, _ := x.visit("/", nil)
		other.join("/copy-1", nil).want("connect()")
		x.noted("old use", "old")
		other.join("/copy-2", nil).want("connect()")
		x.noted("old use", "new use", "old", "new")
		x.quiet()
	}},
	{name: "query of a namespace", since: "2", until: "2", run: func(x *api) {
		queries := make(chan url.Values, 1)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) { queries <- s.Handshake().Query })
		root, s := x.visit("/", map[string]any{"query": "a=1&b=2"})
		root.join("/chat", map[string]any{"query": "b=3&c=4"}).want("connect()")
		q := take(x, queries)
		if q.Get("a") != "1" || q.Get("b") != "3" || q.Get("c") != "4" || q.Get("EIO") != "3" {
			x.Errorf("query %v", q)
		}
		if q := s.Handshake().Query; q.Get("b") != "2" || q.Has("c") {
			x.Errorf("query of the root %v", q)
		}
	}},
}
