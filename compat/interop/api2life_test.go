package interop

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	socketio "github.com/heirloom-io/socketio"
)

// apiLifeRows are about how sockets end.
var apiLifeRows = []apiRow{
	{name: "disconnecting before disconnect", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.Join("room")
		s.OnDisconnecting(func(r socketio.Reason) {
			rooms := s.Rooms()
			slices.Sort(rooms)
			x.note(fmt.Sprint("disconnecting ", len(rooms), " ", slices.Contains(rooms, "room"), " ", r))
		})
		s.OnDisconnect(func(r socketio.Reason) {
			x.note(fmt.Sprint("disconnect ", len(s.Rooms()), " ", s.Connected(), " ", r))
		})
		g.do(command{Op: "end"})
		x.noted("disconnecting 2 true transport close", "disconnect 0 false transport close")
		if all := x.io.Of("/").Adapter().Rooms(); len(all) != 0 {
			x.Errorf("rooms without members: %q", all)
		}
		x.quiet()
	}},
	{name: "every socket of a client ends, in order", run: func(x *api) {
		for _, name := range []string{"/", "/a", "/b"} {
			x.io.Of(name).OnConnection(func(s *socketio.Socket) {
				s.OnDisconnecting(func(socketio.Reason) { x.note("disconnecting " + name) })
				s.OnDisconnect(func(socketio.Reason) { x.note("disconnect " + name) })
			})
		}
		root, _ := x.visit("/", nil)
		root.join("/a", nil).want("connect()")
		root.join("/b", nil).want("connect()")
		root.do(command{Op: "end"})
		for _, name := range []string{"/", "/a", "/b"} {
			x.noted("disconnecting "+name, "disconnect "+name)
		}
	}},
	{name: "disconnect(false)", run: func(x *api) {
		root, _ := x.visit("/", nil)
		sockets := make(chan *socketio.Socket, 1)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) {
			s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
			sockets <- s
		})
		g := root.join("/chat", nil)
		g.want("connect()")
		s := take(x, sockets)
		s.Disconnect(false)
		s.Disconnect(false) // not connected any more
		x.noted("server namespace disconnect")
		if got := g.next(); got.Event != "disconnect" {
			x.Errorf("the client got %v, want its disconnection", got)
		}
		x.check(x.io.Emit("ev")) // the connection stays
		root.want("ev()")
		x.quiet()
	}},
	{name: "disconnect(true)", run: func(x *api) {
		root, s := x.visit("/", nil)
		sockets := make(chan *socketio.Socket, 1)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) { sockets <- s })
		chat := root.join("/chat", nil)
		chat.want("connect()")
		other := take(x, sockets)
		for _, s := range []*socketio.Socket{s, other} {
			s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		}
		other.Disconnect(true)
		x.noted("server namespace disconnect", "server namespace disconnect")
		for _, g := range []*guest{root, chat} {
			if got := g.next(); got.Event != "disconnect" {
				x.Errorf("the client got %v, want its disconnection", got)
			}
		}
		if n := len(x.io.Sockets()); n != 0 {
			x.Errorf("%d sockets are left", n)
		}
	}},
	{name: "the client leaves", run: func(x *api) {
		root, _ := x.visit("/", nil)
		x.io.Of("/chat").OnConnection(func(s *socketio.Socket) {
			s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		})
		chat := root.join("/chat", nil)
		chat.want("connect()")
		chat.do(command{Op: "leave"})
		x.noted("client namespace disconnect")
		x.last(root) // the connection stays
	}},
	{name: "the application closes the connection", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		s.Conn().Close()
		x.noted("forced close")
		if got := g.next(); got.Event != "disconnect" {
			x.Errorf("the client got %v, want its disconnection", got)
		}
	}},
	{name: "nothing after the end", run: func(x *api) {
		g, s := x.visit("/", nil)
		x.check(s.Emit("ev", func() { x.note("answer") }))
		question := g.next()
		g.do(command{Op: "end"})
		take(x, s.Context().Done())
		s.Join("late")
		if err := s.Emit("ev"); !errors.Is(err, socketio.ErrDisconnected) {
			x.Errorf("emitting: %v", err)
		}
		if _, err := s.EmitWithAck(x.Context(), "ev"); !errors.Is(err, socketio.ErrDisconnected) {
			x.Errorf("asking: %v", err)
		}
		if !x.old() { // which would fail at that
			g.answer(question)
		}
		again, other := x.visit("/", nil)
		if other == s || other.ID() == s.ID() || len(other.Rooms()) != 1 {
			x.Error("who comes back is not new")
		}
		x.last(again)
		x.quiet()
	}},
	{name: "error handlers", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnError(func(err error) {
			var bad *socketio.ArgumentError
			x.note(fmt.Sprint("error ", errors.As(err, &bad)))
		})
		s.On("typed", func(struct{ N int }) { x.note("handler") })
		s.On("fine", func() int { return 1 })
		g.emit("typed", "not an object")
		x.same("after the error", g.ask("fine"), "(1)")
		x.noted("error true")
		x.quiet()
	}},
	{name: "no forged life-cycle", until: "2", run: func(x *api) { // newer clients refuse to send such names
		g, s := x.visit("/", nil)
		s.OnDisconnecting(func(r socketio.Reason) { x.note("disconnecting " + string(r)) })
		s.OnDisconnect(func(r socketio.Reason) { x.note("disconnect " + string(r)) })
		s.OnError(func(err error) { x.note("error " + err.Error()) })
		s.OnAny(func(ev *socketio.Event) { x.note(ev.Name()) })
		s.On("fine", func() int { return 1 })
		for _, name := range []string{"disconnecting", "newListener", "removeListener"} {
			g.emit(name, "forged")
		}
		for _, name := range []string{"connect", "connect_error", "disconnect", "error"} {
			if x.old() {
				g.emit(name, "forged")
			} else { // which the client would keep to itself
				g.do(command{Op: "raw", Args: []any{`42["` + name + `","forged"]`}})
			}
		}
		x.same("the answer", g.ask("fine"), "(1)")
		x.noted("fine")
		x.quiet()
		if !s.Connected() {
			x.Error("the socket has ended")
		}
	}},
	{name: "blacklist", until: "0", config: socketio.Config{V0: socketio.V0Config{Blacklist: []string{"secret"}}}, run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnAny(func(ev *socketio.Event) { x.note(ev.Name()) })
		s.On("secret", func() { x.note("handler of secret") })
		s.On("fine", func() int { return 1 })
		g.emit("secret")
		x.same("the answer", g.ask("fine"), "(1)")
		x.noted("fine")
		x.quiet()
	}},
	{name: "events stay in order", run: func(x *api) {
		g, s := x.visit("/", nil)
		s.On("n", func(n int) { x.note(fmt.Sprint(n)) })
		var sent, want []string
		for i := range 50 {
			g.emit("n", i)
			x.check(s.Emit("ev", i))
			sent, want = append(sent, fmt.Sprint(i)), append(want, fmt.Sprintf("ev(%d)", i))
		}
		x.noted(sent...)
		g.want(want...)
	}},
	{name: "messages as JSON", until: "0", run: func(x *api) {
		g, s := x.visit("/", nil)
		x.check(s.Send(map[string]any{"a": []int{1}}))
		g.want(`message({"a":[1]})`)
		s.On("message", func(m any) { x.note(strings.TrimSpace(fmt.Sprint(m))) })
		g.do(command{Op: "send", Args: []any{"text"}})
		x.noted("text")
	}},
}
