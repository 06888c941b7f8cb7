package cors

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllow(t *testing.T) {
	t.Parallel()
	const page = "https://page.test"
	tests := []struct {
		name      string
		origin    string
		allow     http.Header
		allowAny  http.Header
		isAllowed bool
	}{
		{
			name: "a page", origin: page, isAllowed: true,
			allow: http.Header{
				"Access-Control-Allow-Origin":      {page},
				"Access-Control-Allow-Credentials": {"true"},
				"Vary":                             {"Accept-Encoding", "Origin"},
			},
			allowAny: http.Header{
				"Access-Control-Allow-Origin":      {page},
				"Access-Control-Allow-Credentials": {"true"},
				"Vary":                             {"Accept-Encoding", "Origin"},
			},
		},
		{
			name:     "nobody",
			allow:    http.Header{"Vary": {"Accept-Encoding"}},
			allowAny: http.Header{"Access-Control-Allow-Origin": {"*"}, "Vary": {"Accept-Encoding"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{Header: http.Header{}}
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			got := http.Header{"Vary": {"Accept-Encoding"}}
			if allowed := Allow(got, r); allowed != tt.isAllowed {
				t.Errorf("Allow returns %v", allowed)
			}
			if diff := cmp.Diff(tt.allow, got); diff != "" {
				t.Errorf("Allow (-want +got):\n%s", diff)
			}
			got = http.Header{"Vary": {"Accept-Encoding"}}
			AllowAny(got, r)
			if diff := cmp.Diff(tt.allowAny, got); diff != "" {
				t.Errorf("AllowAny (-want +got):\n%s", diff)
			}
		})
	}
}
