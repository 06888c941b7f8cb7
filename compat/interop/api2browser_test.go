package interop

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	socketio "github.com/heirloom-io/socketio"
)

// shown is a server whose pages look at what no client in node keeps or asks for.
type shown struct {
	release string
	config  socketio.Config
	// cookie is the one that requests carry the session's id in, and visible
	// whether scripts of the page can read it.
	cookie  string
	visible bool
	// plain is set if no answer is compressed.
	plain bool

	url     string
	results <-chan result

	mu      sync.Mutex // for the rest
	carried map[string]string
	session string // that the page told of, with the cookies it could read
	read    string
	sizes   map[string][2]int // of large answers: as sent, and as read
}

// shownServers differ in the names of their cookies, as a browser keeps one jar for
// all ports of a host.
func shownServers() []*shown {
	return []*shown{
		{release: "2.5.0", cookie: "io"},
		{release: "2.5.0", cookie: "read", visible: true, plain: true, config: socketio.Config{
			Cookie: socketio.Cookie{Name: "read", ScriptAccess: true, SameSite: http.SameSiteLaxMode}, DisableHTTPCompression: true,
		}},
		// What cookiePath: false comes to: only requests to the server carry it.
		{release: "2.5.0", cookie: "narrow", config: socketio.Config{
			Cookie: socketio.Cookie{Name: "narrow", ScriptAccess: true, Path: "/socket.io"},
		}},
		{release: "2.5.0", plain: true, config: socketio.Config{DisableCookie: true, HTTPCompressionThreshold: 1 << 20}},
		{release: "4.8.4"},
		{release: "4.8.4", cookie: "four", config: socketio.Config{
			Cookie: socketio.Cookie{Name: "four"}, V4: socketio.V4Config{SendCookie: true},
		}},
	}
}

// TestServerAPIInBrowser has pages of servers that are set up in different ways, all
// of them in one browser.
func TestServerAPIInBrowser(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	files := genuineFiles(t)
	all, mail := shownServers(), newMailbox()
	checks := []string{"cookies", "httpCompression", "client files"}
	var frames strings.Builder
	for i, s := range all {
		s.serve(t, files, mail)
		k := task{
			Release: s.release, Era: eventEra, Program: "apipage", Mode: polling, URL: s.url, Tag: fmt.Sprint("shown-", i),
			Checks: checks, Script: s.url + "/socket.io/" + s.release + "/socket.io.js",
		}
		s.results = mail.open(k.Tag)
		fmt.Fprintf(&frames, "<iframe src=\"%s\"></iframe>\n", html.EscapeString((&site{url: s.url}).page(t, []task{k})))
	}
	top := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, frames.String())
	}))
	t.Cleanup(top.Close)
	p := awaitBrowser(t).open(top.URL)
	for i, s := range all {
		got, err := collect(s.results, suiteLimit)
		if err != nil || len(got) != len(checks) || slices.ContainsFunc(got, func(r result) bool { return !r.OK }) {
			t.Errorf("server %d: %+v, %v; the browser wrote: %s", i, got, err, p.said())
		}
	}
	t.Run("cookies", func(t *testing.T) {
		for i, s := range all {
			s.judgeCookies(t, i)
		}
	})
	t.Run("httpCompression", func(t *testing.T) {
		for i, s := range all {
			s.judgeSizes(t, i)
		}
	})
	t.Run("client files", func(t *testing.T) { compareFiles(t, all[0].url+"/socket.io/", files) })
}

