package interop

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// known is what a client knows of itself.
type known struct {
	ID           string   `json:"id"`
	Session      string   `json:"session"`
	Transport    string   `json:"transport"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
	Extensions   string   `json:"extensions"`
	Heartbeat    int      `json:"heartbeat"` // of 0.9, in milliseconds
	Close        int      `json:"close"`
	Beats        int      `json:"beats"`    // heartbeats so far
	Received     int      `json:"received"` // bytes so far, from its websocket's connection
}

// apiServerRows are about the server and its options.
var apiServerRows = []apiRow{
	{name: "path", config: socketio.Config{Path: "/chat/"}, run: func(x *api) {
		x.same("the path", x.io.Path(), "/chat")
		g := x.dial("/", map[string]any{"path": "/chat"})
		g.want("connect()")
	}},
	{name: "no slash after the path", since: "4", config: socketio.Config{BarePath: true}, run: func(x *api) {
		for _, transport := range []string{"websocket", "polling"} {
			g, s := x.visit("/", map[string]any{"addTrailingSlash": false, "transports": []string{transport}})
			x.same("the path", s.Handshake().URL.Path, "/socket.io")
			x.check(s.Emit("ev"))
			g.want("ev()")
		}
	}},
	{name: "ping in the handshake", since: "2", config: socketio.Config{PingInterval: 7 * time.Second, PingTimeout: 3 * time.Second, V4: socketio.V4Config{PingTimeout: 3 * time.Second}}, run: func(x *api) {
		g, _ := x.visit("/", nil)
		var k known
		if g.look(&k); k.PingInterval != 7000 || k.PingTimeout != 3000 {
			x.Errorf("the client knows %+v", k)
		}
	}},
	{name: "heartbeats in the handshake", until: "0", config: socketio.Config{V0: socketio.V0Config{HeartbeatTimeout: 40 * time.Second, CloseTimeout: 30 * time.Second}}, run: func(x *api) {
		g, _ := x.visit("/", nil)
		var k known
		if g.look(&k); k.Heartbeat != 40_000 || k.Close != 30_000 {
			x.Errorf("the client knows %+v", k)
		}
	}},
	{name: "ping timeout", config: socketio.Config{
		PingInterval: 300 * time.Millisecond, PingTimeout: time.Second,
		V4: socketio.V4Config{PingTimeout: time.Second},
		V0: socketio.V0Config{HeartbeatInterval: 300 * time.Millisecond, HeartbeatTimeout: time.Second},
	}, run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		g.do(command{Op: "mute"})
		x.noted("ping timeout")
	}},
	{name: "largest message", config: socketio.Config{MaxPayload: 2000, V0: socketio.V0Config{
		DestroyBufferSize: 2000, HeartbeatInterval: time.Second, PollingDuration: time.Second, CloseTimeout: 3 * time.Second,
	}}, run: func(x *api) {
		g, s := x.visit("/", nil)
		s.On("ev", func(text string) { x.note(text[:1]) })
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		g.emit("ev", strings.Repeat("a", 1000))
		x.noted("a")
		g.emit("ev", strings.Repeat("b", 3000))
		x.noted("transport error")
		g, s = x.visit("/", x.polling())
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		g.emit("ev", strings.Repeat("c", 3000))
		switch {
		case x.old(): // its connection was cut; it stays away, and is missed in time
			x.noted("ping timeout")
		case x.modern(): // it was answered 413, and leaves by itself
			x.noted("transport close")
		default:
			x.noted("transport error")
		}
	}},
	{name: "allowRequest", run: func(x *api) {
		// In place of the check of the origin, which would let nobody in.
		x.serve(socketio.Config{Origins: []string{"https://elsewhere.example"}, AllowRequest: func(r *http.Request) error {
			x.note("asked for " + r.URL.Query().Get("pass"))
			if r.URL.Query().Get("pass") != "word" {
				return &socketio.Error{Message: "who are you?"}
			}
			return nil
		}})
		for _, transports := range [][]string{{"websocket"}, x.polling()["transports"].([]string), {"polling", "websocket"}} {
			if x.old() && len(transports) > 1 { // which do not upgrade
				continue
			}
			opts := func(pass string) map[string]any {
				return map[string]any{"transports": transports, "query": "pass=" + pass, "extraHeaders": map[string]string{"Origin": "https://foo.example.com"}}
			}
			x.dial("/", opts("guess")).refused()
			x.noted("asked for guess")
			_, s := x.visit("/", opts("word"))
			x.noted("asked for word")
			if len(transports) > 1 && !soon(func() bool { return s.Conn().Info().Transport == "websocket" }) {
				x.Error("the client does not upgrade")
			}
		}
		x.quiet() // further requests of a session are not asked about
	}},
	{name: "transports", config: socketio.Config{Transports: []string{"websocket"}}, run: func(x *api) {
		g, _ := x.visit("/", nil)
		g.emit("ev")
		x.dial("/", x.polling()).refused()
	}},
	{name: "allowUpgrades", since: "2", config: socketio.Config{DisableUpgrades: true}, run: func(x *api) {
		g, s := x.visit("/", map[string]any{"transports": []string{"polling", "websocket"}})
		x.check(s.Emit("ev"))
		g.want("ev()")
		var k known
		if g.look(&k); k.Transport != "polling" || len(k.Upgrades) != 0 {
			x.Errorf("the client knows %+v", k)
		}
	}},
	{name: "generateId", config: socketio.Config{GenerateID: func(*http.Request) (string, error) { return "custom-id-1", nil }}, run: func(x *api) {
		g, s := x.visit("/", nil)
		x.same("the id", s.Conn().ID(), "custom-id-1")
		var k known
		g.look(&k)
		x.same("the client's id", k.Session, "custom-id-1")
		// The id is in use, which is said before a websocket opens: one that closes at
		// once would leave the client waiting until it gives up.
		x.dial("/", map[string]any{"timeout": 10 * clientLimit.Milliseconds()}).refused()
	}},
	{name: "attach to nothing else", run: func(x *api) {
		if got := x.status("/elsewhere"); got != http.StatusNotFound {
			x.Errorf("status %d outside of the path, want 404", got)
		}
		x.visit("/", nil)
	}},
	{name: "of", run: func(x *api) {
		chat := x.io.Of("chat")
		if x.io.Of("/chat") != chat || x.io.Of("") != x.io.Of("/") {
			x.Error("the same name is another namespace")
		}
		x.same("the name", chat.Name(), "/chat")
		g, s := x.visit("/chat", nil)
		if s.Namespace() != chat || s.Server() != x.io {
			x.Error("the socket is elsewhere")
		}
		x.check(chat.Emit("ev", 1))
		g.want("ev(1)")
	}},
	{name: "server speaks for /", run: func(x *api) {
		x.io.Use(func(s *socketio.Socket) error { x.note("use " + s.Namespace().Name()); return nil })
		x.io.OnConnect(func(*socketio.Socket) { x.note("connect") })
		x.io.OnConnection(func(*socketio.Socket) { x.note("connection") })
		g, s := x.visit("/", nil)
		x.noted("use /", "connect", "connection")
		s.Join("room")
		x.check(x.io.Emit("ev", 1))
		x.check(x.io.Send("two"))
		x.check(x.io.To("room").Emit("ev", 3))
		x.check(x.io.In("room").Emit("ev", 4))
		x.check(x.io.Except(s.ID()).Emit("ev", "not for it"))
		x.check(x.io.Local().Emit("ev", 5))
		x.check(x.io.Compress(false).Emit("ev", 6))
		g.want("ev(1)", `message("two")`, "ev(3)", "ev(4)", "ev(5)", "ev(6)")
		if found, ok := x.io.Socket(s.ID()); !ok || found != s || len(x.io.Sockets()) != 1 || x.io.Clients() != 1 {
			x.Error("the server does not know its client")
		}
	}},
	{name: "close", run: func(x *api) {
		g, s := x.visit("/", nil)
		p, polling := x.visit("/", x.polling())
		for _, s := range []*socketio.Socket{s, polling} {
			s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		}
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		x.check(x.io.Close(ctx))
		x.noted("server shutting down", "server shutting down")
		for _, g := range []*guest{g, p} {
			if got := g.next(); got.Event != "disconnect" {
				x.Errorf("the client got %v, want its disconnection", got)
			}
		}
		if err := s.Emit("ev"); !errors.Is(err, socketio.ErrDisconnected) {
			x.Errorf("emitting afterwards: %v", err)
		}
	}},
	{name: "info", config: socketio.Config{Transports: []string{"websocket", "polling", "xhr-polling"}}, run: func(x *api) {
		_, s := x.visit("/", nil)
		info := s.Conn().Info()
		x.same("the transport", info.Transport, "websocket")
		if info.Generation == "" || len(info.Evidence) == 0 || !slices.Contains([]string{"0.7-0.9", "2.x", "3.x-4.x"}, info.Generation) {
			x.Errorf("info %+v", info)
		}
		_, s = x.visit("/", x.polling())
		x.same("the transport", s.Conn().Info().Transport, x.polling()["transports"].([]string)[0])
		if x.old() { // which do not upgrade
			return
		}
		_, s = x.visit("/", map[string]any{"transports": []string{"polling", "websocket"}})
		if !soon(func() bool { return s.Conn().Info().Transport == "websocket" }) {
			x.Errorf("the transport after the upgrade is %s", s.Conn().Info().Transport)
		}
	}},
}
