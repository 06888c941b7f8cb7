package interop

import (
	"slices"

	"github.com/heirloom-io/socketio/versions"
)

// The transport modes a client is run in. Those of releases before 1.0 have the
// names of their transports.
const (
	websocket = "websocket" // from the first request
	polling   = "polling"   // XMLHttpRequest, never upgraded
	jsonp     = "jsonp"     // script tags and forms, never upgraded
	upgrade   = "upgrade"   // polling, then websocket

	xhrPolling   = "xhr-polling"
	jsonpPolling = "jsonp-polling"
	htmlfile     = "htmlfile"     // with what it needs of old browsers imitated
	fallBack     = "fall-back"    // websocket, then xhr-polling
	move         = "move"         // websocket, and in the middle of all xhr-polling
	crossDomain  = "cross-domain" // xhr-polling with XDomainRequest imitated
	scriptAgain  = "script-again" // jsonp-polling by a page that repeats a poll that failed
)

// An era is the releases whose clients are programmed alike, and so run by the
// same programs.
const (
	eventEra = "event" // since 1.0
	colonEra = "colon" // 0.7 to 0.9
)

// row is a genuine client and where it is run. A new generation, or another
// release, is another row.
type row struct {
	// generation is the name the catalogue has for it.
	generation, era string
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
	// without names, for each mode, for each mode in node alone ("node websocket")
	// and for all modes (""), the checks that the client fails on any server.
	without map[string][]string
}

// lacks reports whether the client is excused from a check, in node or in a
// browser, in a mode.
func (r row) lacks(where, mode, check string) bool {
	return slices.Contains(r.without[""], check) || slices.Contains(r.without[mode], check) || slices.Contains(r.without[where+" "+mode], check)
}

// hastyGoodbye is for releases that close their transport at once after the
// packet by which they leave, instead of when it has been written: the second
// request may overtake the first or meet it, and an upgrade under way loses it.
var hastyGoodbye = map[string][]versions.Reason{"client-disconnect": brokenOff}

// deaf is for releases that do not notice the loss of a connection before the
// close timeout has passed, whatever server they talk to. TestLateReturn has them
// come back then.
//
// Those of 0.7 only start that timer when a connection closes. A page of htmlfile
// has no event for its end in any release.
var deaf = []string{"reconnect"}

// comeBack is no check: a release without it does not come back at all when it
// has lost its connection, or cannot show that it has.
const comeBack = "come back"

var neverBack = []string{"reconnect", comeBack}

// burst is for 0.7.0 over JSONP: it submits a form without waiting for the one
// before, whose frame it removes, so that the browser breaks that request off.
// Whatever it sends at once after something else can cost it that.
var burst = []string{"events", "order", "namespace", "namespace-at-once", "room"}

// suite is the table of clients.
var suite = slices.Concat(messageSuite, []row{
	{
		generation: "0.7-0.9", era: colonEra, release: "0.7.0", bundle: "dist/socket.io.js", checks: colonChecks,
		browser: []string{websocket, xhrPolling, jsonpPolling, htmlfile},
		// Over JSONP it does come back; but its check asks for a namespace and at
		// once sends something there, as this release takes it for connected.
		without: map[string][]string{
			websocket: deaf, xhrPolling: deaf, htmlfile: deaf,
			jsonpPolling: slices.Concat(deaf, burst, []string{comeBack}),
		},
	},
	{
		generation: "0.7-0.9", era: colonEra, release: "0.7.11", bundle: "dist/socket.io.js", checks: colonChecks,
		node:    []string{websocket, xhrPolling},
		browser: []string{websocket, xhrPolling, jsonpPolling, htmlfile},
		without: map[string][]string{websocket: deaf, xhrPolling: deaf, jsonpPolling: deaf, htmlfile: deaf},
	},
	{
		generation: "0.7-0.9", era: colonEra, release: "0.8.7", bundle: "dist/socket.io.js", checks: colonChecks,
		node:    []string{websocket, xhrPolling},
		browser: []string{websocket, xhrPolling, jsonpPolling, htmlfile},
		// Its timer for the close timeout is never set, as it asks the transport for
		// what only the session knows. That leaves it to the events of connections:
		// htmlfile has none, and its websocket in node tells it of an error at most,
		// upon which it does nothing.
		without: map[string][]string{htmlfile: neverBack, "node " + websocket: neverBack},
	},
	{
		generation: "0.7-0.9", era: colonEra, release: "0.9.17", bundle: "dist/socket.io.js", checks: colonChecks,
		node:    []string{websocket, xhrPolling},
		browser: []string{websocket, xhrPolling, jsonpPolling, htmlfile},
		without: map[string][]string{htmlfile: deaf}, // as above, no event
	},
	{
		generation: "1.x", era: eventEra, release: "1.0.6", bundle: "socket.io.js", checks: eventChecks, also: hastyGoodbye,
		node: []string{websocket, polling, upgrade},
		// Its JSONP recurses without end in a browser of today, whatever server
		// it talks to.
		browser: []string{websocket, polling, upgrade},
	},
	{
		generation: "1.x", era: eventEra, release: "1.3.7", bundle: "socket.io.js", checks: eventChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "1.x", era: eventEra, release: "1.7.4", bundle: "dist/socket.io.js", checks: eventChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{websocket, polling, jsonp, upgrade},
	},
	{
		generation: "2.x", era: eventEra, release: "2.0.4", bundle: "dist/socket.io.js", checks: eventChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "2.x", era: eventEra, release: "2.5.0", bundle: "dist/socket.io.js", checks: eventChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{websocket, polling, jsonp, upgrade},
	},
}, newestSuite)

// check is one part of the suite. What the client does and expects is in
// node/checks.js or node/colonchecks.js under the same name; here stands what
// the server must have seen.
type check struct {
	name string
	// modes are those in which it makes sense; none means all.
	modes []string
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

// colonChecks are for the clients of 0.7 to 0.9: messages and named events,
// acknowledgements and namespaces.
var colonChecks = []check{
	{name: "connect", entries: 1},
	{name: "events"},
	{name: "message"},
	{name: "json-message"},
	{name: "ack-from-server"},
	{name: "ack-arity"},
	{name: "ack-from-client"},
	{name: "binary"},
	{name: "text"},
	{name: "message-text", entries: 1},
	{name: "order", entries: 1},
	{name: "large", entries: 1},
	{name: "namespace", entries: 1},
	{name: "namespace-at-once", entries: 1},
	{name: "room", entries: 2},
	{name: "refusal"},
	{name: "unknown-namespace"},
	{name: "server-disconnect", reasons: []versions.Reason{versions.ReasonServerDisconnect}, entries: 1},
	{
		name: "client-disconnect", reasons: []versions.Reason{versions.ReasonClientDisconnect}, entries: 1,
		modes: []string{websocket, xhrPolling, jsonpPolling},
	},
	// The page is closed while the packet is on its way in a request.
	{
		name: "client-disconnect", reasons: append([]versions.Reason{versions.ReasonClientDisconnect}, brokenOff...), entries: 1,
		modes: []string{htmlfile},
	},
	{
		name: "transport-close", reasons: []versions.Reason{versions.ReasonTransportClose}, entries: 1,
		modes: []string{websocket, htmlfile},
	},
	{name: "reconnect", reasons: brokenOff, entries: 2, modes: []string{websocket}},
	// The session whose poll was dropped waits for another one until the close
	// timeout.
	{name: "reconnect", entries: 2, modes: []string{xhrPolling, jsonpPolling, htmlfile}},
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
