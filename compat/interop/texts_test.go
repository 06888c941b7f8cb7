package interop

import (
	"slices"
	"testing"
)

// TestTextsEverywhere keeps the table of clients of 0.7 to 0.9 honest: nobody is
// excused from the texts that have been damaged, as events, acknowledgements of
// either side and messages, over any transport in node or in a browser; and each
// of them is offered all transports that it has.
func TestTextsEverywhere(t *testing.T) {
	t.Parallel()
	s := &site{backend: &own{}}
	for _, r := range suite {
		if r.era != colonEra {
			continue
		}
		if want := []string{websocket, xhrPolling, jsonpPolling, htmlfile}; !slices.Equal(r.browser, want) {
			t.Errorf("%s in a browser: %q, want %q", r.release, r.browser, want)
		}
		if want := []string{websocket, xhrPolling}; r.release != "0.7.0" && !slices.Equal(r.node, want) {
			t.Errorf("%s in node: %q, want %q", r.release, r.node, want)
		}
		for where, modes := range map[string][]string{"node": r.node, "browser": r.browser} {
			for _, mode := range modes {
				got := names(s.checks(r, where, mode))
				for _, want := range []string{"text", "message-text", "ack-from-client"} {
					if !slices.Contains(got, want) {
						t.Errorf("%s, %s in %s: without %q", r.release, mode, where, want)
					}
				}
			}
		}
	}
}
