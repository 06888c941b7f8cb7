package engine

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// eager is a client that sends its next request the moment an answer reaches
// it, which is before the handler of the last request has returned.
type eager struct {
	*httptest.ResponseRecorder
	next func()
}

func (e *eager) Flush() {
	e.ResponseRecorder.Flush()
	if next := e.next; next != nil {
		e.next = nil
		next()
	}
}

// TestNextPostOverlapsNothing: clients that open a connection for each request
// post again while the handler before is still on its way out.
func TestNextPostOverlapsNothing(t *testing.T) {
	t.Parallel()
	s := newSetup()
	srv := NewServer(s.params)
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		srv.Serve(w, httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=3&transport=polling", nil), &s.profile, "")
		return w
	}
	if w := get(); w.Code != http.StatusOK {
		t.Fatalf("handshake: status %d", w.Code)
	}
	session := <-s.app.sessions
	defer session.Close("forced close")
	post := func(w http.ResponseWriter) {
		r := httptest.NewRequest(http.MethodPost, "/socket.io/?EIO=3&transport=polling&sid="+session.ID(), strings.NewReader("2:4a"))
		srv.Serve(w, r, &s.profile, "")
	}
	second := httptest.NewRecorder()
	first := &eager{ResponseRecorder: httptest.NewRecorder()}
	first.next = func() { post(second) }
	post(first)
	for _, w := range []*httptest.ResponseRecorder{first.ResponseRecorder, second} {
		if w.Code != http.StatusOK || w.Body.String() != "ok" {
			t.Errorf("status %d, body %q, want 200 and ok", w.Code, w.Body)
		}
	}
}
