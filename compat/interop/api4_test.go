package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio"
)

// apiReleases are the clients that see the API of 3.x and 4.x at work: the last
// release of each generation that is programmed in a way of its own.
var apiReleases = []string{"0.9.17", "2.5.0", "4.8.4"}

// apiMember is a client that reports everything it gets, and its socket in "/".
type apiMember struct {
	name    string
	row     row
	process *process
	results <-chan result
	socket  *socketio.Socket
	// incoming and outgoing are what the catch-all listeners were told.
	incoming, outgoing *lines
}

// lines are collected by several goroutines.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, fmt.Sprintf(format, args...))
}

// take returns what there is and begins anew.
func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// stage is a server with the clients that are in its namespaces.
type stage struct {
	io       *socketio.Server
	parent   *socketio.ParentNamespace
	url      string
	members  []*apiMember
	requests lines // what the engine's middleware saw
	rooms    lines // what the room hooks saw
	reasons  lines // for which the sockets ended
	ends     int   // phases so far
}

// everyNamespace is what each client asks for: the default namespace, one that
// comes into being thereby, and two that nobody gets into.
const everyNamespace = "/ /dynamic-7 /dynamic-13 /nope"

// newStage starts a server and brings the clients, in two transport modes each.
func newStage(t *testing.T) *stage {
	t.Helper()
	io, err := socketio.NewServer(socketio.Config{CleanupEmptyChildNamespaces: true, PingTimeout: clientLimit})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{io: io}
	io.Engine().Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.requests.add("%s %v", strings.SplitN(r.URL.Path+"?"+r.URL.RawQuery, "&", 2)[0], r.Header.Get("Upgrade") != "")
			next.ServeHTTP(w, r)
		})
	})
	io.OnRooms(socketio.RoomHooks{
		Create: func(room string) { s.rooms.add("create %s", room) },
		Join:   func(room, _ string) { s.rooms.add("join %s", room) },
		Leave:  func(room, _ string) { s.rooms.add("leave %s", room) },
		Delete: func(room string) { s.rooms.add("delete %s", room) },
	})
	s.parent = io.OfPattern(regexp.MustCompile(`^/dynamic-\d+$`))
	s.parent.Use(func(socket *socketio.Socket) error {
		if socket.Namespace().Name() == "/dynamic-13" {
			return &socketio.Error{Message: "unlucky"}
		}
		return nil
	})
	s.parent.OnConnection(func(socket *socketio.Socket) { _ = socket.Emit("one", socket.Namespace().Name()) })

	ready := make(chan *socketio.Socket)
	io.OnConnection(func(socket *socketio.Socket) {
		in, out := &lines{}, &lines{}
		socket.Set("lines", [2]*lines{in, out})
		socket.OnAny(func(ev *socketio.Event) {
			values, err := ev.Args().Values()
			in.add("%s %v %v %v", ev.Name(), values, ev.WantsAck(), err)
		})
		socket.OnAnyOutgoing(func(event string, args socketio.Args) { out.add("%s %d", event, args.Len()) })
		socket.On("hello", func(release string) string { return "hello " + release })
		socket.On("ready", func(s *socketio.Socket) { ready <- s })
		socket.OnDisconnect(func(reason socketio.Reason) { s.reasons.add("%s", reason) })
	})

	server := httptest.NewServer(io.Attach(nil))
	s.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	for _, r := range suite {
		if !slices.Contains(apiReleases, r.release) {
			continue
		}
		for _, mode := range r.node[:2] {
			m := &apiMember{name: r.release + " " + mode, row: r}
			m.process, m.results = startNode(t, task{
				Release: r.release, Era: r.era, Program: "api", Mode: mode, URL: s.url,
				Tag: "api", Generation: r.generation, Room: everyNamespace,
			})
			select {
			case m.socket = <-ready:
			case <-time.After(clientLimit):
				t.Fatalf("%s is not ready; it wrote: %s", m.name, m.process.said())
			}
			collected := m.socket.Get("lines").([2]*lines)
			m.incoming, m.outgoing = collected[0], collected[1]
			s.members = append(s.members, m)
		}
	}
	return s
}

// got ends a phase and returns what each member has got in it.
func (s *stage) got(t *testing.T) map[string][]string {
	t.Helper()
	s.ends++
	if err := s.io.Emit("end", s.ends); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, m := range s.members {
		if m.socket.Connected() {
			all[m.name] = m.until(t, fmt.Sprintf("end / [%d]", s.ends))
		}
	}
	return all
}

// until returns what the member has reported before a line.
func (m *apiMember) until(t *testing.T, last string) []string {
	t.Helper()
	limit := time.After(clientLimit)
	var list []string
	for {
		select {
		case r, ok := <-m.results:
			line := r.Check + " " + r.Detail
			switch {
			case !ok:
				t.Fatalf("%s ended; it wrote: %s", m.name, m.process.said())
			case line == last:
				return list
			}
			list = append(list, line)
		case <-limit:
			t.Fatalf("%s has not reported %q, but %q; it wrote: %s", m.name, last, list, m.process.said())
		}
	}
}

