package transports

import (
	"net/http"
	"strings"
)

// Drafts is a set of the websocket protocols that came before RFC 6455. The
// zero value is the empty set: RFC 6455 only, which is never left out.
//
// Servers of Socket.IO 0.1 to 0.7 know the two hixie drafts; 0.8.0 adds hybi and
// 0.8.5 RFC 6455. Clients since 1.0 need none of the drafts.
type Drafts uint8

// The drafts, named after their authors' documents.
const (
	// DraftHybi is Sec-WebSocket-Version 7 and 8, that is hybi-07 to hybi-12, in
	// browsers of late 2011. Their messages are those of RFC 6455.
	DraftHybi Drafts = 1 << iota
	// DraftHixie76 is hixie-76, also known as hybi-00: Safari 5, iOS 4 and 5,
	// Chrome 6 to 13, the Flash bridge, and node clients of 0.7 and 0.8. It
	// carries text only; see [TextOnly].
	DraftHixie76
	// DraftHixie75 is hixie-75: Chrome 4 and 5, Safari 5.0.0, and the Flash
	// bridge of clients up to 0.4. It carries text only; see [TextOnly].
	DraftHixie75

	// AllDrafts is the set of all drafts.
	AllDrafts = DraftHybi | DraftHixie76 | DraftHixie75
)

// Names of headers as net/http keeps them.
const (
	headerVersion    = "Sec-Websocket-Version"
	headerHybiOrigin = "Sec-Websocket-Origin"
	headerAnswerKey  = "Sec-Websocket-Key"
)

// draftOf returns the draft that a request asks for, and 0 for RFC 6455 and for
// whatever is no request for a websocket. The version decides, as in servers of
// 0.8 and 0.9: what has another version than those known there, or none, is
// hixie if it has the header Upgrade in exactly its spelling.
//
// In one thing this is stricter than those servers: a request with a
// Sec-WebSocket-Key wants an answer to it, which no hixie draft has, so it is
// refused at once for its version instead of answered in vain.
func draftOf(r *http.Request) Drafts {
	switch r.Header.Get(headerVersion) {
	case "13":
		return 0
	case "7", "8":
		return DraftHybi
	}
	switch {
	case r.Header.Get("Upgrade") != "WebSocket",
		!hasToken(r.Header["Connection"], "upgrade"),
		r.Header[headerAnswerKey] != nil:
		return 0
	case r.Header[headerKey1] != nil || r.Header[headerKey2] != nil:
		return DraftHixie76
	}
	return DraftHixie75
}

// hasToken reports whether a header that is a list has the token, in any case.
func hasToken(values []string, token string) bool {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// asRFC6455 returns a request of hybi the way a client of RFC 6455 would have
// made it. The drafts differ from it in these two headers alone: the key, its
// answer and the messages are the same.
func asRFC6455(r *http.Request) *http.Request {
	next := r.WithContext(r.Context()) // a shallow copy: the caller's request stays as it is
	next.Header = r.Header.Clone()
	next.Header.Set(headerVersion, "13")
	if origin := next.Header.Get(headerHybiOrigin); origin != "" && next.Header.Get("Origin") == "" {
		next.Header.Set("Origin", origin)
	}
	return next
}
