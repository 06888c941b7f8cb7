package clientfiles

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	large  = []byte(strings.Repeat("var io = io || {};\n", 200))
	modern = []byte(strings.Repeat("const io = {};\n", 200))
	when   = time.Date(2014, 5, 28, 1, 2, 3, 0, time.UTC)
)

func testFS() fstest.MapFS {
	return fstest.MapFS{
		"socket.io.js":            {Data: large, ModTime: when},
		"socket.io.js.map":        {Data: []byte(`{"version":3}`), ModTime: when},
		"socket.io.min.js":        {Data: []byte("small")},
		"socket.io-2.4.0.js":      {Data: []byte("2.4.0 at the top")},
		"2.4.0/socket.io.js":      {Data: []byte("2.4.0 below")},
		"2.5.0/socket.io.js":      {Data: modern, ModTime: when},
		"2.5.0/socket.io.js.map":  {Data: []byte(`{"version":4}`)},
		"2.5.0/socket.io.slim.js": {Data: []byte("slim")},
		"socket.io.dev.js/x":      {Data: []byte("a directory with the name of a file")},
		"secret.js":               {Data: []byte("secret")},
		"WebSocketMain.swf":       {Data: []byte("FWS")},
	}
}

// get asks for a file; header holds pairs of name and value.
func get(f *Files, method, rest string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/socket.io/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeFile(w, r, rest)
	return w
}

