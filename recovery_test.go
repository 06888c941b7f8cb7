package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/rooms"
)

// returner is a client that keeps what one since 4.6 keeps.
type returner struct {
	*wire4
	sid, pid, offset string
	got              []string
}

// event takes an event, as such a client does.
func (r *returner) event(frame string) {
	r.t.Helper()
	var list []any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(frame, "42")), &list); err != nil {
		r.t.Fatalf("event %q: %v", frame, err)
	}
	if last, ok := list[len(list)-1].(string); ok {
		r.offset = last
		list = list[:len(list)-1]
	}
	r.got = append(r.got, fmt.Sprint(list))
}

// enter connects, and reports whether the session is the one of before.
func (r *returner) enter(t *testing.T, url string) bool {
	t.Helper()
	r.wire4 = dial4(t, url)
	auth := ""
	if r.pid != "" {
		auth = fmt.Sprintf(`{"pid":%q,"offset":%q}`, r.pid, r.offset)
		if r.offset == "" {
			auth = fmt.Sprintf(`{"pid":%q}`, r.pid)
		}
	}
	r.say("40" + auth)
	for {
		frame := r.read()
		answer, ok := strings.CutPrefix(frame, "40")
		if !ok {
			r.event(frame)
			continue
		}
		var hello map[string]string
		if err := json.Unmarshal([]byte(answer), &hello); err != nil || len(hello) != 2 {
			t.Fatalf("confirmation %q: %v", frame, err)
		}
		same := r.pid == hello["pid"]
		if same && r.sid != hello["sid"] {
			t.Errorf("session of %s has the id %s", r.sid, hello["sid"])
		}
		r.sid, r.pid = hello["sid"], hello["pid"]
		return same
	}
}

// take reads so many events.
func (r *returner) take(n int) {
	r.t.Helper()
	for range n {
		r.event(r.read())
	}
}

func (r *returner) cut() { _ = r.UnderlyingConn().Close() }

// recovering is a server that keeps sessions. Every socket is in the room "r".
func recovering(t *testing.T, config socketio.Config) (srv *socketio.Server, url string, arrived chan *socketio.Socket, left chan string) {
	t.Helper()
	config.Recovery.Enabled = true
	srv, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	arrived, left = make(chan *socketio.Socket, 4096), make(chan string, 4096)
	srv.OnConnection(func(s *socketio.Socket) {
		s.OnDisconnect(func(socketio.Reason) { left <- s.ID() })
		if !s.Recovered() {
			s.Join("r")
		}
		arrived <- s
	})
	return srv, startServer(t, srv, nil, nil), arrived, left
}

func emit(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// TestRecovery loses a connection and has everything back.
func TestRecovery(t *testing.T) {
	t.Parallel()
	asked := 0
	srv, url, arrived, left := recovering(t, socketio.Config{})
	srv.Use(func(*socketio.Socket) error { asked++; return nil })
	var r returner
	if r.enter(t, url) {
		t.Fatal("came back to nothing")
	}
	first := <-arrived
	if first.Recovered() || !first.Conn().Can(socketio.FeatureRecovery) {
		t.Error("the first socket has been recovered, or cannot be")
	}
	first.Set("user", 7)
	first.Join("extra")
	first.Leave("r")
	emit(t, srv.To("r").Emit("not", 0))
	emit(t, srv.Emit("all", 1))
	r.take(1)
	offset := r.offset
	emit(t, first.Emit("own", 2)) // queued, and never read
	r.cut()
	<-left
	emit(t, srv.Emit("all", 3))
	emit(t, srv.To("extra", "r").Emit("room", 4))
	emit(t, srv.Except("extra").Emit("not", 5))
	emit(t, srv.To("r").Emit("not", 6))
	emit(t, srv.Volatile().Emit("not", 7))
	emit(t, first.Broadcast().Emit("not", 8))
	emit(t, first.Emit("own", 9))
	emit(t, srv.To(r.sid).Emit("own", 10))
	if r.offset != offset {
		t.Fatal("the client read more")
	}
	if !r.enter(t, url) {
		t.Fatal("not recovered")
	}
	back := <-arrived
	if !back.Recovered() || back == first || back.ID() != first.ID() || back.Get("user") != 7 {
		t.Errorf("recovered %v, same %v, id %s for %s, user %v", back.Recovered(), back == first, back.ID(), first.ID(), back.Get("user"))
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values([]string{"extra", r.sid})), slices.Sorted(slices.Values(back.Rooms()))); diff != "" {
		t.Error(diff)
	}
	var auth struct{ PID, Offset string }
	if err := json.Unmarshal(back.Handshake().Auth, &auth); err != nil || auth.PID != r.pid || auth.Offset != offset {
		t.Errorf("auth %s: %v", back.Handshake().Auth, err)
	}
	if asked != 1 {
		t.Errorf("middleware asked %d times", asked)
	}
	emit(t, back.Emit("own", 11))
	r.take(1)
	want := []string{"[all 1]", "[own 2]", "[all 3]", "[room 4]", "[own 9]", "[own 10]", "[own 11]"}
	if diff := cmp.Diff(want, r.got); diff != "" {
		t.Error(diff)
	}
	if err := first.Emit("late", 1); err == nil {
		t.Error("the old socket took an event")
	}
}

