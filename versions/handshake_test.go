package versions

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHandshakeKeepsTheRequest(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/socket.io/?EIO=3&x=%20y//z", nil)
	r.Header.Add("Cookie", "a=b: c")
	r.Header.Add("X-Twice", "1")
	r.Header.Add("X-Twice", "")
	r.Header.Set("Origin", "http://example.com")
	now := time.Now()
	h := NewHandshake(r, now)
	if diff := cmp.Diff(r.Header, h.Header()); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if got := h.URL().Query().Get("x"); got != " y//z" {
		t.Errorf("query x is %q", got)
	}
	if !h.CrossDomain || h.Secure || h.Host != "example.com" || h.Method != "GET" || !h.Issued.Equal(now) {
		t.Errorf("got %+v", h)
	}
	h.Header().Set("Cookie", "changed")
	if got := h.Header().Get("Cookie"); got != "a=b: c" {
		t.Errorf("a caller changed the handshake: %q", got)
	}
}
