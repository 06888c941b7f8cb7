package negotiate

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Request is what Detect looks at.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is what follows the resource and its slash in the raw path: the
	// part "1/websocket/abc" of "/socket.io/1/websocket/abc". It is neither
	// decoded nor cleaned.
	Path string
	// Query is the raw query without the question mark.
	Query string
	// Header holds the headers under their canonical names. It is only read.
	Header http.Header
}

// maxPairs is the number of pairs a query may have. No client sends more than
// a handful, and net/url gives up on far too many.
const maxPairs = 1000

// query holds the parameters that matter at the door, as net/url decodes them.
type query struct {
	eio, transport, sid, t, j, jsonp string
	hasEIO                           bool
}

// parseQuery reads the parameters that matter. Like net/url it skips pairs that
// have a semicolon or a bad escape, so that nobody further in sees another
// value; the first value of a name counts, as for url.Values.Get. It returns
// false for a query with too many pairs.
func parseQuery(raw string) (q query, ok bool) {
	var seen [6]bool
	for n := 0; raw != ""; n++ {
		if n == maxPairs {
			return query{}, false
		}
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" || strings.Contains(pair, ";") {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			continue
		}
		at, field := q.field(key)
		if field == nil || seen[at] {
			continue
		}
		if value, err = url.QueryUnescape(value); err != nil {
			continue
		}
		*field, seen[at] = value, true
	}
	q.hasEIO = seen[0]
	return q, true
}

func (q *query) field(key string) (int, *string) {
	switch key {
	case "EIO":
		return 0, &q.eio
	case "transport":
		return 1, &q.transport
	case "sid":
		return 2, &q.sid
	case "t":
		return 3, &q.t
	case "j":
		return 4, &q.j
	case "jsonp":
		return 5, &q.jsonp
	}
	return 0, nil
}

// isUpgrade reports whether a request asks for a websocket, over HTTP/1.1 or
// as an extended CONNECT over HTTP/2.
func isUpgrade(method string, h http.Header) bool {
	if method == http.MethodConnect {
		return h.Get(":protocol") == "websocket"
	}
	return httpguts.HeaderValuesContainsToken(h["Connection"], "upgrade") &&
		httpguts.HeaderValuesContainsToken(h["Upgrade"], "websocket")
}

// rawPath returns the path of a request as it came over the wire, without the
// query. Requests made without a wire, as in tests, have none; their URL is
// taken.
func rawPath(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		return path
	}
	return r.URL.EscapedPath()
}
