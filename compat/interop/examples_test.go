package interop

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startExample builds an example in its own folder and starts it. It returns its URL
// and what it wrote before that.
func startExample(t *testing.T, name string, args ...string) (url string, said []string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("../../examples", name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := make(chan string, 64)
	p := start(t, func(out io.Reader) {
		for text := bufio.NewScanner(out); text.Scan(); {
			select {
			case lines <- text.Text():
			default:
			}
		}
	}, program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	limit := time.After(clientLimit)
	for {
		select {
		case line := <-lines:
			said = append(said, line)
			if addr, ok := strings.CutPrefix(line, "listening: "); ok {
				// It ends by itself when it is told to, and does not fail then.
				t.Cleanup(func() {
					if err := p.signal(syscall.SIGTERM); err != nil {
						t.Error(err)
					}
					select {
					case <-p.ended:
						if p.err != nil {
							t.Errorf("%s: %v: %s", name, p.err, p.said())
						}
					case <-time.After(clientLimit):
						t.Errorf("%s does not end", name)
					}
				})
				return strings.TrimSuffix(addr, "/"), said
			}
		case <-p.ended:
			t.Fatalf("%s ended: %s", name, p.said())
		case <-limit:
			t.Fatalf("%s does not start", name)
		}
	}
}

// exampleClients are the releases that use each example.
var exampleClients = []string{"0.9.17", "2.5.0", "4.8.4"}

// withClients runs a test for each of them.
func withClients(t *testing.T, run func(t *testing.T, r *remote)) {
	t.Helper()
	for _, release := range exampleClients {
		t.Run(release, func(t *testing.T) { run(t, startRemote(t, release)) })
	}
}

// TestExampleTyped asks the calculator.
func TestExampleTyped(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	url, _ := startExample(t, "typed")
	withClients(t, func(t *testing.T, r *remote) {
		g := r.guest(t, url, "", nil)
		g.want("connect()")
		for _, q := range []struct {
			event string
			a, b  int
			want  string
		}{
			{"add", 40, 2, "(42)"},
			{"divide", 17, 5, `({"quotient":3,"remainder":2})`},
			{"divide", 1, 0, `({"error":"division by zero"})`},
		} {
			if got := g.ask(q.event, map[string]int{"a": q.a, "b": q.b}); got != q.want {
				t.Errorf("%s(%d, %d): got %s, want %s", q.event, q.a, q.b, got, q.want)
			}
		}
		if got, want := g.ask("history"), `(["40 + 2","17 / 5"])`; got != want {
			t.Errorf("history: got %s, want %s", got, want)
		}
	})
}

// TestExampleNamespaces has two clients of a release on a board that they make by
// asking for it, and which ends with them.
func TestExampleNamespaces(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	url, _ := startExample(t, "namespaces")
	withClients(t, func(t *testing.T, r *remote) {
		n := strings.ReplaceAll(r.release, ".", "")
		board := "/board-" + n
		first := r.guest(t, url, "", nil)
		first.want("connect()")
		if got, want := first.ask("boards"), "([])"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		on := []string{"board", "pinned"}
		a := first.join(board, nil, on...)
		a.want("connect()", "board([])")
		if got, want := first.ask("boards"), `(["`+board+`"])`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		a.emit("pin", "milk")
		a.want(`pinned(1,"milk")`)
		other := r.guest(t, url, "", nil)
		other.want("connect()")
		b := other.join(board, nil, on...)
		b.want("connect()", `board(["milk"])`)
		b.emit("pin", "bread")
		a.want(`pinned(2,"bread")`)
		b.want(`pinned(2,"bread")`)
		a.do(command{Op: "leave"})
		b.do(command{Op: "leave"})
		for tries := 0; first.ask("boards") != "([])"; tries++ {
			if tries == 1000 {
				t.Fatal("the board stays")
			}
		}
	})
}

// TestExampleUpload sends a file in parts, each when the one before is written, while
// another client watches: over what a release takes by itself, and over polling, where
// a part in base64 is larger.
func TestExampleUpload(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	dir := t.TempDir()
	url, _ := startExample(t, "upload", "-dir", dir)
	withClients(t, func(t *testing.T, r *remote) {
		polling := "polling"
		if strings.HasPrefix(r.release, "0.") {
			polling = "xhr-polling"
		}
		upload(t, r, url, nil)
		upload(t, r, url, map[string]any{"transports": []string{polling}})
		g := r.guest(t, url, "", nil)
		g.want("connect()")
		if got, want := g.ask("begin", map[string]any{"name": "draft", "size": 1}), `({"part":65536})`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		g.do(command{Op: "close"})
	})
	// What a client began and did not finish goes with it.
	for limit := time.Now().Add(clientLimit); ; time.Sleep(10 * time.Millisecond) {
		files, err := os.ReadDir(dir)
		if err == nil && len(files) == 2*len(exampleClients) {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("there are %d files, %v, want %d", len(files), err, 2*len(exampleClients))
		}
	}
}

// upload sends one file, by a client with the given options.
func upload(t *testing.T, r *remote, url string, opts map[string]any) {
	t.Helper()
	text := bytes.Repeat([]byte(r.release+" "), 30_000)
	sum := sha256.Sum256(text)
	watcher := r.guest(t, url, "", nil, "progress")
	watcher.want("connect()")
	if got, want := watcher.ask("watch"), "(true)"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	g := r.guest(t, url, "", opts)
	g.want("connect()")
	if got, want := g.ask("finish"), `({"error":"begin first"})`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := g.ask("begin", map[string]any{"name": "../notes", "size": len(text)}), `({"part":65536})`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	const part = 65536
	for at := 0; at < len(text); at += part {
		end := min(at+part, len(text))
		data := base64.StdEncoding.EncodeToString(text[at:end])
		form := map[string]any{"$bin": data}
		if strings.HasPrefix(r.release, "0.") {
			form = map[string]any{"base64": true, "data": data}
		}
		if got, want := g.ask("part", form), fmt.Sprintf(`({"received":%d})`, end); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	// The answers were there before, and the watcher's are on their way.
	if got, want := watcher.next().String(), fmt.Sprintf(`progress("../notes",65536,%d)`, len(text)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := g.ask("part", map[string]any{"base64": true, "data": "AAAA"}), `({"error":"the size does not fit"})`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := g.ask("finish"), fmt.Sprintf(`({"sha256":"%s","size":%d})`, hex.EncodeToString(sum[:]), len(text)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestExampleAuth comes with a token, by whatever way a release has, and without one.
func TestExampleAuth(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	url, said := startExample(t, "auth")
	var token string
	for _, line := range said {
		if after, ok := strings.CutPrefix(line, "token of ada: "); ok {
			token = after
		}
	}
	if token == "" {
		t.Fatalf("no token in %q", said)
	}
	withClients(t, func(t *testing.T, r *remote) {
		good := map[string]any{"query": map[string]any{"token": token}}
		switch {
		case strings.HasPrefix(r.release, "0."):
			good["query"] = "token=" + token
		case strings.HasPrefix(r.release, "4."):
			good = map[string]any{"auth": map[string]any{"token": token}}
		}
		g := r.guest(t, url, "", good)
		g.want("connect()")
		if got, want := g.ask("whoami"), `("ada")`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		g.do(command{Op: "close"})
		// A release that shares its connections keeps what it was told first.
		startRemote(t, r.release).guest(t, url, "", nil).refused()
	})
}
