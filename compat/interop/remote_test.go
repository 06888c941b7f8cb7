package interop

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// remote is a node process with genuine clients of one release, which tests drive
// step by step; see node/remote.js. Its methods may be called concurrently.
type remote struct {
	release string
	process *process

	mu     sync.Mutex // for the fields below, and for writing
	in     io.WriteCloser
	serial int
	boxes  map[int]chan report
}

// report is what the process says of a client.
type report struct {
	ID    int               `json:"id"`
	Event string            `json:"event"`
	N     int               `json:"n"`
	Args  []json.RawMessage `json:"args"`
}

// String returns the report as event(arguments).
func (r report) String() string {
	args := make([]string, len(r.Args))
	for i, a := range r.Args {
		args[i] = string(a)
	}
	return r.Event + "(" + strings.Join(args, ",") + ")"
}

// command is what the process is told to do.
type command struct {
	ID   int            `json:"id"`
	Op   string         `json:"op"`
	URL  string         `json:"url,omitempty"`
	NSP  string         `json:"nsp"`
	From int            `json:"from,omitempty"`
	On   []string       `json:"on,omitempty"`
	Opts map[string]any `json:"opts,omitempty"`
	Args []any          `json:"args"`
	N    int            `json:"n,omitempty"`
}

func startRemote(t *testing.T, release string) *remote {
	t.Helper()
	// A pipe of the system's, as the copying of any other reader would have to
	// end before the child counts as ended.
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	r := &remote{release: release, in: in, boxes: make(map[int]chan report)}
	r.process = startWith(t, out, r.read, "node", "--no-deprecation", clientDir+"/remote.js", release)
	t.Cleanup(func() { _ = in.Close() })
	return r
}

func (r *remote) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var got report
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			got.Event = "not a report: " + lines.Text()
		}
		r.mu.Lock()
		if got.ID == 0 { // nobody's in particular: everybody fails over it
			for _, box := range r.boxes {
				post(box, got)
			}
		} else if box := r.boxes[got.ID]; box != nil {
			post(box, got)
		}
		r.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, out)
}

func post(box chan report, r report) {
	select {
	case box <- r:
	default:
	}
}

// tell sends a command. With box it is one that makes a client.
func (r *remote) tell(t *testing.T, c command, box chan report) int {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if box != nil {
		r.serial++
		c.ID = r.serial
		r.boxes[c.ID] = box
	}
	if c.Args == nil {
		c.Args = []any{}
	}
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.in.Write(append(line, '\n')); err != nil {
		t.Fatalf("%v; the clients wrote: %s", err, r.process.said())
	}
	return c.ID
}

// guest is one client of a remote, in one namespace.
type guest struct {
	t      *testing.T
	remote *remote
	id     int
	box    chan report
	asked  int
}

// guestEvents are the events that every guest reports, beside those a test names.
var guestEvents = []string{
	"connect", "disconnect", "error", "connect_error", "connect_failed", "message", "ev", "last",
}

// guest connects a client and does not wait for it.
func (r *remote) guest(t *testing.T, url, nsp string, opts map[string]any, on ...string) *guest {
	t.Helper()
	g := &guest{t: t, remote: r, box: make(chan report, 1024)}
	g.id = r.tell(t, command{Op: "connect", URL: url, NSP: nsp, Opts: opts, On: append(on, guestEvents...)}, g.box)
	t.Cleanup(func() { r.tell(t, command{ID: g.id, Op: "close"}, nil) })
	return g
}

// join enters another namespace on the same connection.
func (g *guest) join(nsp string, opts map[string]any, on ...string) *guest {
	g.t.Helper()
	other := &guest{t: g.t, remote: g.remote, box: make(chan report, 1024)}
	other.id = g.remote.tell(g.t, command{Op: "join", From: g.id, NSP: nsp, Opts: opts, On: append(on, guestEvents...)}, other.box)
	return other
}

func (g *guest) do(c command) {
	g.t.Helper()
	c.ID = g.id
	g.remote.tell(g.t, c, nil)
}

func (g *guest) emit(event string, args ...any) {
	g.t.Helper()
	g.do(command{Op: "emit", Args: append([]any{event}, args...)})
}

// ask emits an event and returns the answer's arguments, as report.String has
// them.
func (g *guest) ask(event string, args ...any) string {
	g.t.Helper()
	g.asked++
	g.do(command{Op: "emit", Args: append([]any{event}, args...), N: g.asked})
	r := g.next()
	if r.Event != "answer" || r.N != g.asked {
		g.t.Fatalf("asked %s and got %v, want an answer", event, r)
	}
	return strings.TrimPrefix(r.String(), "answer")
}

func (g *guest) answer(r report, args ...any) {
	g.t.Helper()
	g.do(command{Op: "answer", N: r.N, Args: args})
}

// look returns what the client knows of itself.
func (g *guest) look(v any) {
	g.t.Helper()
	g.do(command{Op: "look"})
	r := g.next()
	if r.Event != "look" {
		g.t.Fatalf("got %v, want what the client knows", r)
	}
	if err := json.Unmarshal(r.Args[0], v); err != nil {
		g.t.Fatal(err)
	}
}

// next returns the next report.
func (g *guest) next() report {
	g.t.Helper()
	limit := time.NewTimer(clientLimit)
	defer limit.Stop()
	select {
	case r := <-g.box:
		return r
	case <-g.remote.process.ended:
		g.t.Fatalf("the clients ended: %s", g.remote.process.said())
	case <-limit.C:
		g.t.Fatalf("nothing came in %v; the clients wrote: %s", clientLimit, g.remote.process.said())
	}
	return report{}
}

// want fails unless the next reports are these.
func (g *guest) want(reports ...string) {
	g.t.Helper()
	for _, want := range reports {
		if got := g.next().String(); got != want {
			g.t.Fatalf("the client got %s, want %s", got, want)
		}
	}
}

// refused fails unless the client is told that it may not come in, and returns
// the data it gets with that.
func (g *guest) refused() string {
	g.t.Helper()
	switch r := g.next(); r.Event {
	case "error", "connect_failed", "connect_error":
		return strings.TrimPrefix(r.String(), r.Event)
	default:
		g.t.Fatalf("the client got %v, want a refusal", r)
	}
	return ""
}
