package negotiate

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/compat"
)

// ask makes a request for Detect from what follows "/socket.io/" and headers
// given as name and value in turn.
func ask(method, target string, headers ...string) Request {
	path, raw, _ := strings.Cut(target, "?")
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	return Request{Method: method, Path: path, Query: raw, Header: h}
}

func upgrade(headers ...string) []string {
	return append([]string{"Connection", "keep-alive, Upgrade", "Upgrade", "WebSocket"}, headers...)
}

// oldKey is what ws before 2.0 sends.
var oldKey = base64.StdEncoding.EncodeToString([]byte("13-1795197040665"))

var (
	onlyV01 = compat.SetOf(compat.V01)
	onlyV05 = compat.SetOf(compat.V05)
	onlyV07 = compat.SetOf(compat.V07)
	onlyV1  = compat.SetOf(compat.V1)
	onlyV4  = compat.SetOf(compat.V4)
	message = compat.SetOf(compat.V01, compat.V05)
)

type detectTest struct {
	name string
	req  Request
	want Verdict
}

var detectTests = []detectTest{
	// 1.x and 2.x.
	{
		"browser of 1.0.6", ask("GET", "?EIO=2&transport=polling&t=1795197180776-0", "Origin", "http://app.test:8000"),
		Verdict{Generation: compat.V1, Candidates: onlyV1, Transport: "polling", Handshake: true, Reason: "EIO=2: browser of 1.0.0-1.0.6"},
	},
	{
		"browser of 1.0.6 in session", ask("POST", "?EIO=2&transport=polling&sid=abc&t=1795197180776-1"),
		Verdict{Generation: compat.V1, Candidates: onlyV1, Transport: "polling", Session: "abc", Reason: "EIO=2: browser of 1.0.0-1.0.6"},
	},
	{
		"browser of 1.3.7", ask("GET", "?EIO=3&transport=polling&t=1795197180776-12"),
		Verdict{Generation: compat.V1, Candidates: onlyV1, Transport: "polling", Handshake: true, Reason: "t made of a date and a counter: 1.0-1.3"},
	},
	{
		"browser of 1.3.7 in session", ask("GET", "?EIO=3&transport=polling&t=1795197180776-13&sid=abc"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Session: "abc", Reason: "EIO=3"},
	},
	{
		"node client of 1.7.4", ask("GET", "?EIO=3&transport=polling&t=Q7w5LR8&b64=1", "User-Agent", "node-XMLHttpRequest"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "t in base 64: 1.4-2.x"},
	},
	{
		"second request in a millisecond", ask("GET", "?EIO=3&transport=polling&t=Q7w5LR8.0"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "t in base 64: 1.4-2.x"},
	},
	{
		"own query parameters first", ask("GET", "?token=a%26b&EIO=3&transport=polling&t=Q7w56R0&b64=1"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "t in base 64: 1.4-2.x"},
	},
	{
		"JSONP of 2.5.0", ask("GET", "?EIO=3&transport=polling&j=0&t=Q7w5ybq&b64=1"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Script: true, Reason: "t in base 64: 1.4-2.x"},
	},
	{
		"no EIO", ask("GET", "?transport=polling"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "no EIO"},
	},
	{
		"t in seconds", ask("GET", "?EIO=3&transport=polling&t=1795197040.123"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "EIO=3"},
	},
	{
		"websocket of 2.5.0", ask("GET", "?EIO=3&transport=websocket", upgrade("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")...),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "EIO=3"},
	},
	{
		"websocket of node 1.7.4", ask("GET", "?EIO=3&transport=websocket", upgrade("Sec-Websocket-Key", oldKey)...),
		Verdict{Generation: compat.V1, Candidates: onlyV1, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "websocket key made of a date: node client of 1.x"},
	},
	{
		"old key without upgrade", ask("GET", "?EIO=3&transport=websocket", "Sec-Websocket-Key", oldKey),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "websocket", Handshake: true, Reason: "EIO=3"},
	},
	{
		"websocket of node 1.0.6", ask("GET", "?EIO=3&transport=websocket", upgrade("Origin", "127.0.0.1:37987")...),
		Verdict{Generation: compat.V1, Candidates: onlyV1, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "origin without a scheme: node client of 1.0-1.3"},
	},
	{
		"websocket with null origin", ask("GET", "?EIO=3&transport=websocket", upgrade("Origin", "null")...),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "EIO=3"},
	},
	{
		"upgrade of a session", ask("GET", "?EIO=3&transport=websocket&sid=abc", upgrade("Sec-Websocket-Key", oldKey)...),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "websocket", Session: "abc", Upgrade: true, Reason: "EIO=3"},
	},
	{
		"websocket over HTTP/2",
		Request{Method: "CONNECT", Query: "EIO=3&transport=websocket", Header: http.Header{":protocol": {"websocket"}}},
		Verdict{Generation: compat.V2, Candidates: family, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "EIO=3"},
	},
	{
		"a sid in escapes", ask("GET", "?EIO=3&transport=polling&sid=custom%3Aid%3A1"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Session: "custom:id:1", Reason: "EIO=3"},
	},
	{
		"an empty sid", ask("GET", "?EIO=3&transport=polling&sid="),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "EIO=3"},
	},
	{
		"path behind the resource", ask("GET", "abc?EIO=3&transport=polling"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "EIO=3"},
	},
	{
		"a look at the resource", ask("GET", ""),
		Verdict{Generation: compat.V2, Candidates: family, Handshake: true, Reason: "no EIO"},
	},
	{
		"doubled slash before the query", ask("GET", "/?EIO=3&transport=polling"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "EIO=3"},
	},
	{
		"parameters given twice", ask("GET", "?EIO=3&EIO=4&transport=polling&transport=websocket&sid=&sid=abc"),
		Verdict{Generation: compat.V2, Candidates: family, Transport: "polling", Handshake: true, Reason: "EIO=3"},
	},
	{
		"escaped segment is not decoded", ask("GET", "%31/?t=1"),
		Verdict{Generation: compat.V2, Candidates: family, Handshake: true, Reason: "no EIO"},
	},

	// 3.x and 4.x, and what nobody ever was.
	{
		"4.8.1", ask("GET", "?EIO=4&transport=polling&t=9otfgkhg"),
		Verdict{Generation: compat.V4, Candidates: onlyV4, Transport: "polling", Handshake: true, Reason: "EIO=4"},
	},
	{
		"4.8.1 websocket in session", ask("GET", "?EIO=4&transport=websocket&sid=abc", upgrade()...),
		Verdict{Generation: compat.V4, Candidates: onlyV4, Transport: "websocket", Session: "abc", Upgrade: true, Reason: "EIO=4"},
	},
	{
		"EIO=4 twice", ask("GET", "?EIO=4&EIO=4&transport=polling"),
		Verdict{Generation: compat.V4, Candidates: onlyV4, Transport: "polling", Handshake: true, Reason: "EIO=4"},
	},
	{
		"EIO=5", ask("GET", "?EIO=5&transport=polling"),
		Verdict{Transport: "polling", Handshake: true, Refused: UnsupportedVersion, Reason: "EIO with a number no release has"},
	},
	{
		"EIO=1", ask("GET", "?EIO=1&transport=polling"),
		Verdict{Transport: "polling", Handshake: true, Refused: UnsupportedVersion, Reason: "EIO with a number no release has"},
	},
	{
		"EIO=abc", ask("GET", "?EIO=abc&transport=websocket", upgrade()...),
		Verdict{Transport: "websocket", Handshake: true, Upgrade: true, Refused: UnsupportedVersion, Reason: "EIO with a number no release has"},
	},
	{
		"EIO empty", ask("GET", "?EIO=&transport=polling"),
		Verdict{Transport: "polling", Handshake: true, Refused: UnsupportedVersion, Reason: "EIO with a number no release has"},
	},
	{
		"a flood of parameters", ask("GET", "?EIO=3"+strings.Repeat("&a", maxPairs)),
		Verdict{Refused: BadRequest, Reason: "too many query parameters"},
	},

	// 0.7 to 0.9.
	{
		"0.9 handshake", ask("GET", "1/?t=1795196254333"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Handshake: true, Reason: "path /1"},
	},
	{
		"0.9 handshake without slash", ask("GET", "1?t=1795196254333"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Handshake: true, Reason: "path /1"},
	},
	{
		"0.7 handshake by JSONP", ask("GET", "1/?t=1795196254333&jsonp=0"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Handshake: true, Script: true, Reason: "path /1"},
	},
	{
		"0.9 handshake naming a transport", ask("GET", "1/websocket/"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "websocket", Handshake: true, Reason: "path /1"},
	},
	{
		"0.9 poll", ask("GET", "1/xhr-polling/E83K-T1atyYUJPP8A2Yr?t=1795196254333"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "xhr-polling", Session: "E83K-T1atyYUJPP8A2Yr", Reason: "path /1"},
	},
	{
		"0.7 poll with a key for a value", ask("POST", "1/htmlfile/123?t1795196254333"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "htmlfile", Session: "123", Reason: "path /1"},
	},
	{
		"0.7 poll with slash", ask("GET", "1/jsonp-polling/123/?t=1795196254333&i=0"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "jsonp-polling", Session: "123", Script: true, Reason: "path /1"},
	},
	{
		"0.9 websocket", ask("GET", "1/websocket/abc", upgrade()...),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "websocket", Session: "abc", Upgrade: true, Reason: "path /1"},
	},
	{
		"0.9 forced disconnect", ask("GET", "1//abc/?disconnect=1"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Session: "abc", Reason: "path /1"},
	},
	{
		"the path decides over EIO", ask("GET", "1/?EIO=3&transport=polling"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Handshake: true, Reason: "path /1"},
	},
	{
		"protocol 2", ask("GET", "2/?t=1"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Handshake: true, Refused: UnsupportedVersion, Reason: "path with a protocol number other than 1"},
	},
	{
		"protocol 01", ask("GET", "01/websocket/abc"),
		Verdict{Generation: compat.V07, Candidates: onlyV07, Transport: "websocket", Session: "abc", Refused: UnsupportedVersion, Reason: "path with a protocol number other than 1"},
	},

	// 0.1 to 0.6.
	{
		"websocket of 0.1-0.6", ask("GET", "websocket", upgrade()...),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "path names a carrier"},
	},
	{
		"websocket with a kept id", ask("GET", "websocket/16854925509787666", upgrade()...),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "websocket", Session: "16854925509787666", Upgrade: true, Reason: "path names a carrier"},
	},
	{
		"websocket with a kept id of 13 digits", ask("GET", "websocket/1300000000000", upgrade()...),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "websocket", Session: "1300000000000", Upgrade: true, Reason: "path names a carrier"},
	},
	{
		"post with an id of 13 digits", ask("POST", "xhr-polling/1300000000000/send"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-polling", Session: "1300000000000", Reason: "path names a carrier"},
	},
	{
		"first poll of 0.2.2-0.6", ask("GET", "xhr-polling//1300000000000"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-polling", Handshake: true, Reason: "path names a carrier"},
	},
	{
		"first poll behind a merging proxy", ask("GET", "xhr-polling/1300000000000"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-polling", Session: "1300000000000", Handshake: true, Reason: "path names a carrier"},
	},
	{
		"next poll of 0.2.2-0.6", ask("GET", "xhr-polling/16854925509787666/1300000000000"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-polling", Session: "16854925509787666", Reason: "path names a carrier"},
	},
	{
		"first poll of a client up to 0.2.1", ask("GET", "xhr-polling"),
		Verdict{Generation: compat.V01, Candidates: onlyV01, Transport: "xhr-polling", Handshake: true, Reason: "path ends with the carrier: client up to 0.2.1"},
	},
	{
		"post", ask("POST", "xhr-polling/16854925509787666/send"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-polling", Session: "16854925509787666", Reason: "path names a carrier"},
	},
	{
		"multipart of a client up to 0.2.1", ask("GET", "xhr-multipart"),
		Verdict{Generation: compat.V01, Candidates: onlyV01, Transport: "xhr-multipart", Handshake: true, Reason: "path ends with the carrier: client up to 0.2.1"},
	},
	{
		"multipart of later ones", ask("GET", "xhr-multipart/"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "xhr-multipart", Handshake: true, Reason: "path names a carrier"},
	},
	{
		"htmlfile", ask("GET", "htmlfile//1300000000000"),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "htmlfile", Handshake: true, Reason: "path names a carrier"},
	},
	{
		"flashsocket", ask("GET", "flashsocket", upgrade()...),
		Verdict{Generation: compat.V05, Candidates: onlyV05, Transport: "flashsocket", Handshake: true, Upgrade: true, Reason: "path names a carrier of one dialect only"},
	},
	{
		"jsonp-polling", ask("GET", "jsonp-polling//1300000000000/0"),
		Verdict{Generation: compat.V05, Candidates: onlyV05, Transport: "jsonp-polling", Handshake: true, Script: true, Reason: "path names a carrier of one dialect only"},
	},
	{
		"server-events", ask("GET", "server-events"),
		Verdict{Generation: compat.V01, Candidates: onlyV01, Transport: "server-events", Handshake: true, Reason: "path names a carrier of one dialect only"},
	},
	{
		"cookie of 0.6", ask("GET", "websocket", upgrade("Cookie", "a=b; socketio=xhr-polling")...),
		Verdict{Generation: compat.V05, Candidates: message, Transport: "websocket", Handshake: true, Upgrade: true, Reason: "path names a carrier, cookie socketio: 0.6"},
	},
	{
		"cookie of 0.2", ask("GET", "htmlfile//1300000000000", "Cookie", "socket.io=htmlfile"),
		Verdict{Generation: compat.V01, Candidates: message, Transport: "htmlfile", Handshake: true, Reason: "path names a carrier, cookie socket.io: 0.1-0.4"},
	},

	// Files.
	{"client of one release", ask("GET", "2.5.0/socket.io.js"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"client of 2.x", ask("GET", "socket.io.js"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"its source map", ask("GET", "socket.io.js.map"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"client with a query", ask("GET", "socket.io.js?v=2"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"slim build", ask("HEAD", "socket.io.slim.js"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"client of 0.9 with version", ask("GET", "socket.io.v0.9.17.js"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"client of 0.9 with transports", ask("GET", "socket.io+websocket+xhr-polling.js"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"Flash of 0.9", ask("GET", "static/flashsocket/WebSocketMain.swf"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{"Flash of 0.6", ask("GET", "lib/vendor/web-socket-js/WebSocketMain.swf"), Verdict{Kind: KindFile, Reason: "path names a client file"}},
	{
		"no file after all", ask("GET", "socket.iofoo.js"),
		Verdict{Generation: compat.V2, Candidates: family, Handshake: true, Reason: "no EIO"},
	},
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, tt := range detectTests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Detect(tt.req)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Guess() != (len(tt.want.Candidates.IDs()) > 1) {
				t.Errorf("Guess = %v with candidates %v", got.Guess(), got.Candidates)
			}
		})
	}
}

// TestRulesAreTaken makes sure that each row of the table decides something.
func TestRulesAreTaken(t *testing.T) {
	t.Parallel()
	taken := map[string]int{}
	for _, tt := range detectTests {
		first, _, _ := strings.Cut(tt.req.Path, "/")
		for _, r := range table {
			if r.claims(first) {
				taken[r.name]++
				break
			}
		}
	}
	for _, r := range table {
		if taken[r.name] == 0 {
			t.Errorf("no test reaches rule %q", r.name)
		}
	}
}
