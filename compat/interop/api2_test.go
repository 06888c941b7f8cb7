package interop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// apiRelease has the API of 2.x, which the table in docs/api.md is about.
const apiRelease = "2.5.0"

// apiRow is something that the documented API promises, tried through genuine
// clients. The table in docs/api.md names it as its proof.
type apiRow struct {
	name string
	// since and until exclude releases whose wire cannot show it, by their first
	// number: "2" until "2" is those of 2.x alone. Empty excludes none.
	since, until string
	config       socketio.Config
	run          func(x *api)
}

// apiRows returns all rows there are.
func apiRows() []apiRow {
	return slices.Concat(apiServerRows, apiEngineRows, apiNamespaceRows, apiDynamicRows, apiSocketRows, apiLifeRows, apiOriginRows)
}

// api is one row at work with one release, on a server of its own.
type api struct {
	*testing.T
	io     *socketio.Server
	url    string
	remote *remote

	mu    sync.Mutex
	notes chan string
}

// TestServerAPI takes the server's API through its rows.
func TestServerAPI(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	remotes := make(map[string]*remote)
	for _, release := range apiReleases {
		remotes[release] = startRemote(t, release)
	}
	for _, row := range apiRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, release := range apiReleases {
				if row.since > release || row.until != "" && row.until < release[:1] {
					continue
				}
				t.Run(release, func(t *testing.T) { runAPI(t, row, remotes[release]) })
			}
		})
	}
}

func runAPI(t *testing.T, row apiRow, r *remote) {
	t.Helper()
	x := &api{T: t, remote: r, notes: make(chan string, 1024)}
	x.serve(row.config)
	row.run(x)
}

// serve starts a server, which takes the place of the one before.
func (x *api) serve(config socketio.Config) {
	x.Helper()
	io, err := socketio.NewServer(config)
	if err != nil {
		x.Fatal(err)
	}
	web := httptest.NewServer(io.Attach(nil))
	x.io, x.url = io, web.URL
	x.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			x.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
}

// polling are the options of a client that stays on polling.
func (x *api) polling() map[string]any {
	if x.old() {
		return map[string]any{"transports": []string{xhrPolling}}
	}
	return map[string]any{"transports": []string{"polling"}}
}

// old reports whether the release is of 0.x, whose refusals have no data.
func (x *api) old() bool { return strings.HasPrefix(x.remote.release, "0.") }

// modern reports whether the release is of 3.x or 4.x, where sockets have ids of
// their own.
func (x *api) modern() bool { return x.remote.release[0] >= '3' && !x.old() }

// note keeps something that the server has seen.
func (x *api) note(s string) { x.notes <- s }

// noted fails unless these are the next notes.
func (x *api) noted(notes ...string) {
	x.Helper()
	for _, want := range notes {
		select {
		case got := <-x.notes:
			if got != want {
				x.Fatalf("the server saw %q, want %q", got, want)
			}
		case <-time.After(noticeLimit):
			x.Fatalf("the server has not seen %q", want)
		}
	}
}

// quiet fails if there are notes left.
func (x *api) quiet() {
	x.Helper()
	select {
	case got := <-x.notes:
		x.Errorf("the server saw %q, want nothing more", got)
	default:
	}
}

// check reports an error of the server's side.
func (x *api) check(err error) {
	x.Helper()
	if err != nil {
		x.Error(err)
	}
}

// same fails unless two texts agree.
func (x *api) same(what, got, want string) {
	x.Helper()
	if got != want {
		x.Errorf("%s is %s, want %s", what, got, want)
	}
}

// dial connects a client and does not wait for it.
func (x *api) dial(nsp string, opts map[string]any, on ...string) *guest {
	x.Helper()
	return x.remote.guest(x.T, x.url, nsp, opts, on...)
}

// visit connects a client to a namespace of the server and returns it with its
// socket, when both know of each other.
func (x *api) visit(nsp string, opts map[string]any, on ...string) (*guest, *socketio.Socket) {
	x.Helper()
	arrived := make(chan *socketio.Socket, 1)
	x.mu.Lock() // one at a time, so that it is known who comes
	defer x.mu.Unlock()
	var once sync.Once
	x.io.Of(nsp).OnConnection(func(s *socketio.Socket) {
		once.Do(func() { arrived <- s })
	})
	g := x.dial(nsp, opts, on...)
	g.want("connect()")
	return g, take(x, arrived)
}

// take receives what the server's side has to tell.
func take[T any](x *api, from <-chan T) (v T) {
	x.Helper()
	select {
	case v = <-from:
	case <-time.After(noticeLimit):
		x.Fatal("the server's side is silent")
	}
	return v
}

// visitors connects several clients to "/".
func (x *api) visitors(n int) ([]*guest, []*socketio.Socket) {
	x.Helper()
	guests, sockets := make([]*guest, n), make([]*socketio.Socket, n)
	for i := range n {
		guests[i], sockets[i] = x.visit("/", nil)
	}
	return guests, sockets
}

// last emits an event to everyone and fails if anybody gets something else
// before it.
func (x *api) last(guests ...*guest) {
	x.Helper()
	x.check(x.io.Emit("last"))
	for i, g := range guests {
		if got := g.next().String(); got != "last()" {
			x.Errorf("client %d got %s, want nothing more", i, got)
		}
	}
}

// untilTaken emits "ev" until a client was ready to take it, and fails if it gets
// anything else.
func (x *api) untilTaken(g *guest, volatile socketio.Operator) {
	x.Helper()
	for until := time.Now().Add(clientLimit); len(g.box) == 0 && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		x.check(volatile.Emit("ev"))
	}
	x.check(x.io.Emit("last"))
	for taken := 0; ; taken++ {
		switch got := g.next().String(); {
		case got == "last()" && taken > 0:
			return
		case got != "ev()":
			x.Fatalf("the client got %s after %d volatile events", got, taken)
		}
	}
}

// status requests a path as something that is no client.
func (x *api) status(path string) int {
	x.Helper()
	resp, err := http.Get(x.url + path)
	if err != nil {
		x.Fatal(err)
	}
	_ = resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	return resp.StatusCode
}
