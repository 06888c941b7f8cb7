package interop

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/versions"
)

// TestServerEvents has a browser's own EventSource read the transport server-events
// of 0.1 and 0.2. There is no genuine client to do it: those of the time named
// what they listened to wrongly, and looked for a browser that never was.
func TestServerEvents(t *testing.T) {
	t.Parallel()
	need(t, needBrowser)
	s := newSite(t, siteOptions{})
	if s.backend.genuine() {
		t.Skip("left out: genuine servers wrote it without line ends, which nobody can read")
	}
	const tag = "server-events"
	results := s.mail.open(tag)
	p := awaitBrowser(t).open(s.url + "/programs/serverevents.html?" + tag)
	expect := func(check, want string) {
		t.Helper()
		got, err := await(results, check, clientLimit)
		if err != nil || !got.OK {
			t.Fatalf("%v %s; it wrote: %s", err, got.Detail, p.said())
		}
		if diff := cmp.Diff(want, got.Detail); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", check, diff)
		}
	}
	expect("message", `{"name":"joined","args":["hall"]}`)
	expect("message", `"a text €"`)
	const text = "new\nline, \r, \u2028 and data: 😀"
	for _, event := range []string{"message", "said"} {
		if err := s.backend.broadcast(hall, event, text); err != nil {
			t.Fatal(err)
		}
	}
	const inJSON = `"new\nline, \r, ` + "\u2028" + ` and data: 😀"`
	expect("message", inJSON)
	expect("message", `{"name":"said","args":[`+inJSON+`]}`)
	p.stop()
	reasons, err := s.ledger.reasons(tag, 1, noticeLimit)
	if err != nil || reasons[0] != versions.ReasonTransportClose && reasons[0] != versions.ReasonTransportError {
		t.Errorf("the server's reasons are %q, %v", reasons, err)
	}
}
