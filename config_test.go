package socketio

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, err := Config{}.settled()
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"Path":           c.Path == "/socket.io",
		"PingInterval":   c.PingInterval == 25*time.Second,
		"PingTimeout":    c.PingTimeout == 5*time.Second && c.V1.PingTimeout == 5*time.Second,
		"UpgradeTimeout": c.UpgradeTimeout == 10*time.Second,
		"MaxPayload":     c.MaxPayload == 100_000_000,
		"MaxAttachments": c.MaxAttachments == 10,
		"Cookie":         c.Cookie.Name == "io" && c.Cookie.Path == "/" && c.Cookie.SameSite == http.SameSiteStrictMode,
		"Recovery":       c.Recovery.MaxTotalBytes == 64<<20 && c.Recovery.MaxTotalSessions == 100_000,
		"Logger":         c.Logger != nil,
		"Deflate":        c.PerMessageDeflate == nil,
	} {
		if !ok {
			t.Errorf("wrong default: %s", name)
		}
	}
}

// TestConfigTotals lets all namespaces keep at least what one may.
func TestConfigTotals(t *testing.T) {
	t.Parallel()
	c, err := Config{Recovery: RecoveryConfig{MaxBytes: 1 << 30, MaxSessions: 1 << 20}}.settled()
	if err != nil || c.Recovery.MaxTotalBytes != 1<<30 || c.Recovery.MaxTotalSessions != 1<<20 {
		t.Errorf("%d bytes and %d sessions: %v", c.Recovery.MaxTotalBytes, c.Recovery.MaxTotalSessions, err)
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config Config
		field  string
	}{
		"relative path":      {Config{Path: "io"}, "Path"},
		"only a slash":       {Config{Path: "/"}, "Path"},
		"path with query":    {Config{Path: "/io?x"}, "Path"},
		"negative time":      {Config{PingInterval: -1}, "PingInterval"},
		"time in wrong unit": {Config{PingTimeout: 20}, "PingTimeout"},
		"in sub-struct":      {Config{V1: V1Config{PingTimeout: -1}}, "V1.PingTimeout"},
		"negative size":      {Config{MaxPayload: -1}, "MaxPayload"},
		"threshold":          {Config{PerMessageDeflate: &Deflate{Threshold: -1}}, "PerMessageDeflate.Threshold"},
		"empty transport":    {Config{V2: V2Config{Transports: []string{" "}}}, "V2.Transports"},
		"empty origin":       {Config{Origins: []string{"*", ""}}, "Origins"},
		"cookie":             {Config{Cookie: Cookie{Name: "a b"}}, "Cookie"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewServer(test.config)
			var e *ConfigError
			if !errors.As(err, &e) || e.Field != test.field {
				t.Errorf("got %v, want an error about %s", err, test.field)
			}
		})
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	given := Config{Path: "/io/", Transports: []string{"polling"}, PerMessageDeflate: &Deflate{}}
	c, err := given.settled()
	if err != nil {
		t.Fatal(err)
	}
	given.Transports[0] = "changed"
	given.PerMessageDeflate.Threshold = 5
	if c.Path != "/io" || c.Transports[0] != "polling" || c.PerMessageDeflate.Threshold != 1024 {
		t.Errorf("got %+v", c)
	}
}