func TestServe(t *testing.T) {
	t.Parallel()
	f := New(testFS())
	tests := []struct {
		name, rest string
		status     int
		body       string
		header     map[string]string
	}{
		{"unversioned", "/socket.io.js", 200, string(large), map[string]string{
			"Content-Type": typeScript, "Cache-Control": cacheUnversioned, "SourceMap": "socket.io.js.map", "X-SourceMap": "socket.io.js.map",
			"Last-Modified": "Wed, 28 May 2014 01:02:03 GMT", "Content-Length": strconv.Itoa(len(large)), "Vary": "Accept-Encoding",
		}},
		{"map", "/socket.io.js.map", 200, `{"version":3}`, map[string]string{"Content-Type": typeMap, "Cache-Control": cacheUnversioned, "SourceMap": "", "Vary": ""}},
		{"without a map, without a time", "/socket.io.min.js", 200, "small", map[string]string{"SourceMap": "", "X-SourceMap": "", "Last-Modified": ""}},
		{"versioned, at the top before below", "/socket.io-2.4.0.js", 200, "2.4.0 at the top", map[string]string{"Cache-Control": cacheVersioned}},
		{"versioned, below", "/socket.io-2.5.0.js", 200, string(modern), map[string]string{"Cache-Control": cacheVersioned, "SourceMap": "socket.io-2.5.0.js.map"}},
		{"versioned as in 0.9", "/socket.io.v2.5.0.slim.js", 200, "slim", map[string]string{"Cache-Control": cacheVersioned}},
		{"versioned map", "/socket.io-2.5.0.js.map", 200, `{"version":4}`, map[string]string{"Content-Type": typeMap}},
		{"by directory", "/2.5.0/socket.io.js", 200, string(modern), map[string]string{"Cache-Control": cacheVersioned, "SourceMap": "socket.io.js.map"}},
		{"flash", "/WebSocketMain.swf", 200, "FWS", map[string]string{"Content-Type": typeFlash}},
		{"unversioned only below", "/socket.io.slim.js", 404, "no such client file\n", nil},
		{"another release", "/socket.io-2.3.0.js", 404, "no such client file\n", map[string]string{"Cache-Control": "", "ETag": ""}},
		{"directory", "/socket.io.dev.js", 404, "no such client file\n", nil},
		{"no client file", "/secret.js", 404, "no such client file\n", nil},
		{"upwards", "/2.5.0/../secret.js", 404, "no such client file\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := get(f, "GET", tt.rest)
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
			}
			for key, want := range tt.header {
				if got := strings.Join(w.Header()[key], ""); got != want && w.Header().Get(key) != want {
					t.Errorf("%s: %q, want %q", key, w.Header().Get(key), want)
				}
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("headers %v", w.Header())
			}
			if has := f.Has(tt.rest); has != (tt.status == 200) {
				t.Errorf("Has: %t", has)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	f := New(testFS())
	for _, method := range []string{"POST", "OPTIONS", "DELETE", "PUT"} {
		if w := get(f, method, "/socket.io.js"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
	plain, head := get(f, "GET", "/socket.io.js"), get(f, "HEAD", "/socket.io.js")
	if head.Code != 200 || head.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", head.Code, head.Body.Len())
	}
	if diff := cmp.Diff(plain.Header(), head.Header()); diff != "" {
		t.Errorf("headers of GET and HEAD:\n%s", diff)
	}
}

func TestRevalidation(t *testing.T) {
	t.Parallel()
	f := New(testFS())
	tag := get(f, "GET", "/socket.io.js").Header().Get("ETag")
	gzipTag := get(f, "GET", "/socket.io.js", "Accept-Encoding", "gzip").Header().Get("ETag")
	if len(tag) != 34 || tag[0] != '"' || tag[33] != '"' || tag == gzipTag {
		t.Fatalf("tags %s and %s", tag, gzipTag)
	}
	if other := get(f, "GET", "/socket.io-2.5.0.js").Header().Get("ETag"); other == tag {
		t.Fatal("two contents with one tag")
	}
	tests := []struct {
		name   string
		header []string
		status int
	}{
		{"same", []string{"If-None-Match", tag}, 304},
		{"weak", []string{"If-None-Match", "W/" + tag}, 304},
		{"list", []string{"If-None-Match", `"x", ` + tag + `,"y"`}, 304},
		{"any", []string{"If-None-Match", "*"}, 304},
		{"other", []string{"If-None-Match", `"2.5.0"`}, 200},
		{"unquoted", []string{"If-None-Match", "1.3.7"}, 200},
		{"same of the gzip form", []string{"If-None-Match", gzipTag, "Accept-Encoding", "gzip"}, 304},
		{"plain tag for the gzip form", []string{"If-None-Match", tag, "Accept-Encoding", "gzip"}, 200},
		{"gzip tag for the plain form", []string{"If-None-Match", gzipTag}, 200},
		{"not modified since", []string{"If-Modified-Since", when.Format(http.TimeFormat)}, 304},
		{"modified since", []string{"If-Modified-Since", when.Add(-time.Second).Format(http.TimeFormat)}, 200},
		{"the tag counts before the time", []string{"If-None-Match", `"x"`, "If-Modified-Since", when.Format(http.TimeFormat)}, 200},
		{"must match", []string{"If-Match", `"x"`}, 412},
		{"must match, gzip", []string{"If-Match", `"x"`, "Accept-Encoding", "gzip"}, 412},
		{"range", []string{"Range", "bytes=4-5"}, 206},
		{"range of another content", []string{"Range", "bytes=4-5", "If-Range", `"x"`}, 200},
		{"bad range", []string{"Range", "bytes=999999-", "Accept-Encoding", "gzip"}, 416},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := get(f, "GET", "/socket.io.js", tt.header...)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d", w.Code, tt.status)
			}
			if w.Code == 304 && (w.Body.Len() > 0 || w.Header().Get("ETag") == "" || w.Header().Get("Content-Length") != "" ||
				w.Header().Get("Cache-Control") != cacheUnversioned || w.Header().Get("Vary") != "Accept-Encoding") {
				t.Errorf("headers %v", w.Header())
			}
			if w.Code == 412 && w.Header().Get("Content-Length") != "" {
				t.Error("a length is announced and nothing comes")
			}
		})
	}
	w := get(f, "GET", "/socket.io.js", "Range", "bytes=4-5", "Accept-Encoding", "gzip")
	if w.Body.String() != "io" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("range %q, encoding %q", w.Body, w.Header().Get("Content-Encoding"))
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	f := New(testFS())
	tests := []struct {
		name, rest string
		accept     []string
		want       bool
	}{
		{"accepted", "/socket.io.js", []string{"gzip, deflate, br"}, true},
		{"two lines", "/socket.io.js", []string{"br", "x-GZIP"}, true},
		{"anything", "/socket.io.js", []string{"*"}, true},
		{"with a weight", "/socket.io.js", []string{"gzip ; Q=0.1"}, true},
		{"not asked for", "/socket.io.js", nil, false},
		{"others", "/socket.io.js", []string{"br, deflate"}, false},
		{"refused", "/socket.io.js", []string{"gzip;q=0, *"}, false},
		{"refused late", "/socket.io.js", []string{"*, gzip;q=0.000"}, false},
		{"all refused", "/socket.io.js", []string{"*;q=0"}, false},
		{"broken weight", "/socket.io.js", []string{"gzip;q=much"}, false},
		{"too small", "/socket.io.min.js", []string{"gzip"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			for _, a := range tt.accept {
				header = append(header, "Accept-Encoding", a)
			}
			w := get(f, "GET", tt.rest, header...)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != tt.want {
				t.Fatalf("compressed: %t", got)
			}
			if !tt.want {
				return
			}
			if w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) || w.Body.Len() >= len(large) {
				t.Errorf("%d bytes, announced %s", w.Body.Len(), w.Header().Get("Content-Length"))
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if data, err := io.ReadAll(z); err != nil || !bytes.Equal(data, large) {
				t.Errorf("%d bytes inflated, %v", len(data), err)
			}
		})
	}
}