// serve starts the server, with the pages beside it.
func (s *shown) serve(t *testing.T, files fstest.MapFS, mail *mailbox) {
	t.Helper()
	s.config.ClientFiles = files
	s.carried, s.sizes = map[string]string{}, map[string][2]int{}
	srv, err := socketio.NewServer(s.config)
	if err != nil {
		t.Fatal(err)
	}
	srv.Engine().Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.note(r)
			next.ServeHTTP(w, r)
		})
	})
	text := strings.Repeat("text ", 1<<14)
	srv.OnConnection(func(socket *socketio.Socket) {
		socket.On("echo", func(v any) any { return v })
		socket.On("cookies", func(session, read string) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.session, s.read = session, read
			return true
		})
		socket.On("long", func() error { return socket.Emit("text", text) })
		socket.On("plain", func() error { return socket.Compress(false).Emit("text", text) })
		socket.On("size", func(how string, encoded, decoded int) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sizes[how] = [2]int{encoded, decoded}
			return true
		})
	})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /report", mail.post)
	mux.Handle("GET /programs/", http.StripPrefix("/programs/", http.FileServer(http.Dir(clientDir))))
	web := httptest.NewServer(srv.Attach(mux))
	s.url = web.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
}

// note keeps the name of the cookie that holds the id of the request's session.
func (s *shown) note(r *http.Request) {
	session := r.URL.Query().Get("sid")
	if session == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range r.Cookies() {
		if c.Value == session {
			s.carried[session] = c.Name
		}
	}
}

func (s *shown) judgeCookies(t *testing.T, i int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.carried[s.session]; s.session == "" || got != s.cookie {
		t.Errorf("server %d: requests of session %q carry its id in %q, want %q", i, s.session, got, s.cookie)
	}
	if visible := s.cookie != "" && strings.Contains(s.read, s.cookie+"="+s.session); visible != s.visible {
		t.Errorf("server %d: the page reads %q", i, s.read)
	}
}

func (s *shown) judgeSizes(t *testing.T, i int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for how, want := range map[string]bool{"long": !s.plain, "plain": false} {
		sent, read := s.sizes[how][0], s.sizes[how][1]
		if read == 0 || (sent < read/10) != want || !want && sent != read {
			t.Errorf("server %d, %s: %d bytes were sent for %d", i, how, sent, read)
		}
	}
}

// genuineFiles are clients of four generations side by side, with the maps of those
// that have one, and the last of 2.x for pages that name no release.
func genuineFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, release := range []string{"0.9.17", "1.7.4", "2.5.0", "4.8.4"} {
		for _, name := range []string{"socket.io.js", "socket.io.js.map"} {
			data, err := os.ReadFile(filepath.Join(clientDir, "node_modules", "sio-client-"+release, "dist", name))
			if err != nil && release != "0.9.17" {
				t.Fatal(err)
			}
			if err == nil {
				files[release+"/"+name] = &fstest.MapFile{Data: data}
			}
		}
	}
	files["socket.io.js"] = files["2.5.0/socket.io.js"]
	return files
}

// compareFiles fetches each file by every name it has, and then what it is not to
// get again.
func compareFiles(t *testing.T, base string, files fstest.MapFS) {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	for _, at := range slices.Sorted(maps.Keys(files)) {
		names := []string{at, at + "?v=1"}
		if release, file, ok := strings.Cut(at, "/"); ok {
			tail := strings.TrimPrefix(file, "socket.io")
			names = append(names, "socket.io-"+release+tail, "socket.io.v"+release+tail)
		}
		for _, name := range names {
			body, header, status := fetchFile(t, http.MethodGet, base+name, "")
			if status != http.StatusOK || !bytes.Equal(body, files[at].Data) {
				t.Errorf("%s: status %d, %d bytes, want the %d of %s", name, status, len(body), len(files[at].Data), at)
			}
			tag := header.Get("ETag")
			if body, _, status := fetchFile(t, http.MethodGet, base+name, tag); status != http.StatusNotModified || len(body) > 0 {
				t.Errorf("%s: status %d, %d bytes with its tag", name, status, len(body))
			}
			if body, header, status := fetchFile(t, http.MethodHead, base+name, ""); status != http.StatusOK || len(body) > 0 || header.Get("ETag") != tag {
				t.Errorf("%s: status %d, %d bytes, tag %s for HEAD", name, status, len(body), header.Get("ETag"))
			}
		}
	}
}

func fetchFile(t *testing.T, method, url, tag string) ([]byte, http.Header, int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity") // package http asks for gzip itself, but not with HEAD
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, resp.Header, resp.StatusCode
}
