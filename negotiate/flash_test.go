package negotiate

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlashDomains(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		list, want []string
	}{
		{"any", nil, []string{"*:*"}},
		{"star", []string{"http://a.test", "*"}, []string{"*:*"}},
		{"any host on a port", []string{"*:8080"}, []string{"*:*"}},
		{"the page's port is not the server's", []string{"http://a.test:8080"}, []string{"a.test:*"}},
		{"once each", []string{"http://a.test", "https://a.test", "b.test:81"}, []string{"a.test:*", "b.test:*"}},
		{"below a host", []string{"https://*.a.test"}, []string{"*.a.test:*"}},
		{"address", []string{"http://[::1]:80"}, []string{"[::1]:*"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := FlashDomains(tt.list)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("domains (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := FlashDomains([]string{"https://*.co.uk"}); !errors.Is(err, errOriginPublic) {
		t.Errorf("a public suffix: %v, want %v", err, errOriginPublic)
	}
}
