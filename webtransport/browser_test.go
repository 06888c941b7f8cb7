package webtransport

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// browserFlags keep Chromium to the page it is given.
var browserFlags = []string{
	"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
	"--no-first-run", "--no-default-browser-check", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
	"--disable-background-timer-throttling", "--disable-renderer-backgrounding",
	"--mute-audio", "--metrics-recording-only",
}

// browserLimit bounds one page's way through its checks, which takes seconds.
const browserLimit = 2 * time.Minute

// clients are where make installs the genuine clients.
const clients = "../compat/interop/node/node_modules/sio-client-4.8.*/dist/socket.io.js"

// need skips the test where something outside of the Go toolchain is missing, and
// fails it where the environment says CI=true.
func need(t *testing.T, missing bool, what string) {
	t.Helper()
	switch {
	case testing.Short():
		t.Skip("left out: a browser takes too long for -short")
	case !missing:
	case os.Getenv("CI") == "true":
		t.Fatalf("left out: %s is missing; make test says how to install it", what)
	default:
		t.Skipf("left out: %s is missing", what)
	}
}

func browserPath() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); name != "" && err == nil {
			return p
		}
	}
	return ""
}

// report is what a page says of one check.
type report struct {
	Mode, Check, Detail string
	OK                  bool
}

// openPage has Chromium run the checks of a page with the newest genuine client, in
// a mode and, unless it is empty, for a purpose of their own. It returns those passed.
func (s *site) openPage(t *testing.T, mode, purpose string) (done []string) {
	t.Helper()
	bundles, _ := filepath.Glob(clients)
	need(t, len(bundles) == 0, "the genuine client 4.8")
	browser := browserPath()
	need(t, browser == "", "Chromium")

	reports := make(chan report, 100)
	s.mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/page.html") })
	s.mux.HandleFunc("GET /client.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, bundles[len(bundles)-1]) })
	s.mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		var got report
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		reports <- got
	})
	hash := Hash(s.der)
	query := url.Values{"mode": {mode}, "hash": {base64.StdEncoding.EncodeToString(hash[:])}, "purpose": {purpose}}
	said := startBrowser(t, browser, "http://"+s.address+"/page?"+query.Encode())
	timer := time.NewTimer(browserLimit)
	defer timer.Stop()
	for {
		select {
		case got := <-reports:
			switch {
			case got.Check == "done":
				return done
			case !got.OK:
				t.Errorf("%s: %s", got.Check, got.Detail)
			default:
				done = append(done, got.Check)
			}
		case <-timer.C:
			t.Fatalf("not finished after %v; the browser wrote: %s", browserLimit, said())
		}
	}
}

// modes are the ways to a WebTransport session: from the first request, and by an
// upgrade.
var modes = []string{"webtransport", "polling+webtransport"}

// TestBrowser has the newest genuine client talk WebTransport in Chromium. The
// certificate is taken by its hash.
func TestBrowser(t *testing.T) {
	t.Parallel()
	want := map[string][]socketio.Reason{
		"server-disconnect": {socketio.ReasonServerDisconnect},
		// The client closes its session at once after the packet by which it leaves,
		// and what is on its way may be lost with it.
		"client-disconnect": {socketio.ReasonClientDisconnect, socketio.ReasonTransportClose},
	}
	checks := []string{"connect", "text", "binary", "order", "pings", "server-disconnect", "client-disconnect"}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, socketio.Config{PingInterval: time.Second}, 0)
			if done := s.openPage(t, mode, ""); !slices.Equal(done, checks) {
				t.Errorf("passed %q, want %q", done, checks)
			}
			for _, check := range checks[len(checks)-2:] {
				s.wantReason(want[check]...)
			}
		})
	}
}

// startBrowser opens a page until the test ends, and returns a func for what the
// browser has written.
func startBrowser(t *testing.T, browser, page string) (said func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "profile")
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stderr.Close() }()
	cmd := exec.Command(browser, append(append([]string{"--user-data-dir=" + dir}, browserFlags...), page)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = stderr // a file: a descendant that lives on would keep a pipe open
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
		for range 100 { // descendants may write to it for a moment
			if os.RemoveAll(dir) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	return func() string {
		all, _ := os.ReadFile(stderr.Name())
		return string(all[max(0, len(all)-4096):])
	}
}
