package http2xconnect

import (
	"os"
	"strings"
	"testing"
)

func TestWith(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, want string
		changed     bool
	}{
		{"", "http2xconnect=1", true},
		{"gctrace=1", "gctrace=1,http2xconnect=1", true},
		{"http2xconnect=0", "http2xconnect=0", false},
		{"a=b,http2xconnect=1", "a=b,http2xconnect=1", false},
		{"nohttp2xconnect=1", "nohttp2xconnect=1,http2xconnect=1", true},
	}
	for _, tt := range tests {
		if got, changed := with(tt.value); got != tt.want || changed != tt.changed {
			t.Errorf("%q: %q, %v", tt.value, got, changed)
		}
	}
}

// TestEnvironment: the import alone has set it. That net/http heeds it is shown by
// the websockets over HTTP/2 in the tests of package transports.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	if got := os.Getenv("GODEBUG"); !strings.Contains(got, "http2xconnect=") {
		t.Errorf("GODEBUG=%q", got)
	}
}
