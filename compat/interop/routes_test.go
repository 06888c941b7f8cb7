package interop

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	socketio "github.com/heirloom-io/socketio"
)

// TestOwnRoutes: what only begins like the server's path is the application's own.
// Below that path everything is the server's, as since 1.0; servers of 0.6 passed on
// what named no transport of theirs. A double slash is no reason to send a client
// elsewhere.
func TestOwnRoutes(t *testing.T) {
	t.Parallel()
	server, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(server.Attach(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "own "+r.URL.Path)
	})))
	defer site.Close()
	defer func() {
		if err := server.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	client := site.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, tt := range []struct {
		path   string
		status int
		want   string // the beginning of the body
	}{
		{"/admin//x", http.StatusOK, "own /admin//x"},
		{"/socket.iofoo", http.StatusOK, "own /socket.iofoo"},
		{"/socket.io/admin", http.StatusBadRequest, `{"code":0,`},
		{"/socket.io/xhr-polling//1795196057866", http.StatusOK, "~m~37~m~"},
	} {
		resp, err := client.Get(site.URL + tt.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if got := string(body); err != nil || resp.StatusCode != tt.status || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s %q, %v", tt.path, resp.Status, body, err)
		}
	}
}
