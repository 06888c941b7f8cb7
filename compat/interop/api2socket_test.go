package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// apiSocketRows are about what a socket is and does while it is there.
var apiSocketRows = []apiRow{
	{name: "socket id", run: func(x *api) {
		root, s := x.visit("/", nil)
		ids := make(chan string, 1)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) { ids <- s.ID() })
		c := root.join("/chat", nil)
		c.want("connect()")
		var k known
		root.look(&k)
		x.same("the client's id", k.ID, s.ID())
		if id := take(x, ids); x.modern() { // each socket has an id of its own
			if c.look(&k); k.ID != id || id == s.ID() || s.ID() == k.Session {
				x.Errorf("the id in a namespace is %s, the client has %+v", id, k)
			}
		} else {
			x.same("the id in a namespace", id, "/chat#"+s.ID())
			x.same("the id of the session", k.Session, s.ID())
		}
		if x.remote.release == apiRelease {
			c.look(&k)
			x.same("the client's id in a namespace", k.ID, "/chat#"+s.ID())
		}
	}},
	{name: "client", run: func(x *api) {
		root, s := x.visit("/", nil)
		others := make(chan *socketio.Socket, 1)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) { others <- s })
		root.join("/chat", nil).want("connect()")
		other := take(x, others)
		if s.Conn() != other.Conn() || !x.modern() && s.Conn().ID() != s.ID() || x.io.Clients() != 1 || x.io.Engine().Clients() != 1 {
			x.Error("two sockets of a client do not have the same connection")
		}
		if got := s.Conn().Sockets(); !slices.Equal(got, []*socketio.Socket{s, other}) {
			x.Errorf("the client's sockets: %v", got)
		}
		if host, _, err := net.SplitHostPort(s.Conn().RemoteAddr()); err != nil || host != "127.0.0.1" {
			x.Errorf("address %q: %v", s.Conn().RemoteAddr(), err)
		}
		ends := make(chan socketio.Reason, 2)
		s.Conn().OnClose(func(r socketio.Reason) { ends <- r })
		other.Disconnect(true)
		if got := take(x, ends); got != socketio.ReasonServerDisconnect {
			x.Errorf("connection ended by %q", got)
		}
	}},
	{name: "handshake", run: func(x *api) {
		_, s := x.visit("/", map[string]any{"query": "token=abc", "extraHeaders": map[string]string{"Cookie": "user=ann"}})
		h := s.Handshake()
		if h.Query.Get("token") != "abc" || !strings.HasPrefix(h.URL.Path, "/socket.io/") || h.Secure || h.CrossDomain {
			x.Errorf("handshake %+v", h)
		}
		if host, _, err := net.SplitHostPort(h.RemoteAddr); err != nil || host != "127.0.0.1" || !x.old() && h.Header.Get("Cookie") != "user=ann" {
			x.Errorf("address %q, %v, header %v", h.RemoteAddr, err, h.Header)
		}
		if age := time.Since(h.Issued); age < 0 || age > noticeLimit {
			x.Errorf("issued %v ago", age)
		}
		r := s.Request()
		if r.URL.Query().Get("token") != "abc" || r.Host == "" || r.Method != "GET" {
			x.Errorf("request %+v", r)
		}
		if cookie, err := r.Cookie("user"); !x.old() && (err != nil || cookie.Value != "ann") {
			x.Errorf("cookie %v, %v", cookie, err)
		}
	}},
	{name: "packet middleware", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnError(func(err error) { x.note("error " + err.Error()) })
		s.Use(func(ev *socketio.Event) error {
			x.note(fmt.Sprint("use ", ev.Name(), ev.Len()))
			if ev.Name() == "bad" {
				return errors.New("not a doge error")
			}
			return nil
		})
		s.Use(func(ev *socketio.Event) error { return ev.Rewrite(ev.Name(), "changed") })
		s.On("bad", func() { x.note("handler of bad") })
		s.On("ev", func(text string) string { x.note(text); return "answer" })
		g.emit("bad")
		x.noted("use bad0")
		if x.remote.release == apiRelease {
			g.want(`error("not a doge error")`)
		} else { // which has no word for it that would not end the socket
			x.noted("error not a doge error")
		}
		x.same("the answer", g.ask("ev", 1, 2), `("answer")`)
		x.noted("use ev2", "changed")
		x.quiet()
	}},
	{name: "acks from the client", run: func(x *api) {
		g, s := x.visit("/", nil)
		x.check(s.Emit("ev", "tobi", func(answer string, n int) { x.note(fmt.Sprint(answer, n)) }))
		r := g.next()
		g.answer(r, "woot", 1)
		g.answer(r, "again", 2) // counts for nothing
		x.noted("woot1")
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		done := make(chan error, 1)
		go func() {
			args, err := s.EmitWithAck(ctx, "ev", "q")
			var answer string
			done <- errors.Join(err, args.Scan(&answer))
			x.note(answer)
		}()
		g.answer(g.next(), "a")
		x.check(take(x, done))
		x.noted("a")
		x.quiet()
	}},
	{name: "acks to the client", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.On("add", func(a, b int) int { return a + b })
		s.On("many", func(ack func(...any)) { ack(1, "two", nil); ack("second") })
		s.On("message", func(text string, ack func(string)) { ack(text + "!") })
		x.same("add", g.ask("add", 1, 2), "(3)")
		x.same("many", g.ask("many"), `(1,"two",null)`)
		g.do(command{Op: "send", Args: []any{"hi"}, N: 99})
		if x.old() { // which asks with a message for a receipt only
			g.want("answer()")
		} else {
			g.want(`answer("hi!")`)
		}
	}},
	{name: "binary", since: "2", run: func(x *api) {
		g, s := x.visit("/", nil)
		x.check(s.Emit("ev", 1, "2", map[string]any{"3": "4", "5": []byte{6}}, []byte{7, 8}))
		g.want(`ev(1,"2",{"3":"4","5":{"$bin":"Bg=="}},{"$bin":"Bwg="})`)
		s.On("up", func(a []byte, b map[string]any) []byte { return append(a, b["x"].([]byte)...) })
		x.same("the answer", g.ask("up", map[string]any{"$bin": "AQI="}, map[string]any{"x": map[string]any{"$bin": "Aw=="}}), `({"$bin":"AQID"})`)
		x.check(s.Emit("ev", func(a []byte) {
			if bytes.Equal(a, []byte{9}) {
				x.note("nine")
			}
		}))
		g.answer(g.next(), map[string]any{"$bin": "CQ=="})
		x.noted("nine")
	}},
	{name: "on, once and off", run: func(x *api) {
		g, s := x.visit("/", nil)
		first := s.On("a", func(n int) { x.note(fmt.Sprint("on", n)) })
		s.Once("a", func(n int) { x.note(fmt.Sprint("once", n)) })
		s.On("b", func() { x.note("b") })
		x.same("the names", strings.Join(s.EventNames(), " "), "a b")
		g.emit("a", 1)
		g.emit("a", 2)
		x.noted("on1", "once1", "on2")
		first.Cancel()
		g.emit("a", 3)
		g.emit("b")
		x.noted("b")
		s.Off("b")
		s.On("c", func() int { return s.ListenerCount("b") })
		g.emit("b")
		x.same("handlers of b", g.ask("c"), "(0)")
		s.OffAll()
		x.same("the names in the end", strings.Join(s.EventNames(), " "), "")
		x.quiet()
	}},
	{name: "rooms", run: func(x *api) {
		g, s := x.visit("/", nil)
		rooms := func() string {
			got := s.Rooms()
			for i, r := range got {
				if r == s.ID() {
					got[i] = "ID"
				}
			}
			slices.Sort(got)
			return strings.Join(got, " ")
		}
		x.same("rooms at first", rooms(), "ID")
		s.Join("room 237", "room 238")
		s.Join("room 237")
		x.same("rooms", rooms(), "ID room 237 room 238")
		if n := x.io.Of("/").Adapter().RoomSize("room 237"); n != 1 {
			x.Errorf("%d in the room, want 1", n)
		}
		s.Leave("room 238")
		x.same("rooms after leave", rooms(), "ID room 237")
		x.check(x.io.To("room 237").To("room 238").Emit("ev"))
		g.want("ev()")
		s.LeaveAll()
		x.same("rooms after leaveAll", rooms(), "")
		if all := x.io.Of("/").Adapter().Rooms(); len(all) != 0 {
			x.Errorf("rooms without members: %q", all)
		}
		x.last(g)
	}},
	{name: "adapter", run: func(x *api) {
		x.serve(socketio.Config{Adapter: func(ns *socketio.Namespace) rooms.Adapter {
			return &toldAdapter{rooms.NewStore(), x, ns.Name()}
		}})
		x.io.OnConnection(func(s *socketio.Socket) { x.note("connection " + s.ID()) })
		g, s := x.visit("/", nil)
		id := s.ID()
		x.noted("/ add "+id+" ["+id+"]", "connection "+id)
		s.Join("a", "b")
		s.Leave("a")
		x.noted("/ add "+id+" [a b]", "/ remove "+id+" [a]")
		x.check(x.io.To("b").Except("c").Emit("ev", 1))
		x.check(s.To("b").Local().Emit("ev", 2))
		x.noted("/ broadcast ev to [b] except [c], local false", "/ broadcast ev to [b] except [], local true")
		g.want("ev(1)")
		if ids, err := x.io.In("b").Clients(x.Context()); err != nil || !slices.Equal(ids, []string{id}) {
			x.Errorf("clients %q, %v", ids, err)
		}
		x.noted("/ sockets in [b]")
		g.do(command{Op: "end"})
		x.noted("/ remove all of " + id)
		x.quiet()
	}},
	{name: "room of the own id", run: func(x *api) {
		guests, sockets := x.visitors(2)
		x.check(x.io.To(sockets[1].ID()).Emit("ev", "from the namespace"))
		x.check(sockets[0].To(sockets[1].ID()).Emit("ev", "from the other"))
		x.check(sockets[1].To(sockets[1].ID()).Emit("ev", "from itself"))
		guests[1].want(`ev("from the namespace")`, `ev("from the other")`)
		x.last(guests...)
	}},
	{name: "to leaves the sender out", run: func(x *api) {
		guests, sockets := x.visitors(4)
		sockets[0].Join("a", "b")
		sockets[1].Join("a")
		sockets[2].Join("a", "b")
		x.check(sockets[0].To("a").In("b").Emit("ev", 1))
		x.check(sockets[3].To("a").Emit("ev", 2))
		guests[0].want("ev(2)")
		guests[1].want("ev(1)", "ev(2)")
		guests[2].want("ev(1)", "ev(2)")
		x.last(guests...)
	}},
	{name: "broadcast", run: func(x *api) {
		guests, sockets := x.visitors(3)
		sockets[1].Join("room")
		x.check(sockets[0].Broadcast().Emit("ev", 1))
		x.check(sockets[0].Broadcast().To("room").Emit("ev", 2))
		x.check(sockets[0].Local().Emit("ev", 3))
		guests[1].want("ev(1)", "ev(2)", "ev(3)")
		guests[2].want("ev(1)", "ev(3)")
		x.last(guests...)
	}},
	{name: "flags leave nothing behind", run: func(x *api) {
		guests, sockets := x.visitors(2)
		_ = x.io.To("nobody")
		_ = sockets[0].Broadcast()
		x.check(sockets[0].Compress(false).Emit("ev", 1))
		x.check(sockets[0].Emit("ev", 2))
		guests[0].want("ev(1)", "ev(2)")
		x.last(guests...)
	}},
	{name: "an event called connection", run: func(x *api) { // reserved for namespaces only
		g, s := x.visit("/", nil, "connection")
		s.On("connection", func(who string) { x.note("from " + who) })
		g.emit("connection", "ann")
		x.noted("from ann")
		x.check(s.Emit("connection", 1))
		x.check(x.io.Emit("connection", 2))
		g.want("connection(1)", "connection(2)")
	}},
	{name: "values kept with the socket", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.On("nickname", func(name string) bool { s.Set("nickname", name); return s.Has("nickname") })
		s.On("who", func() any { return s.Get("nickname") })
		x.same("set", g.ask("nickname", "ann"), "(true)")
		x.same("get", g.ask("who"), `("ann")`)
		s.Delete("nickname")
		x.same("get after del", g.ask("who"), "(null)")
	}},
}

// toldAdapter notes what it is told.
type toldAdapter struct {
	rooms.Adapter
	x   *api
	nsp string
}

func (a *toldAdapter) tell(format string, args ...any) {
	a.x.note(a.nsp + " " + fmt.Sprintf(format, args...))
}

func (a *toldAdapter) Add(m rooms.Member, names ...string) {
	a.tell("add %s %s", m.ID(), names)
	a.Adapter.Add(m, names...)
}

func (a *toldAdapter) Remove(id string, names ...string) {
	a.tell("remove %s %s", id, names)
	a.Adapter.Remove(id, names...)
}

func (a *toldAdapter) RemoveAll(id string) {
	a.tell("remove all of %s", id)
	a.Adapter.RemoveAll(id)
}

func (a *toldAdapter) Broadcast(p *packet.Prepared, t rooms.Target) error {
	a.tell("broadcast %s to %s except %s, local %t", p.Packet().Name, t.Rooms, t.Except, t.Local)
	return a.Adapter.Broadcast(p, t)
}

func (a *toldAdapter) Sockets(ctx context.Context, t rooms.Target) ([]string, error) {
	a.tell("sockets in %s", t.Rooms)
	return a.Adapter.Sockets(ctx, t)
}
