package interop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/compat/interop/contract/behaviour"
)

// TestOriginsInBrowser has pages of one origin connect to servers of another,
// which let them in or not, over each transport of one release of each kind. The
// pages get the client from the server that lets them in, which has all releases
// side by side.
func TestOriginsInBrowser(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients, needBrowser)
	s := newSite(t, siteOptions{})
	rows := originRows()
	files := clientFiles(t, rows)
	open := newStranger(t, socketio.Config{Origins: []string{s.url}, ClientFiles: files})
	shut := newStranger(t, socketio.Config{Origins: []string{"https://elsewhere.example", "localhost:*"}})
	function := newStranger(t, socketio.Config{OriginFunc: func(origin string, _ *http.Request) error {
		if origin == s.url || origin == s.url+"/" {
			return &socketio.Error{Message: "not from there"}
		}
		return nil
	}})
	preflights := newStranger(t, socketio.Config{Origins: []string{s.url}}, answerPreflights(s.url))
	for _, r := range rows {
		t.Run(r.release, func(t *testing.T) {
			t.Parallel()
			var tasks []task
			var results []<-chan result
			add := func(name, url, mode, check string) {
				k := s.task(r, name, mode, "checks")
				k.URL, k.Checks, k.Script = url, []string{check}, open+"/socket.io/"+r.release+"/socket.io.js"
				if r.release == rows[len(rows)-1].release { // as pages do that know of one release only
					k.Script = open + "/socket.io/socket.io.js"
				}
				tasks, results = append(tasks, k), append(results, s.mail.open(k.Tag))
			}
			for _, mode := range r.browser {
				if mode == upgrade || mode == htmlfile { // which no client uses to another origin
					continue
				}
				add("open", open, mode, "connect")
				add("shut", shut, mode, "turned-away")
				add("function", function, mode, "turned-away")
				switch {
				case mode != polling:
				case r.generation == "3.x-4.x":
					add("headers", open, mode, "own-headers")
				case r.generation == "2.x": // whose servers leave it to the application
					add("headers", preflights, mode, "own-headers")
				}
			}
			p := startBrowser(t, s, tasks)
			for i, k := range tasks {
				t.Run(k.Tag, func(t *testing.T) {
					got, err := collect(results[i], suiteLimit)
					if err != nil || len(got) != 1 || !got[0].OK {
						t.Errorf("%+v, %v; the browser wrote: %s", got, err, p.said())
					}
				})
			}
		})
	}
}

// originRows are the last releases of their kind that run in a browser.
func originRows() []row {
	var rows []row
	for i, r := range suite {
		last := i == len(suite)-1 || suite[i+1].generation != r.generation
		if last && len(r.browser) > 0 && (r.era == colonEra || r.era == eventEra) {
			rows = append(rows, r)
		}
	}
	return rows
}

// clientFiles returns the clients of the rows as a server gives them out, each in
// a folder of its release, and the newest for pages that name none.
func clientFiles(t *testing.T, rows []row) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, r := range rows {
		data, err := os.ReadFile(filepath.Join(clientDir, "node_modules", "sio-client-"+r.release, filepath.FromSlash(r.bundle)))
		if err != nil {
			t.Fatal(err)
		}
		file := &fstest.MapFile{Data: data, ModTime: time.Now()}
		files[r.release+"/socket.io.js"], files["socket.io.js"] = file, file
	}
	return files
}

// answerPreflights lets pages of an origin send a header of their own, as
// handlePreflightRequest did.
func answerPreflights(origin string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodOptions {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type, X-Token")
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		})
	}
}

// newStranger starts a server that serves no pages, with middlewares round its
// requests, and returns its URL.
func newStranger(t *testing.T, config socketio.Config, middlewares ...func(http.Handler) http.Handler) string {
	t.Helper()
	io, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	behaviour.Install(io)
	for _, middleware := range middlewares {
		io.Engine().Use(middleware)
	}
	web := httptest.NewServer(io.Attach(nil))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), noticeLimit)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		web.Close()
	})
	return web.URL
}