// expect compares what each member has got with what it should have.
func (s *stage) expect(t *testing.T, want func(i int, m *apiMember) []string) {
	t.Helper()
	got := s.got(t)
	for i, m := range s.members {
		if list, ok := got[m.name]; ok {
			if d := cmp.Diff(want(i, m), list); d != "" {
				t.Errorf("%s (-want +got):\n%s", m.name, d)
			}
		}
	}
}

// TestAPI4 has genuine clients of several generations together see what the API
// of 3.x and 4.x does, in one room and from the first request to the end.
func TestAPI4(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	s := newStage(t)
	if n := len(s.members); n != 2*len(apiReleases) {
		t.Fatalf("there are %d clients, want two for each of %q", n, apiReleases)
	}
	for _, phase := range []struct {
		name string
		run  func(*testing.T, *stage)
	}{
		{"dynamic namespaces", testDynamicNamespaces},
		{"engine middleware", testEngineRequests},
		{"incoming catch-all", testIncoming},
		{"rooms from afar", testRoomsFromAfar},
		{"to many rooms, except", testManyRooms},
		{"broadcast with acks", testBroadcastAcks},
		{"fetched sockets", testFetched},
		{"volatile binary", testVolatile},
		{"numbers for names", testNumber},
		{"outgoing catch-all", testOutgoing},
		{"empty namespaces end", testCleanup},
		{"disconnect sockets", testDisconnectSockets},
		{"join after the end", testJoinAfterEnd},
		{"close", testShutdown},
	} {
		if !t.Run(phase.name, func(t *testing.T) { phase.run(t, s) }) {
			return // what follows builds on it
		}
	}
}

