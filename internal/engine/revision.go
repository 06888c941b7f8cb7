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
	// DoubleFrames is set if websocket text arrives encoded as UTF-8 twice.
	DoubleFrames bool
	// AnnouncePayload puts maxPayload into the open packet.
	AnnouncePayload bool
	// OverlapStatus is the status of a request that overlaps another of its kind.
	OverlapStatus int
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
		DoubleFrames:   true,
		OverlapStatus:  http.StatusInternalServerError,
		payload:        payload3{},
	}
	// Revision3 is what the other clients of Socket.IO 1.x and 2.x announce.
	Revision3 = &Revision{
		Number:        3,
		Framing:       Framing3,
		Heartbeat:     ClientPings,
		OverlapStatus: http.StatusInternalServerError,
		payload:       payload3{},
	}
)
