package interop

import "github.com/heirloom-io/socketio/versions"

// messageEra is 0.1 to 0.6. Its clients know messages only; an event is the
// message {"name":...,"args":[...]}.
const messageEra = "message"

// Further modes of these clients.
const (
	hixie75      = "hixie-75"      // websocket by the older draft, where node has the later one
	xhrMultipart = "xhr-multipart" // imitated
	flashSocket  = "flashsocket"   // in node, by what Flash wrote to the network
)

// heartbeats is no check: a release without it answers none.
const heartbeats = "heartbeats"

// messageNode are the modes in node of the clients that have them all. A
// websocket in a browser of today is one of RFC 6455.
var messageNode = []string{websocket, hixie75, flashSocket, xhrPolling, xhrMultipart}

// messageSuite is the part of the table of clients before 0.7. Client and server
// have the same number since 0.5; client 0.2.4 is that of server 0.3.7 to 0.4.1.
var messageSuite = []row{
	{
		generation: "0.1-0.4", era: messageEra, release: "0.2.4", bundle: "test/client/socket.io.js", checks: messageChecks,
		node:    messageNode,
		browser: []string{websocket, xhrPolling, htmlfile, xhrMultipart},
		without: map[string][]string{
			"": {"reconnect", comeBack}, websocket: mute, hixie75: mute, flashSocket: mute, xhrMultipart: mute,
			"browser " + websocket: elsewhere, "browser " + xhrPolling: elsewhere,
		},
	},
	{
		generation: "0.5-0.6", era: messageEra, release: "0.5.3", bundle: "example/client/socket.io.js", checks: messageChecks,
		node:    messageNode,
		without: map[string][]string{"": {"reconnect", comeBack}},
	},
	{
		generation: "0.5-0.6", era: messageEra, release: "0.6.0", bundle: "support/socket.io-client/socket.io.js", checks: messageChecks,
		node:    messageNode,
		without: map[string][]string{"": {"reconnect", comeBack}},
	},
	{
		generation: "0.5-0.6", era: messageEra, release: "0.6.3", bundle: "support/socket.io-client/socket.io.js", checks: messageChecks,
		node:    messageNode,
		browser: []string{websocket, xhrPolling, jsonpPolling, htmlfile, xhrMultipart},
		// Over JSONP it does come back, but what it sends goes to the session before,
		// whose address its form keeps.
		without: map[string][]string{
			"browser " + websocket: elsewhere, "browser " + xhrPolling: elsewhere, jsonpPolling: neverBack,
		},
	},
}

// mute is for the releases that answer no heartbeat: on a stream nothing tells
// that such a client has been frozen.
var mute = []string{heartbeats}

// elsewhere is for browsers: the cookie belongs to the folder of the page, which
// is another one than that of the clients here.
var elsewhere = []string{"cookie"}

// messageChecks are for the clients of 0.1 to 0.6.
var messageChecks = []check{
	{name: "connect", entries: 1},
	{name: "queue", entries: 1},
	{name: "events"},
	{name: "message"},
	{name: "message-text", entries: 1},
	{name: "json-message"},
	{name: "marks"},
	{name: "order", entries: 1},
	{name: "large", entries: 1},
	{name: "room", entries: 2},
	{name: "server-disconnect", reasons: []versions.Reason{versions.ReasonServerDisconnect}, entries: 1},
	// Nothing is said at the end. Over polling the server only ever sees that no
	// further request comes.
	{
		name: "client-disconnect", reasons: brokenOff, entries: 1,
		modes: []string{websocket, hixie75, flashSocket, xhrMultipart, htmlfile},
	},
	{
		name: "client-disconnect", reasons: []versions.Reason{versions.ReasonPingTimeout}, entries: 1,
		modes: []string{xhrPolling, jsonpPolling},
	},
	{name: "reconnect", entries: 2},
	{name: "silent", entries: 1, modes: []string{websocket, xhrMultipart, xhrPolling}},
	{name: "info"},
	{name: "cookie", modes: []string{websocket, xhrPolling}},
}