// TestOverHTTP asks a real server, where the tricks of paths begin before the
// handler, and two requests share a connection.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.StripPrefix("/socket.io", New(testFS())))
	defer srv.Close()
	tests := []struct {
		path   string
		status int
	}{
		{"/socket.io/socket.io.js?t=1", 200},
		{"/socket.io/socket%2Eio.js", 200},
		{"/socket.io/%2e%2e/socket.io.js", 404},
		{"/socket.io/2.5.0/..%2f..%2fsecret.js", 404},
		{"/socket.io/2.5.0/%2e%2e/socket.io.js", 404},
		{"/socket.io/..%5csecret.js", 404},
		{"/socket.io/socket.io.js%00", 404},
		{"/socket.io//socket.io.js", 404},
		{"/socket.io/secret.js", 404},
		{"/socket.io/socket.io.js", 200},
	}
	for _, tt := range tests {
		resp, err := srv.Client().Get(srv.URL + tt.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || bytes.Contains(body, []byte("secret")) {
			t.Errorf("%s: %d, %v", tt.path, resp.StatusCode, err)
		}
		if tt.status == 200 && !bytes.Equal(body, large) {
			t.Errorf("%s: %d bytes", tt.path, len(body))
		}
	}
}

// brokenFS has a file that cannot be read, or whose reading panics.
type brokenFS struct {
	fs.FS
	err error
}

func (b brokenFS) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	return brokenFile{f, b.err}, err
}

type brokenFile struct {
	fs.File
	err error
}

func (b brokenFile) Read([]byte) (int, error) {
	if b.err == nil {
		panic("broken file system")
	}
	return 0, b.err
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	f := New(brokenFS{testFS(), errors.New("secret cause")})
	for range 2 {
		w := get(f, "GET", "/socket.io.js")
		if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
		}
	}
	f = New(brokenFS{testFS(), nil})
	for range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was hidden")
				}
			}()
			get(f, "GET", "/socket.io.js")
		}()
	}
	if n := len(f.cache.slots) + len(f.cache.entries) + f.cache.bytes; n != 0 {
		t.Errorf("left behind: %d", n)
	}
	huge := fstest.MapFS{"socket.io.js": {Data: make([]byte, maxFile+1)}}
	if w := get(New(huge), "GET", "/socket.io.js"); w.Code != 500 {
		t.Errorf("too large: %d", w.Code)
	}
	if w := get(New(nil), "GET", "/socket.io.js"); w.Code != 404 {
		t.Errorf("no file system: %d", w.Code)
	}
}
