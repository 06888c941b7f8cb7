package transports

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

// The keys are those of a recorded handshake of hixie-76.
const (
	someKey1  = `4 @1  46546xW%0l 1 5`
	someKey2  = `12998 5 Y3 1  .P00`
	someNonce = "^n:ds[4U"
)

func TestDraftOf(t *testing.T) {
	t.Parallel()
	const upgrade = "Upgrade: WebSocket\nConnection: Upgrade\n"
	for name, c := range map[string]struct {
		head string
		want Drafts
	}{
		"RFC 6455":                  {"Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13", 0},
		"RFC 6455, hixie spelling":  {upgrade + "Sec-WebSocket-Version: 13", 0},
		"hybi-07":                   {"Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 7", DraftHybi},
		"hybi-10":                   {"Upgrade: websocket\nConnection: keep-alive, Upgrade\nSec-WebSocket-Version: 8", DraftHybi},
		"hixie-75":                  {upgrade, DraftHixie75},
		"hixie-75, other case":      {"Upgrade: WebSocket\nConnection: upgrade", DraftHixie75},
		"hixie-76":                  {upgrade + "Sec-WebSocket-Key1: 1 2\nSec-WebSocket-Key2: 3 4", DraftHixie76},
		"hixie-76, one key":         {upgrade + "Sec-WebSocket-Key2: 3 4", DraftHixie76},
		"hixie by unknown version":  {upgrade + "Sec-WebSocket-Version: 99", DraftHixie75},
		"unknown version":           {"Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 12", 0},
		"unknown version, key":      {upgrade + "Sec-WebSocket-Version: 6\nSec-WebSocket-Key: x", 0},
		"no version, modern":        {"Upgrade: websocket\nConnection: Upgrade", 0},
		"upgrade in capitals":       {"Upgrade: WEBSOCKET\nConnection: Upgrade", 0},
		"upgrade not for this hop":  {"Upgrade: WebSocket\nConnection: keep-alive", 0},
		"upgrade in a longer token": {"Upgrade: WebSocket\nConnection: Upgraded", 0},
		"no upgrade":                {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := draftOf(parseRequest(t, "GET", c.head)); got != c.want {
				t.Errorf("draft %b, want %b", got, c.want)
			}
		})
	}
}

// parseRequest reads a request the way net/http does. Its head has lines that
// end with a line feed.
func parseRequest(t *testing.T, method, head string) *http.Request {
	t.Helper()
	if head = strings.TrimSpace(head); head != "" {
		head = strings.ReplaceAll(head, "\n", "\r\n") + "\r\n"
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(
		method + " /socket.io/1/websocket/7 HTTP/1.1\r\nHost: h:80\r\n" + head + "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAsRFC6455(t *testing.T) {
	t.Parallel()
	r := parseRequest(t, "GET", "Sec-WebSocket-Version: 8\nSec-WebSocket-Origin: http://a\nCookie: b=c")
	before := r.Header.Clone()
	got := asRFC6455(r)
	want := http.Header{
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Origin": {"http://a"}, "Origin": {"http://a"}, "Cookie": {"b=c"},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, r.Header); diff != "" {
		t.Errorf("the caller's request has changed: %s", diff)
	}
	r.Header.Set("Origin", "http://b")
	if got := asRFC6455(r).Header.Get("Origin"); got != "http://b" {
		t.Errorf("origin %q, want the one that is there", got)
	}
}

// Each draft is served where it is admitted, and refused in order where not.
func TestDraftsOnTheWire(t *testing.T) {
	t.Parallel()
	hybi := func(version string) string {
		return "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: " + version
	}
	const hixie75 = "Upgrade: WebSocket\nConnection: Upgrade"
	const hixie76 = hixie75 + "\nSec-WebSocket-Key1: " + someKey1 + "\nSec-WebSocket-Key2: " + someKey2
	for name, c := range map[string]struct {
		drafts Drafts
		head   string
		status int
	}{
		"RFC 6455 always":        {0, hybi("13"), 101},
		"RFC 6455 beside drafts": {AllDrafts, hybi("13"), 101},
		"hybi-07":                {DraftHybi, hybi("7"), 101},
		"hybi-10":                {AllDrafts, hybi("8"), 101},
		"hybi refused":           {DraftHixie75 | DraftHixie76, hybi("8"), 400},
		"hixie-75":               {DraftHixie75, hixie75, 101},
		"hixie-75 refused":       {DraftHixie76 | DraftHybi, hixie75, 400},
		"hixie-76":               {DraftHixie76, hixie76, 101},
		"hixie-76 refused":       {DraftHixie75 | DraftHybi, hixie76, 400},
		"version 4":              {AllDrafts, hybi("4"), 400},
		"version 12":             {AllDrafts, hybi("12"), 400},
		"version 99":             {AllDrafts, hybi("99"), 400},
		"no upgrade":             {AllDrafts, "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveDrafts(t, WebSocket{}, DuplexParams{Drafts: c.drafts})
			client := s.dial(t)
			nonce := ""
			if strings.Contains(c.head, "Key1") {
				nonce = someNonce
			}
			client.send(t, openingRequest(c.head)+nonce)
			resp := client.response(t)
			if resp.StatusCode != c.status {
				t.Fatalf("status %d, want %d", resp.StatusCode, c.status)
			}
			if c.status != http.StatusSwitchingProtocols {
				return
			}
			if strings.Contains(c.head, "Sec-WebSocket-Key:") {
				if got := resp.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
					t.Errorf("accept %q", got)
				}
			}
		})
	}
}

// After the handshake hybi is RFC 6455.
func TestHybiMessages(t *testing.T) {
	t.Parallel()
	s := serveDrafts(t, WebSocket{}, DuplexParams{Drafts: DraftHybi})
	client := s.dial(t)
	client.send(t, openingRequest("Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 8"))
	client.response(t)
	conn := s.conn(t)
	client.send(t, "\x81\x83\x01\x02\x03\x04"+string([]byte{'2' ^ 1, ':' ^ 2, ':' ^ 3}))
	if got := readText(t, conn); got != "2::" {
		t.Errorf("got %q", got)
	}
	if err := conn.Write([]*packet.Frame{{Data: []byte("1::")}}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(client.r, got); err != nil || string(got) != "\x81\x031::" {
		t.Errorf("got %q, %v", got, err)
	}
}
