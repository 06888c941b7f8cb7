package interop

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heirloom-io/socketio"
)

// proxyServer is a program that stands between clients and two instances of the
// server, set up by the file that the guide gives its readers.
type proxyServer struct {
	name, file string
	// listens is where that file listens.
	listens string
	// prepare writes what the program needs besides, and returns its arguments.
	prepare func(t *testing.T, dir, file string) []string
}

const (
	addressOfA, addressOfB = "127.0.0.1:3001", "127.0.0.1:3002" // in the files
)

var proxyServers = []proxyServer{
	{
		name: "nginx", file: "../../docs/proxies/nginx.conf", listens: "listen 80;",
		prepare: func(t *testing.T, dir, file string) []string {
			// As Debian's, with compression: the file has to cope with it.
			main := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr warn;
events { worker_connections 1024; }
http {
    access_log off; gzip on; gzip_types *; gzip_min_length 1;
    client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
    include %[2]s;
}
`, dir, file)
			path := filepath.Join(dir, "main.conf")
			if err := os.WriteFile(path, []byte(main), 0o600); err != nil {
				t.Fatal(err)
			}
			return []string{"-p", dir, "-e", "stderr", "-c", path}
		},
	},
	{
		name: "haproxy", file: "../../docs/proxies/haproxy.cfg", listens: "bind :80\n",
		prepare: func(_ *testing.T, _, file string) []string { return []string{"-db", "-f", file} },
	},
}

// start runs the program in front of two instances and returns its address.
func (p proxyServer) start(t *testing.T, a, b string) (*process, string) {
	t.Helper()
	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddress(t)
	directive, _, _ := strings.Cut(p.listens, " ")
	end := strings.TrimLeft(p.listens, directive+" :0123456789")
	filled := string(text)
	for _, change := range [][2]string{
		{p.listens, directive + " " + addr + end},
		{addressOfA, strings.TrimPrefix(a, "http://")},
		{addressOfB, strings.TrimPrefix(b, "http://")},
	} {
		if !strings.Contains(filled, change[0]) {
			t.Fatalf("%s has no %q", p.file, change[0])
		}
		filled = strings.ReplaceAll(filled, change[0], change[1])
	}
	// Clients before 0.7 can say which check they are at by their path alone.
	filled = strings.ReplaceAll(filled, `^/socket\.io/`, `^(/tagged/.+)?/socket\.io/`)
	filled = strings.Replace(filled, "location /socket.io/ {", `location ~ ^(/tagged/.+)?/socket\.io/ {`, 1)
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.Base(p.file))
	if err := os.WriteFile(file, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	program := start(t, nil, lookPath(p.name), p.prepare(t, dir, file)...)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(clientLimit)
	for {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_ = conn.Close()
			return program, "http://" + addr
		}
		select {
		case <-tick.C:
		case <-program.ended:
			t.Fatalf("%s ended: %s", p.name, program.said())
		case <-limit:
			t.Fatalf("%s does not listen; it wrote: %s", p.name, program.said())
		}
	}
}

// freeAddress returns one that nobody listens on. Its port is below those that the
// system gives out: another test could get one of those before the program has it.
func freeAddress(t *testing.T) string {
	t.Helper()
	const lowest, highest = 10_000, 32_000
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		if ln, err := net.Listen("tcp", addr); err == nil {
			_ = ln.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

// throughProxies are the clients that are sent through, and how. Those whose
// WebSockets are of the hixie drafts are missing: their opening has a body that no
// header announces, and neither program lets that pass.
var throughProxies = map[string]struct{ node, browser []string }{
	"0.2.4":  {node: []string{xhrPolling}},
	"0.6.3":  {node: []string{xhrPolling, xhrMultipart}, browser: []string{websocket, jsonpPolling, htmlfile}},
	"0.9.17": {node: []string{websocket, xhrPolling}, browser: []string{htmlfile, jsonpPolling}},
	"1.7.4":  {node: []string{websocket, polling, upgrade}, browser: []string{jsonp}},
	"2.5.0":  {node: []string{websocket, polling, upgrade}, browser: []string{upgrade}},
	"4.8.4":  {node: []string{websocket, polling, upgrade}},
}

// notThroughProxies are checks that need one instance, or a connection that is the
// client's own: a room of two clients, and the cutting of a client's connections.
var notThroughProxies = []string{"room", "transport-close", "reconnect", "silent"}

// throughProxy returns the row with the checks that are left in a mode. Upgrades that
// are held back are released by a request, which finds the client's instance by chance.
func (r row) throughProxy(mode string) row {
	r.checks = slices.DeleteFunc(slices.Clone(r.checks), func(c check) bool {
		return slices.Contains(notThroughProxies, c.name) || mode == upgrade && c.name == "order"
	})
	return r
}

// TestProxyServer sends genuine clients of six releases through nginx and HAProxy to
// two instances of the server. Each session has to stay with the instance on which
// it began, and everything has to arrive as without them.
func TestProxyServer(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	for _, p := range proxyServers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			need(t, needProgram(p.name))
			a := newSite(t, siteOptions{name: "a"})
			if a.backend.genuine() {
				t.Skip("left out: a genuine server makes ids of its own")
			}
			b := newSite(t, siteOptions{name: "b", beside: a})
			program, addr := p.start(t, a.url, b.url)
			front := &site{url: addr, backend: a.backend, ledger: a.ledger, mail: a.mail}
			for _, r := range suite {
				modes, ok := throughProxies[r.release]
				if !ok {
					continue
				}
				forEachMode(t, r, modes.node, func(t *testing.T, mode string) {
					r := r.throughProxy(mode)
					k := front.task(r, "node", mode, "checks")
					client, results := startNode(t, k)
					got, err := collect(results, suiteLimit)
					if err != nil {
						t.Errorf("%v; the client wrote: %s; %s wrote: %s", err, client.said(), p.name, program.said())
					}
					judge(t, front, k.Tag, front.checks(r, "node", mode), got)
				})
				if len(modes.browser) > 0 {
					t.Run("browser "+r.release, func(t *testing.T) {
						t.Parallel()
						takeThroughInBrowser(t, front, r, modes.browser)
					})
				}
			}
			t.Cleanup(func() {
				for _, s := range []*site{a, b} {
					if s.backend.(*own).sessions.Load() == 0 {
						t.Errorf("instance %s has had no client", s.opts.name)
					}
				}
			})
		})
	}
}

func takeThroughInBrowser(t *testing.T, front *site, r row, modes []string) {
	t.Helper()
	var tasks []task
	results := make(map[string]<-chan result)
	for _, mode := range modes {
		k := front.task(r.throughProxy(mode), "browser", mode, "checks")
		tasks = append(tasks, k)
		results[mode] = front.mail.open(k.Tag)
	}
	p := startBrowser(t, front, tasks)
	for i, mode := range modes {
		got, err := collect(results[mode], suiteLimit)
		t.Run(mode, func(t *testing.T) {
			if err != nil {
				t.Errorf("%v; the browser wrote: %s", err, p.said())
			}
			judge(t, front, tasks[i].Tag, front.checks(r.throughProxy(mode), "browser", mode), got)
		})
	}
}

// TestProxyServerStream reads an htmlfile stream through the programs: each event has
// to come when it is sent, and none may wait for the next or for the end.
func TestProxyServerStream(t *testing.T) {
	t.Parallel()
	for _, p := range proxyServers {
		t.Run(p.name, func(t *testing.T) {
			need(t, needProgram(p.name))
			a := newSite(t, siteOptions{name: "a"})
			b := newSite(t, siteOptions{name: "b", beside: a})
			_, addr := p.start(t, a.url, b.url)
			client := &http.Client{Timeout: clientLimit}
			defer client.CloseIdleConnections()
			get := func(path string) *http.Response {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, addr+path, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Accept-Encoding", "gzip") // as browsers do
				res, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "" {
					t.Fatalf("%s: status %d, encoding %q", path, res.StatusCode, res.Header.Get("Content-Encoding"))
				}
				return res
			}
			res := get("/socket.io/1/?t=1795195938441&case=stream")
			line, err := bufio.NewReader(res.Body).ReadString(':')
			_ = res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			stream := get("/socket.io/1/htmlfile/" + strings.TrimSuffix(line, ":") + "?t=1795195938442&case=stream")
			defer stream.Body.Close()
			var seen bytes.Buffer
			await := func(text string) {
				t.Helper()
				for part := make([]byte, 4096); !bytes.Contains(seen.Bytes(), []byte(text)); {
					n, err := stream.Body.Read(part)
					seen.Write(part[:n])
					if err != nil && !bytes.Contains(seen.Bytes(), []byte(text)) {
						t.Fatalf("%v instead of %q; the stream was %q", err, text, seen.Bytes())
					}
				}
			}
			await("1::")
			for i := range 3 {
				word := "word" + strconv.Itoa(i)
				for _, s := range []*site{a, b} {
					if err := s.backend.(*own).io.Emit("news", word); err != nil {
						t.Fatal(err)
					}
				}
				await(word)
			}
		})
	}
}

// TestProxyServerPath has a "//" in a path come through as it is, which net/http's own
// client and most browsers would send as well.
func TestProxyServerPath(t *testing.T) {
	t.Parallel()
	for _, p := range proxyServers {
		t.Run(p.name, func(t *testing.T) {
			need(t, needProgram(p.name))
			paths := make(chan string, 2)
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			echo := &http.Server{ReadHeaderTimeout: clientLimit, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.RequestURI })}
			ended := make(chan error, 1)
			go func() { ended <- echo.Serve(ln) }()
			defer func() { _ = echo.Close(); <-ended }()
			backend := "http://" + ln.Addr().String()
			_, addr := p.start(t, backend, backend)
			const path = "/socket.io//xhr-polling//1795195938441//"
			conn, err := net.Dial("tcp", strings.TrimPrefix(addr, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(clientLimit)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", path)
			answer, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-paths:
				if got != path {
					t.Errorf("the path is %q, want %q", got, path)
				}
			default:
				t.Errorf("the answer is %q", answer)
			}
		})
	}
}

// TestProxyServerTimeouts compares the times in the files with the server's: neither
// program may cut off a client that the server still waits for.
func TestProxyServerTimeouts(t *testing.T) {
	t.Parallel()
	server, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := server.Config()
	need := max(
		c.PingInterval+c.PingTimeout, c.PingInterval+c.V1.PingTimeout, c.PingInterval+c.V4.PingTimeout,
		c.V0.HeartbeatInterval+c.V0.HeartbeatTimeout, c.V0.PollingDuration,
		c.Messages.HeartbeatInterval+c.Messages.HeartbeatTimeout, c.Messages.PollingDuration,
	)
	times := regexp.MustCompile(`(?m)^\s*(proxy_read_timeout|proxy_send_timeout|timeout (?:client|server|tunnel)) +(\d+)s`)
	wanted := map[string]int{"nginx": 2, "haproxy": 3}
	for _, p := range proxyServers {
		text, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		found := times.FindAllStringSubmatch(string(text), -1)
		if len(found) != wanted[p.name] {
			t.Errorf("%s has %d timeouts, want %d", p.file, len(found), wanted[p.name])
		}
		for _, m := range found {
			seconds, err := strconv.Atoi(m[2])
			if err != nil || time.Duration(seconds)*time.Second <= need {
				t.Errorf("%s: %s is %s s, %v, want more than %v", p.file, m[1], m[2], err, need)
			}
		}
	}
	if size := int64(100_000_000); int64(c.MaxPayload) > size || size > 100<<20 {
		t.Errorf("client_max_body_size 100m is below MaxPayload, %d", c.MaxPayload)
	}
}
