package interop

import "slices"

// twice is what a client that asks twice for each namespace cannot do.
var twice = []string{"refused-with-data"}

// newestSuite is the part of the table with the clients since 3.0.
var newestSuite = []row{
	{
		generation: "3.x-4.x", era: eventEra, release: "3.1.3", bundle: "dist/socket.io.js", checks: joinChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{jsonp, upgrade},
	},
	{
		generation: "3.x-4.x", era: eventEra, release: "4.0.2", bundle: "dist/socket.io.js", checks: joinChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "3.x-4.x", era: eventEra, release: "4.5.4", bundle: "dist/socket.io.js", checks: timeoutChecks,
		node: []string{websocket, polling, upgrade},
	},
	{
		generation: "3.x-4.x", era: eventEra, release: "4.6.0", bundle: "dist/socket.io.js", checks: retryChecks,
		node: []string{websocket, polling, upgrade},
		// It asks twice for a namespace on a connection that stands, so that the
		// second refusal meets its next attempt.
		without: map[string][]string{websocket: twice, polling: twice, upgrade: twice},
	},
	{
		generation: "3.x-4.x", era: eventEra, release: "4.8.4", bundle: "dist/socket.io.js", checks: retryChecks,
		node:    []string{websocket, polling, upgrade},
		browser: []string{websocket, polling, upgrade},
	},
}

// joinChecks are for the clients since 3.0, which join each namespace themselves.
var joinChecks = slices.Concat(eventChecks, []check{
	{name: "own-ids", entries: 1},
	{name: "auth"},
	{name: "refused-with-data"},
	{name: "root-refused"},
	{name: "only-chat"},
	{name: "leave-and-return", entries: 2},
	{name: "catch-all"},
})

// timeoutChecks are for the clients since 4.4, whose questions may time out.
var timeoutChecks = slices.Concat(joinChecks, []check{{name: "ack-timeout"}})

// retryChecks are for the clients since 4.6, which may ask again.
var retryChecks = slices.Concat(timeoutChecks, []check{{name: "retries"}, {name: "promise"}})
