package interop

import (
	"slices"

	"github.com/heirloom-io/socketio/versions"
)

// The transport modes a client is run in.
const (
	websocket = "websocket" // from the first request
	polling   = "polling"   // XMLHttpRequest, never upgraded
	jsonp     = "jsonp"     // script tags and forms, never upgraded
	upgrade   = "upgrade"   // polling, then websocket
)

// row is a genuine client and where it is run. A new generation, or another
// release, is another row.
type row struct {
	// generation is the name the catalogue has for it.
	generation string
	// release is the release on npm; node/package.json has it by that name.
	release string
	// node and browser are the transport modes in either; none leaves it out.
	node, browser []string
	// bundle is the release's browser build, relative to its package.
	bundle string
	// checks are the parts of the suite it can do.
	checks []check
	// also allows further reasons to the checks of some names, for a release
	// whose own fault they are.
	also map[string][]versions.Reason
}

// hastyGoodbye is for releases that close their transport at once after the
// packet by which they leave, instead of when it has been written: the second
// request may overtake the first or meet it, and an upgrade under way loses it.
var hastyGoodbye = map[string][]versions.Reason{"client-disconnect": brokenOff}

// suite is the table of clients.
var suite = []row{
	{
		generation: "1.x", release: "1.0.6", bundle: "socket.io.js", checks: eventChecks, also: hastyGoodbye,
		node: []string{websocket, polling, upgrade},
		// Its JSONP recurses without end in a browser of today, whatever server
		// it talks to.
		browser: []string{websocket, polling, upgrade},
	},
	{
		generation: "1.x", release: "1.3.7", bundle: "socket.io.js", checks: eventChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "1.x", release: "1.7.4", bundle: "dist/socket.io.js", checks: eventChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{websocket, polling, jsonp, upgrade},
	},
	{
		generation: "2.x", release: "2.0.4", bundle: "dist/socket.io.js", checks: eventChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "2.x", release: "2.5.0", bundle: "dist/socket.io.js", checks: eventChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{websocket, polling, jsonp, upgrade},
	},
}

// check is one part of the suite. What the client does and expects is in
// node/checks.js under the same name; here stands what the server must have
// seen.
type check struct {
	name string
	// reasons are those with which the client may have left the default
	// namespace the first time; empty if the check says nothing about it.
	reasons []versions.Reason
	// entries is how often the client must have come in; 0 if any number will
	// do.
	entries int
}

// eventChecks are for the clients since 1.0: named events, acknowledgements,
// namespaces and binary data.
var eventChecks = []check{
	{name: "connect", entries: 1},
	{name: "events"},
	{name: "message"},
	{name: "ack-from-server"},
	{name: "ack-from-client"},
	{name: "binary"},
	{name: "binary-nested"},
	{name: "binary-ack-from-client"},
	{name: "text"},
	{name: "order", entries: 1},
	{name: "large"},
	{name: "namespace"},
	{name: "namespace-at-once"},
	{name: "room", entries: 2},
	{name: "refusal"},
	{name: "unknown-namespace"},
	{name: "server-disconnect", reasons: []versions.Reason{versions.ReasonServerDisconnect}, entries: 1},
	{name: "client-disconnect", reasons: []versions.Reason{versions.ReasonClientDisconnect}, entries: 1},
	{name: "transport-close", reasons: []versions.Reason{versions.ReasonTransportClose}, entries: 1},
	{name: "reconnect", reasons: brokenOff, entries: 2},
	{name: "info"},
}

// brokenOff are the reasons for a connection that was reset: what the server
// notices first, the error or the end, is a matter of the carrier.
var brokenOff = []versions.Reason{versions.ReasonTransportError, versions.ReasonTransportClose}

// names returns what a client program is asked to do, in order.
func names(checks []check) []string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = c.name
	}
	return out
}

// allowing returns the check with further reasons.
func (c check) allowing(also []versions.Reason) check {
	c.reasons = slices.Concat(c.reasons, also)
	return c
}