// soon waits until something holds, and reports whether it does.
func soon(holds func() bool) bool {
	limit := time.Now().Add(noticeLimit)
	for !holds() {
		if time.Now().After(limit) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// refusedWith is how a refusal looks to the client of a row.
func refusedWith(r row, namespace, message string) string {
	switch {
	case r.era == colonEra:
		return "refused " + namespace + ` "unauthorized"`
	case strings.HasPrefix(r.release, "4."):
		return "refused " + namespace + ` {"data":undefined,"message":"` + message + `"}`
	}
	return "refused " + namespace + ` "` + message + `"`
}

func testDynamicNamespaces(t *testing.T, s *stage) {
	got := s.got(t)
	for _, m := range s.members {
		want := []string{
			`answer "hello ` + m.row.release + `"`, "connect /", "connect /dynamic-7", `one /dynamic-7 ["/dynamic-7"]`,
			refusedWith(m.row, "/dynamic-13", "unlucky"), refusedWith(m.row, "/nope", "Invalid namespace"),
		}
		list := got[m.name]
		slices.Sort(list)
		slices.Sort(want)
		if d := cmp.Diff(want, list); d != "" {
			t.Errorf("%s (-want +got):\n%s", m.name, d)
		}
	}
	children := s.parent.Children()
	if len(children) != 1 || children[0].Name() != "/dynamic-7" || len(children[0].Sockets()) != len(s.members) {
		t.Errorf("the namespaces are %v", children)
	}
}

func testEngineRequests(t *testing.T, s *stage) {
	seen := strings.Join(s.requests.take(), "\n")
	for _, want := range []string{
		`(?m)^/socket.io/1/\?\S+ false$`,          // the handshake of 0.9
		`(?m)^/socket.io/1/websocket/\S+ true$`,   // its websocket
		`(?m)^/socket.io/1/xhr-polling/\S+ false`, // its polls
	} {
		if !regexp.MustCompile(want).MatchString(seen) {
			t.Errorf("no request like %s among\n%s", want, seen)
		}
	}
	for _, m := range s.members {
		if m.row.era == colonEra {
			continue
		}
		if h := m.socket.Handshake(); !strings.Contains(h.URL.RawQuery, "EIO=") {
			t.Errorf("%s: %s", m.name, h.URL)
		}
	}
	if !strings.Contains(seen, "/socket.io/?") || strings.Count(seen, " true") < len(s.members)/2 {
		t.Errorf("requests of later clients are missing among\n%s", seen)
	}
}

func testIncoming(t *testing.T, s *stage) {
	for _, m := range s.members {
		want := []string{
			fmt.Sprintf("hello [%s map[n:[2]]] true <nil>", m.row.release),
			"7 [a number for a name] false <nil>",
			"ready [] false <nil>",
		}
		if m.row.era == colonEra {
			want = slices.Delete(want, 1, 2)
		}
		if d := cmp.Diff(want, m.incoming.take()); d != "" {
			t.Errorf("%s (-want +got):\n%s", m.name, d)
		}
	}
}

func testRoomsFromAfar(t *testing.T, s *stage) {
	s.rooms.take()
	first := s.members[0].socket
	for _, err := range []error{
		s.io.SocketsJoin("all"), s.io.To(first.ID()).SocketsJoin("mine"),
		s.io.To("all").Emit("one"), s.io.To("mine").Emit("two"),
		s.io.Except("mine").SocketsLeave("all"), s.io.To("all").Emit("three"),
		s.io.SocketsLeave("all", "mine"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.expect(t, func(i int, _ *apiMember) []string {
		if i == 0 {
			return []string{"one / []", "two / []", "three / []"}
		}
		return []string{"one / []"}
	})
	n := len(s.members)
	want := slices.Concat([]string{"create all"}, slices.Repeat([]string{"join all"}, n), []string{"create mine", "join mine"},
		slices.Repeat([]string{"leave all"}, n), []string{"delete all"}, []string{"leave mine", "delete mine"})
	got := s.rooms.take()
	// The rooms of the last member to leave end in turn, whoever that is.
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("room hooks (-want +got):\n%s", d)
	}
}

func testManyRooms(t *testing.T, s *stage) {
	for i, m := range s.members {
		m.socket.Join("x", "y", fmt.Sprint("member ", i))
	}
	if err := s.io.To("x", "y").In("member 0").Except("member 1", "member 99").Emit("one", "1x"); err != nil {
		t.Fatal(err)
	}
	if err := s.members[2].socket.Except("member 0").Emit("two"); err != nil {
		t.Fatal(err)
	}
	s.expect(t, func(i int, _ *apiMember) []string {
		var want []string
		if i != 1 {
			want = append(want, `one / ["1x"]`)
		}
		if i != 0 && i != 2 {
			want = append(want, "two / []")
		}
		return want
	})
}

func testBroadcastAcks(t *testing.T, s *stage) {
	n := len(s.members)
	got, err := s.io.EmitWithAcks(t.Context(), "ask", "everyone")
	if err != nil || got.Asked != n || got.NotAsked != 0 {
		t.Fatalf("asked %d, not asked %d: %v", got.Asked, got.NotAsked, err)
	}
	answers := func(r socketio.Responses) map[string]string {
		m := map[string]string{}
		for _, a := range r.Answers {
			var release string
			if err := a.Args.Scan(&release); err != nil {
				t.Error(err)
			}
			m[a.SocketID] = release
		}
		return m
	}
	want := map[string]string{}
	for _, m := range s.members {
		want[m.socket.ID()] = m.row.release
	}
	if d := cmp.Diff(want, answers(got)); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}

	// Those of one release keep silent.
	silent := s.members[0].row.release
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err = s.io.EmitWithAcks(ctx, "ask", silent)
	var un *socketio.UnansweredError
	if !errors.As(err, &un) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	for id, release := range want {
		if release == silent {
			delete(want, id)
		}
	}
	if d := cmp.Diff(want, answers(un.Responses)); d != "" || un.Responses.Asked != n {
		t.Errorf("answers in time (-want +got):\n%s", d)
	}
	s.expect(t, func(int, *apiMember) []string {
		return []string{`ask / ["everyone"]`, `ask / ["` + silent + `"]`}
	})
}

func testFetched(t *testing.T, s *stage) {
	list, err := s.io.FetchSockets(t.Context())
	if err != nil || len(list) != len(s.members) {
		t.Fatal(len(list), err)
	}
	for i, m := range s.members {
		at := slices.IndexFunc(list, func(r *socketio.RemoteSocket) bool { return r.ID() == m.socket.ID() })
		if at < 0 {
			t.Fatalf("%s was not fetched", m.name)
		}
		r := list[at]
		if r.Handshake().URL.String() != m.socket.Handshake().URL.String() || !slices.Contains(r.Rooms(), "x") || r.Data()["lines"] == nil {
			t.Errorf("%s: %v %v %v", m.name, r.Handshake(), r.Rooms(), r.Data())
		}
		args, err := r.EmitWithAck(t.Context(), "ask", i)
		var release string
		if err := errors.Join(err, args.Scan(&release), r.Emit("one", i), r.Leave("x"), r.Join("z")); err != nil || release != m.row.release {
			t.Errorf("%s: answered %q, %v", m.name, release, err)
		}
		if rooms := m.socket.Rooms(); slices.Contains(rooms, "x") || !slices.Contains(rooms, "z") {
			t.Errorf("%s is in %q", m.name, rooms)
		}
	}
	s.expect(t, func(i int, _ *apiMember) []string {
		return []string{fmt.Sprintf("ask / [%d]", i), fmt.Sprintf("one / [%d]", i)}
	})
}
