package interop

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// apiEngineRows are about what happens beneath the sockets: heartbeats, upgrades,
// compression, ids, and input that is no packet.
var apiEngineRows = []apiRow{
	{name: "heartbeats go on", config: socketio.Config{
		PingInterval: 50 * time.Millisecond, PingTimeout: 10 * time.Second,
		V4: socketio.V4Config{PingTimeout: 10 * time.Second},
		V0: socketio.V0Config{HeartbeatInterval: 50 * time.Millisecond, HeartbeatTimeout: 10 * time.Second},
	}, run: func(x *api) {
		g, s := x.visit("/", nil)
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		var k known
		for until := time.Now().Add(clientLimit); k.Beats < 5; g.look(&k) {
			if time.Now().After(until) {
				x.Fatalf("the client knows of %d heartbeats", k.Beats)
			}
			time.Sleep(10 * time.Millisecond)
		}
		x.check(s.Emit("ev"))
		g.want("ev()")
		x.quiet()
	}},
	{name: "polling duration", until: "0", config: socketio.Config{V0: socketio.V0Config{PollingDuration: 100 * time.Millisecond}}, run: func(x *api) {
		var polls atomic.Int64
		x.io.Engine().Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/xhr-polling/") {
					polls.Add(1)
				}
				next.ServeHTTP(w, r)
			})
		})
		g, s := x.visit("/", x.polling())
		if !soon(func() bool { return polls.Load() >= 10 }) {
			x.Errorf("there were %d polls", polls.Load())
		}
		x.check(s.Emit("ev"))
		g.want("ev()")
	}},
	{name: "perMessageDeflate", since: "2", config: socketio.Config{PerMessageDeflate: &socketio.Deflate{}}, run: func(x *api) {
		g, s := x.visit("/", nil)
		long := strings.Repeat("text ", 1000)
		var before, after known
		if g.look(&before); !strings.Contains(before.Extensions, "permessage-deflate") {
			x.Errorf("the extensions are %q", before.Extensions)
		}
		for _, emit := range []struct {
			compressed bool
			to         socketio.Operator
		}{
			{true, s.Compress(true)},
			{false, s.Compress(false)},
			{true, x.io.Compress(true)},
			{true, x.io.To(s.ID())},
			{false, x.io.Compress(false)},
		} {
			g.look(&before)
			x.check(emit.to.Emit("ev", long))
			g.want(`ev("` + long + `")`)
			g.look(&after)
			if took := after.Received - before.Received; took == 0 || (took < len(long)/10) != emit.compressed {
				x.Errorf("%d bytes came for %d of text, compressed: %t", took, len(long), emit.compressed)
			}
		}
	}},
	{name: "upgradeTimeout", since: "2", config: socketio.Config{UpgradeTimeout: 100 * time.Millisecond}, run: func(x *api) {
		g, s := x.visit("/", map[string]any{"transports": []string{"polling", "websocket"}, "slow": true})
		s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
		g.want("upgradeError()")
		x.check(s.Emit("ev"))
		g.want("ev()")
		var k known
		g.look(&k)
		x.same("the client's transport", k.Transport, "polling")
		x.same("the server's", s.Conn().Info().Transport, "polling")
		x.quiet()
	}},
	{name: "parse error", since: "2", run: func(x *api) {
		for _, opts := range []map[string]any{nil, x.polling()} {
			g, s := x.visit("/", opts)
			s.OnDisconnect(func(r socketio.Reason) { x.note(string(r)) })
			g.do(command{Op: "raw", Args: []any{"garbage"}})
			x.noted("parse error")
			got := g.next()
			if got.Event == "error" { // its next poll came when the session had ended
				got = g.next()
			}
			if got.Event != "disconnect" {
				x.Errorf("the client got %v, want its disconnection", got)
			}
		}
	}},
	{name: "packets that are none", since: "2", run: func(x *api) {
		for _, name := range []string{"/", "/chat"} {
			x.io.Of(name).OnConnection(func(s *socketio.Socket) {
				s.OnError(func(error) { x.note("error " + name) })
				s.OnDisconnect(func(r socketio.Reason) { x.note(string(r) + " " + name) })
			})
		}
		root := x.dial("/", nil)
		root.want("connect()")
		root.join("/chat", nil).want("connect()")
		root.do(command{Op: "raw", Args: []any{`45x-["ev"]`}})
		x.noted("error /", "error /chat", "forced close /", "forced close /chat")
		x.quiet()
	}},
	{name: "generateId with colons", run: func(x *api) {
		var serial atomic.Int64
		x.serve(socketio.Config{GenerateID: func(r *http.Request) (string, error) {
			if r.URL.Query().Get("no") != "" {
				return "", errors.New("no")
			}
			return fmt.Sprint("custom:id:", serial.Add(1)), nil
		}})
		if x.old() { // in whose handshake the colon is a sign
			x.dial("/", nil).refused()
			return
		}
		for _, opts := range []map[string]any{nil, x.polling()} {
			g, s := x.visit("/", opts)
			var k known
			g.look(&k)
			x.same("the client's id", k.Session, fmt.Sprint("custom:id:", serial.Load()))
			x.same("the id", s.Conn().ID(), k.Session)
		}
		x.dial("/", map[string]any{"query": "no=1"}).refused()
	}},
}
