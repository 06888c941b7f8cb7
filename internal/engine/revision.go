package engine

import "net/http"

// Heartbeat says which side asks and which answers.
type Heartbeat uint8

// The directions of a heartbeat.
const (
	// ClientPings: the client asks every interval and the server watches that
	// something arrives.
	ClientPings Heartbeat = iota
	// ServerPings: the server asks every interval and waits for the answer.
	ServerPings
)

// TextForm says how clients encode the text of websocket messages.
type TextForm uint8

// The forms of text.
const (
	// TextByHabit: as UTF-8 twice by clients whose [Record] says so, else once.
	TextByHabit TextForm = iota
	// TextOnce: as UTF-8, whoever the client is.
	TextOnce
	// TextTwice: as UTF-8 twice.
	TextTwice
)

// Revision holds everything in which the revisions of Engine.IO differ. Values
// are never changed.
type Revision struct {
	// Number is the EIO parameter clients of the revision send.
	Number int
	// Framing is how single packets are written.
	Framing *Framing
	// Heartbeat is its direction.
	Heartbeat Heartbeat
	// OctetByDefault makes polling answers binary payloads unless the client
	// asked for base64 or JSONP.
	OctetByDefault bool
	// FrameText tells how text arrives on websockets.
	FrameText TextForm
	// Base64Asked is set if clients may ask for base64 in place of binary
	// messages with the parameter b64. Those of revision 4 still send it, and
	// take binary all the same.
	Base64Asked bool
	// TextBodies is set if polling bodies are text whatever they carry. One that
	// is declared as binary is refused, and ends the session.
	TextBodies bool
	// AnnouncePayload puts maxPayload into the open packet.
	AnnouncePayload bool
	// CookieOnce sends the cookie with the answer to a handshake only, not with
	// every polling answer.
	CookieOnce bool
	// NoStore keeps caches from storing polling answers, as since 4.8.
	NoStore bool
	// CloseAlone sends the packet that ends a polling session in an answer of its
	// own. Clients since 4.5 handle the end before messages of the same answer.
	CloseAlone bool
	// OverlapStatus is the status of a request that overlaps another of its kind.
	OverlapStatus int
	// Preflight answers browsers that ask, with OPTIONS, whether a page of another
	// origin may make a request: any, as servers since 3.0 that know of CORS do,
	// with a session or without. Without it only a session says so, of the one header
	// that clients need.
	Preflight bool
	// KeepOnTooLarge answers a body over the limit with 413 and keeps the
	// session; otherwise the connection is cut and the session ends.
	KeepOnTooLarge bool

	payload bodyCodec
}

// The revisions.
var (
	// Revision2 is what the browser clients of Socket.IO 1.0.0-1.0.6 announce.
	Revision2 = &Revision{
		Number:         2,
		Framing:        Framing3,
		Heartbeat:      ClientPings,
		OctetByDefault: true,
		FrameText:      TextTwice,
		Base64Asked:    true,
		OverlapStatus:  http.StatusInternalServerError,
		payload:        payload3{},
	}
	// Revision3 is what the other clients of Socket.IO 1.x and 2.x announce.
	Revision3 = &Revision{
		Number:        3,
		Framing:       Framing3,
		Heartbeat:     ClientPings,
		FrameText:     TextByHabit,
		Base64Asked:   true,
		OverlapStatus: http.StatusInternalServerError,
		payload:       payload3{},
	}
	// Revision4 is what clients of Socket.IO 3.x and 4.x announce.
	Revision4 = &Revision{
		Number:          4,
		Framing:         Framing4,
		Heartbeat:       ServerPings,
		FrameText:       TextOnce,
		TextBodies:      true,
		AnnouncePayload: true,
		CookieOnce:      true,
		NoStore:         true,
		CloseAlone:      true,
		Preflight:       true,
		OverlapStatus:   http.StatusBadRequest,
		KeepOnTooLarge:  true,
		payload:         payload4{},
	}
)