// TestRecoveryRefused comes back in ways that must begin anew.
func TestRecoveryRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		config socketio.RecoveryConfig
		leave  func(r *returner, s *socketio.Socket)
		lie    func(*returner)
		fresh  bool
	}{
		{name: "plain"},
		{name: "no offset although events came", lie: func(r *returner) { r.offset = "" }},
		{name: "unknown offset", lie: func(r *returner) { r.offset = "5" }, fresh: true},
		{name: "offset of the future", lie: func(r *returner) { r.offset += "zz" }, fresh: true},
		{name: "unknown pid", lie: func(r *returner) { r.pid += "x" }, fresh: true},
		{name: "long pid", lie: func(r *returner) { r.pid = strings.Repeat("x", 1<<12) }, fresh: true},
		{name: "too late", config: socketio.RecoveryConfig{Window: time.Millisecond}, lie: func(*returner) { time.Sleep(30 * time.Millisecond) }, fresh: true},
		{name: "too many events", config: socketio.RecoveryConfig{MaxPackets: 2}, fresh: true},
		{name: "too many bytes", config: socketio.RecoveryConfig{MaxBytes: 600}, fresh: true},
		{name: "too many bytes in all", config: socketio.RecoveryConfig{MaxTotalBytes: 600}, fresh: true},
		{name: "left by the client", leave: func(r *returner, _ *socketio.Socket) { r.say("41") }, fresh: true},
		{name: "left by the server", leave: func(_ *returner, s *socketio.Socket) { s.Disconnect(false) }, fresh: true},
		{name: "closed by the server", leave: func(_ *returner, s *socketio.Socket) { s.Conn().Close() }},
		{name: "malformed packet", leave: func(r *returner, _ *socketio.Socket) { r.say("4abc") }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv, url, arrived, left := recovering(t, socketio.Config{Recovery: c.config})
			var r returner
			r.enter(t, url)
			s := <-arrived
			emit(t, srv.Emit("n", 1))
			r.take(1)
			switch {
			case c.leave != nil:
				c.leave(&r, s)
			default:
				r.cut()
			}
			<-left
			r.cut()
			for i := range 3 {
				emit(t, srv.Emit("n", 2+i))
			}
			if c.lie != nil {
				c.lie(&r)
			}
			old := r.sid
			if r.enter(t, url) == c.fresh {
				t.Errorf("recovered %v", !c.fresh)
			}
			if now := <-arrived; now.Recovered() == c.fresh || (r.sid == old) == c.fresh {
				t.Errorf("recovered %v with the id %s for %s", now.Recovered(), r.sid, old)
			}
			want := []string{"[n 1]", "[n 2]", "[n 3]", "[n 4]"}
			if c.fresh {
				want = want[:1]
			}
			if c.name == "no offset although events came" {
				want = append(want[:1:1], want...) // as it says it got none
			}
			if diff := cmp.Diff(want, r.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRecoverySpoiltOffset sends what a client takes for an offset.
func TestRecoverySpoiltOffset(t *testing.T) {
	t.Parallel()
	srv, url, arrived, left := recovering(t, socketio.Config{})
	var r returner
	r.enter(t, url)
	s := <-arrived
	emit(t, srv.Emit("kept", 1))
	r.take(1)
	// Volatile ones wait for a moment at which nothing else is being sent.
	for _, name := range []string{"bare", "text", "number"} {
		args := map[string][]any{"bare": nil, "text": {"x"}, "number": {1}}[name]
		for before := len(r.got); len(r.got) == before; {
			emit(t, s.Volatile().Emit(name, args...))
			emit(t, s.Emit("then", 1))
			for r.take(1); !strings.HasPrefix(r.got[len(r.got)-1], "[then"); r.take(1) {
			}
			if !strings.Contains(fmt.Sprint(r.got[before:]), name) {
				before = len(r.got)
			}
		}
	}
	if text := fmt.Sprint(r.got); !strings.Contains(text, "[bare]") || !strings.Contains(text, "[text x]") || !strings.Contains(text, "[number 1]") {
		t.Errorf("got %s", text)
	}
	r.cut()
	<-left
	emit(t, srv.Emit("missed", 1))
	n := len(r.got)
	if !r.enter(t, url) {
		t.Error("not recovered")
	}
	if diff := cmp.Diff([]string{"[missed 1]"}, r.got[n:]); diff != "" {
		t.Error(diff)
	}
}

// TestRecoveryTakeover comes back while the server takes the old connection for a
// living one, and by two connections at once.
func TestRecoveryTakeover(t *testing.T) {
	t.Parallel()
	srv, url, arrived, left := recovering(t, socketio.Config{})
	var r returner
	r.enter(t, url)
	old := r.wire4
	s := <-arrived
	emit(t, srv.Emit("n", 1))
	emit(t, srv.Emit("n", 2))
	r.take(1)
	if !r.enter(t, url) {
		t.Fatal("not recovered")
	}
	if id := <-left; id != s.ID() {
		t.Errorf("%s left", id)
	}
	<-arrived
	if diff := cmp.Diff([]string{"[n 1]", "[n 2]"}, r.got); diff != "" {
		t.Error(diff)
	}
	old.want(`42["n",2,"` + r.offset + `"]`) // queued before; the client no longer reads it
	old.wantEnd()

	r.cut()
	<-left
	one, two := dial4(t, url), dial4(t, url)
	claim := fmt.Sprintf(`40{"pid":%q,"offset":%q}`, r.pid, r.offset)
	one.say(claim)
	two.say(claim)
	same := 0
	for _, w := range []*wire4{one, two} {
		if strings.Contains(w.read(), r.pid) {
			same++
		}
	}
	a, b := <-arrived, <-arrived
	if same != 1 || a.Recovered() == b.Recovered() || a.ID() == b.ID() {
		t.Errorf("%d connections have the session, recovered %v and %v", same, a.Recovered(), b.Recovered())
	}
}

// TestRecoveryOthers keeps offsets from those who cannot know them.
func TestRecoveryOthers(t *testing.T) {
	t.Parallel()
	var asked []string
	srv, url, arrived, _ := recovering(t, socketio.Config{Recovery: socketio.RecoveryConfig{
		For: func(h *socketio.Handshake) bool {
			asked = append(asked, h.Query.Get("EIO"))
			return false
		},
	}})
	w := dial4(t, url)
	w.join("", "") // demands that there is nothing but the id
	if s := <-arrived; s.Conn().Can(socketio.FeatureRecovery) {
		t.Error("has a session all the same")
	}
	emit(t, srv.Emit("n", 1))
	w.want(`42["n",1]`)
	if diff := cmp.Diff([]string{"4"}, asked); diff != "" {
		t.Error(diff)
	}
}

// foreign is an adapter that cannot keep sessions.
type foreign struct{ *rooms.Store }

func TestRecoveryForeignAdapter(t *testing.T) {
	t.Parallel()
	srv, url, _, _ := recovering(t, socketio.Config{Adapter: func(*socketio.Namespace) rooms.Adapter { return foreign{rooms.NewStore()} }})
	w := dial4(t, url)
	w.join("", "")
	emit(t, srv.Emit("n", 1))
	w.want(`42["n",1]`)
}

// TestRecoveryMiddlewares asks the middlewares again.
func TestRecoveryMiddlewares(t *testing.T) {
	t.Parallel()
	srv, url, arrived, left := recovering(t, socketio.Config{Recovery: socketio.RecoveryConfig{RunMiddlewares: true}})
	var seen []string
	srv.Use(func(s *socketio.Socket) error {
		seen = append(seen, fmt.Sprint(s.Recovered(), s.Get("n")))
		return s.Emit("hello", len(seen))
	})
	var r returner
	r.enter(t, url)
	(<-arrived).Set("n", 1)
	r.cut()
	<-left
	if !r.enter(t, url) {
		t.Error("not recovered")
	}
	<-arrived
	if diff := cmp.Diff([]string{"[hello 1]", "[hello 2]"}, r.got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"false <nil>", "true 1"}, seen); diff != "" {
		t.Error(diff)
	}
}

// TestRecoveryUnderLoad cuts clients off again and again while several goroutines
// send: to all, to a room, and to each socket alone. Every client has to see each
// number of each sender once and in order.
func TestRecoveryUnderLoad(t *testing.T) {
	t.Parallel()
	const clients, senders, events, cuts = 4, 3, 600, 12
	srv, url, _, _ := recovering(t, socketio.Config{})
	list, ids := make([]*returner, clients), make([]string, clients)
	for i := range list {
		list[i] = &returner{}
		list[i].enter(t, url)
		ids[i] = list[i].sid
	}
	for start := time.Now(); len(srv.Sockets()) < clients && time.Since(start) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	// Everybody is in the room only when the handlers have run.
	for {
		if in, _ := srv.To("r").Clients(context.Background()); len(in) == clients {
			break
		}
		time.Sleep(time.Millisecond)
	}
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for i := range events {
				switch g {
				case 0:
					emit(t, srv.Emit("n", g, i))
				case 1:
					emit(t, srv.To("r").Emit("n", g, i))
				case 2:
					for _, id := range ids {
						emit(t, srv.To(id).Emit("n", g, i))
					}
				}
				if i%8 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	for _, r := range list {
		wg.Go(func() {
			for cut := 0; len(r.got) < senders*events; {
				r.take(1)
				if cut < cuts && len(r.got) > (cut+1)*senders*events/(cuts+1) {
					cut++
					if cut%2 == 0 {
						r.cut()
					} // else the server has to find out
					if !r.enter(t, url) {
						t.Error("not recovered")
						return
					}
				}
			}
		})
	}
	wg.Wait()
	for c, r := range list {
		var next [senders]int
		for _, ev := range r.got {
			f := strings.Fields(strings.Trim(ev, "[]"))
			g, _ := strconv.Atoi(f[1])
			if f[2] != strconv.Itoa(next[g]) {
				t.Fatalf("client %d: sender %d: got %s, want %d", c, g, f[2], next[g])
			}
			next[g]++
		}
	}
}
