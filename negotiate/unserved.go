package negotiate

import (
	"net/http"
	"strconv"
	"time"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/internal/cors"
	"github.com/heirloom-io/socketio/versions"
)

// refuseUnserved refuses a client of a generation that has no handler, in the
// way its genuine server refused or, where that never did, in the way that
// makes the client stop.
func refuseUnserved(w http.ResponseWriter, r *http.Request, v Verdict, refusal Refusal) {
	versions.ReportRefusal(r, versions.RefusalCode(engineCodes[refusal.Kind]), refusal.Message)
	switch v.Generation {
	case compat.V01, compat.V05:
		refuseMessages(w, v)
	case compat.V07:
		refuseColon(w, r)
	default:
		refuseEngine(w, r, v, refusal)
	}
}

// refuseMessages is for 0.1 to 0.6. A websocket client takes any answer but
// 101 for a failure. A polling client before 0.6 asks again at once after any
// answer at all, without end, and stops only if the connection closes without
// one; a later client takes that for a disconnect. The genuine servers closed
// too.
func refuseMessages(w http.ResponseWriter, v Verdict) {
	if !v.Upgrade {
		ctl := http.NewResponseController(w)
		if conn, _, err := ctl.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
		if ctl.SetWriteDeadline(time.Unix(1, 0)) == nil { // HTTP/2: the stream is reset
			return
		}
	}
	h := w.Header()
	h.Set("Connection", "close")
	answer(h, w, http.StatusNotFound, "text/plain; charset=utf-8", "Not found")
}

// refuseColon is for 0.7 to 0.9, which show the body to the page as an error.
// The genuine servers answer a JSONP handshake with the plain body too.
func refuseColon(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	cors.AllowAny(h, r)
	answer(h, w, http.StatusInternalServerError, "text/plain", "Protocol version not supported.")
}

// engineCodes are the error codes of Engine.IO.
var engineCodes = map[RefusalKind]int{
	UnsupportedVersion: 5,
	GenerationRefused:  5,
	TransportUnknown:   0,
	OriginForbidden:    4,
	BadRequest:         3,
}

// refuseEngine is for 1.0 and later. Only pages whose origin is the reason may
// not read the answer.
func refuseEngine(w http.ResponseWriter, r *http.Request, v Verdict, refusal Refusal) {
	h := w.Header()
	if v.Upgrade {
		h.Set("Connection", "close")
		answer(h, w, http.StatusBadRequest, "text/html", refusal.Message)
		return
	}
	status := http.StatusForbidden
	if refusal.Kind != OriginForbidden {
		status = http.StatusBadRequest
		cors.AllowAny(h, r)
	}
	body := `{"code":` + strconv.Itoa(engineCodes[refusal.Kind]) + `,"message":"` + refusal.Message + `"}`
	answer(h, w, status, "application/json", body)
}

// answer writes a whole answer. The body is one of ours; nothing in it comes
// from the request.
func answer(h http.Header, w http.ResponseWriter, status int, contentType, body string) {
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A client that has gone does not need to be told.
	_, _ = w.Write([]byte(body))
}
