package socketio

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settings09 are all settings of Socket.IO 0.9, in the order of its
// documentation.
var settings09 = []string{
	"transports", "origins", "authorization", "resource", "heartbeats", "heartbeat interval", "heartbeat timeout",
	"close timeout", "polling duration", "blacklist", "destroy buffer size", "match origin protocol", "destroy upgrade",
	"flash policy server", "flash policy port", "store", "client store expiration", "logger", "log", "log level",
	"log colors", "static", "browser client", "browser client cache", "browser client minification",
	"browser client etag", "browser client gzip", "browser client handler", "browser client expires",
}

// TestSettings09 holds the table in the documentation of package v0 to the
// settings that 0.9 had, and to the fields that there are here.
func TestSettings09(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("versions/v0/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, ok := strings.Cut(string(source), "# Settings of 0.9\n")
	if !ok {
		t.Fatal("there is no table")
	}
	var told []string
	for line := range strings.Lines(doc) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "-") || strings.HasPrefix(cells[1], " setting ") {
			continue
		}
		here := strings.TrimSpace(cells[3])
		if !strings.Contains(here, "Config.") && !strings.Contains(here, "transports.") && !strings.Contains(here, ": ") &&
			!strings.Contains(here, "; ") {
			t.Errorf("%s: %q is neither a field nor a reason", cells[1], here)
		}
		told = append(told, strings.Split(strings.TrimSpace(cells[1]), ", ")...)
	}
	if diff := cmp.Diff(settings09, told); diff != "" {
		t.Errorf("settings (-0.9 +table):\n%s", diff)
	}

	var named []string
	for _, field := range regexp.MustCompile(`\bConfig(\.[A-Z]\w*)+`).FindAllString(doc, -1) {
		at := reflect.TypeFor[Config]()
		for _, name := range strings.Split(field, ".")[1:] {
			f, ok := at.FieldByName(name)
			if !ok {
				t.Errorf("there is no field %s", field)
				break
			}
			at = f.Type
		}
		named = append(named, field)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[V0Config]()) {
		if !slices.Contains(named, "Config.V0."+f.Name) {
			t.Errorf("Config.V0.%s is not in the documentation", f.Name)
		}
	}
}

// TestDefaults09 compares the defaults of what 0.9 had too.
func TestDefaults09(t *testing.T) {
	t.Parallel()
	got := newTestServer(t, Config{}).config.V0
	want := V0Config{
		HeartbeatInterval:   25 * time.Second,
		HeartbeatTimeout:    60 * time.Second,
		CloseTimeout:        60 * time.Second,
		PollingDuration:     20 * time.Second,
		Blacklist:           []string{"disconnect"},
		DestroyBufferSize:   100_000_000,
		StreamMaxBytes:      16 << 20, // ours, as are the following
		StreamMaxAge:        time.Hour,
		MaxUnclaimedPerPeer: 4_096,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-0.9 +here):\n%s", diff)
	}
}
