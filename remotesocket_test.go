package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// TestSocketsMove brings three sockets, a and b in room r, and has operators put
// them into rooms, take them out, and disconnect them.
func TestSocketsMove(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		act  func(io *Server, a *Socket) error
		want string // those in room x afterwards
		left string // those still connected
	}{
		{"all join", func(io *Server, _ *Socket) error { return io.SocketsJoin("x") }, "abc", "abc"},
		{"a room joins", func(io *Server, _ *Socket) error { return io.To("r").SocketsJoin("x", "y") }, "ab", "abc"},
		{"others join", func(_ *Server, a *Socket) error { return a.Broadcast().SocketsJoin("x") }, "bc", "abc"},
		{"one joins", func(_ *Server, a *Socket) error { return a.Volatile().SocketsJoin("x") }, "a", "abc"},
		{"no room", func(io *Server, _ *Socket) error { return io.SocketsJoin() }, "", "abc"},
		{"join and leave", func(io *Server, a *Socket) error {
			return errors.Join(io.SocketsJoin("x"), io.Except("r").SocketsLeave("x"), a.Compress(true).SocketsLeave("x"), io.SocketsLeave())
		}, "b", "abc"},
		{"all leave", func(io *Server, _ *Socket) error {
			return errors.Join(io.SocketsJoin("x"), io.SocketsLeave("x"))
		}, "", "abc"},
		{"a room is disconnected", func(io *Server, _ *Socket) error {
			return errors.Join(io.SocketsJoin("x"), io.To("r").DisconnectSockets(false))
		}, "c", "c"},
		{"connections end", func(io *Server, a *Socket) error {
			return errors.Join(io.SocketsJoin("x"), a.Broadcast().DisconnectSockets(true))
		}, "a", "a"},
		{"one is disconnected", func(io *Server, a *Socket) error {
			return errors.Join(io.SocketsJoin("x"), a.Volatile().DisconnectSockets(false))
		}, "bc", "bc"},
		{"all are disconnected", func(io *Server, _ *Socket) error {
			return errors.Join(io.SocketsJoin("x"), io.DisconnectSockets(true))
		}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			io := newTestServer(t, Config{})
			var conns []*fakeConn
			names := map[string]string{}
			var sockets []*Socket
			for i := range 3 {
				c, s := join(t, io)
				conns, sockets = append(conns, c), append(sockets, s)
				names[s.ID()] = "abc"[i : i+1]
			}
			sockets[0].Join("r")
			sockets[1].Join("r")
			if err := test.act(io, sockets[0]); err != nil {
				t.Fatal(err)
			}
			for _, c := range conns {
				c.wait()
			}
			name := func(ids []string, err error) string {
				var out []string
				for _, id := range ids {
					out = append(out, names[id])
				}
				slices.Sort(out)
				if err != nil {
					t.Error(err)
				}
				return strings.Join(out, "")
			}
			if got := name(io.To("x").Clients(t.Context())); got != test.want {
				t.Errorf("in the room are %q, want %q", got, test.want)
			}
			if got := name(io.Of("/").Clients(t.Context())); got != test.left {
				t.Errorf("left are %q, want %q", got, test.left)
			}
		})
	}
}

// TestFetchSockets has a node fetch its own socket and that of another node, and
// act on both alike.
func TestFetchSockets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := twoNodes(func(c Config) *Server { return newTestServer(t, c) })
		type user struct{ Name string }
		key := NewKey[user]("user")
		var conns []*fakeConn
		for i, io := range []*Server{here, there} {
			c, s := join(t, io)
			s.Join("r")
			key.Set(s, user{"uv"[i : i+1]})
			conns = append(conns, c)
		}
		list, err := here.To("r").FetchSockets(t.Context())
		if err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		for i, r := range list {
			c := conns[i]
			if r.ID() != c.id || r.Namespace() != here.Of("/") {
				t.Errorf("socket %d is %s", i, r.ID())
			}
			want := []string{c.id, "r"}
			if d := cmp.Diff(want, r.Rooms()); d != "" {
				t.Error(d)
			}
			h := r.Handshake()
			if h.Query.Get("token") != "url" || h.Header.Get("X-Test") != "yes" || h.URL.Path != "/socket.io/" {
				t.Errorf("handshake %+v", h)
			}
			if u, ok, err := key.Of(r); u.Name != "uv"[i:i+1] || !ok || err != nil {
				t.Error(u, ok, err)
			}
			data := map[string]any{"user": []any{user{"u"}, map[string]any{"Name": "v"}}[i]}
			if d := cmp.Diff(data, r.Data()); d != "" {
				t.Error(d)
			}
			if err := errors.Join(r.Emit("hello", 1), r.Join("x", "y"), r.Leave("r")); err != nil {
				t.Error(err)
			}
			if got := c.log()[1]; got != "event / hello(1)" {
				t.Errorf("sent %q", got)
			}
			io := []*Server{here, there}[i]
			if s, _ := io.Socket(c.id); !slices.Equal(s.Rooms(), []string{c.id, "x", "y"}) {
				t.Errorf("rooms are %q", s.Rooms())
			}
			answered := make(chan string)
			go func() {
				args, err := r.EmitWithAck(t.Context(), "q")
				var text string
				if err := errors.Join(err, args.Scan(&text)); err != nil {
					text = err.Error()
				}
				answered <- text
			}()
			synctest.Wait()
			var id int64
			sent := c.log()
			if _, err := fmt.Sscanf(sent[len(sent)-1], "event / #%d q()", &id); err != nil {
				t.Fatalf("sent %q", sent)
			}
			c.ack("/", id, `"yes"`)
			if got := <-answered; got != "yes" {
				t.Errorf("answered %q", got)
			}
			c.can = packet.FeatureEvents
			if _, err := r.EmitWithAck(t.Context(), "q"); !errors.Is(err, ErrAcksUnsupported) {
				t.Errorf("one without acknowledgements: %v", err)
			}
			if err := r.Disconnect(true); err != nil {
				t.Error(err)
			}
			c.wait()
			synctest.Wait()
			if _, err := r.EmitWithAck(t.Context(), "q"); !errors.Is(err, ErrDisconnected) {
				t.Errorf("one that is gone: %v", err)
			}
		}
		if list, err := here.FetchSockets(t.Context()); err != nil || len(list) != 0 {
			t.Error(len(list), err)
		}
	})
}

// TestBroadcastWithAcksAcrossNodes: each node asks under an id of its own.
func TestBroadcastWithAcksAcrossNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := twoNodes(func(c Config) *Server { return newTestServer(t, c) })
		a, _ := join(t, here)
		b, far := join(t, there)
		if err := far.Emit("own", func() {}); err != nil {
			t.Fatal(err)
		}
		var got Responses
		done := make(chan error)
		go func() {
			var err error
			got, err = here.EmitWithAcks(t.Context(), "q")
			done <- err
		}()
		synctest.Wait()
		a.ack("/", 0, `"a"`)
		synctest.Wait()
		b.ack("/", 1, `"b"`)
		if err := <-done; err != nil || len(got.Answers) != 2 || got.Asked != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := here.Local().FetchSockets(t.Context()); err != nil || len(got) != 1 {
			t.Error("local means this node", len(got), err)
		}
	})
}

func TestFetchSocketsOfOne(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	_, s := join(t, io)
	join(t, io)
	for name, op := range map[string]Operator{"alone": s.Volatile(), "by id": io.To(s.ID())} {
		list, err := op.FetchSockets(t.Context())
		if err != nil || len(list) != 1 || list[0].ID() != s.ID() {
			t.Error(name, len(list), err)
		}
	}
}

// muddled is a room store that has heard of sockets of other nodes, one of them
// described by no JSON.
type muddled struct{ rooms.Adapter }

func (m muddled) FetchSockets(ctx context.Context, t rooms.Target) ([]rooms.Details, error) {
	list, err := m.Adapter.FetchSockets(ctx, t)
	return append([]rooms.Details{
		{ID: "bad", Handshake: json.RawMessage("{}"), Data: json.RawMessage("{")},
		{ID: "far", Data: json.RawMessage(`{"n":1}`)},
	}, list...), err
}

// TestFetchSocketsMuddled: what one node gets wrong hides nobody else.
func TestFetchSocketsMuddled(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{Adapter: func(*Namespace) rooms.Adapter { return muddled{rooms.NewStore()} }})
	_, s := join(t, io)
	list, err := io.FetchSockets(t.Context())
	if err == nil || !strings.Contains(err.Error(), "data of another node") {
		t.Errorf("error %v", err)
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.ID())
	}
	if diff := cmp.Diff([]string{"far", s.ID()}, ids); diff != "" {
		t.Errorf("sockets (-want +got):\n%s", diff)
	}
}
