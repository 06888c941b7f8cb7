package engine

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/heirloom-io/socketio/internal/cors"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// Code is an error number of Engine.IO, as clients get it.
type Code int

// The codes and what they mean; the texts are those of the genuine servers.
const (
	CodeTransportUnknown   Code = 0
	CodeSessionUnknown     Code = 1
	CodeBadHandshakeMethod Code = 2
	CodeBadRequest         Code = 3
	CodeForbidden          Code = 4
	CodeUnsupported        Code = 5
)

var codeTexts = map[Code]string{
	CodeTransportUnknown:   "Transport unknown",
	CodeSessionUnknown:     "Session ID unknown",
	CodeBadHandshakeMethod: "Bad handshake method",
	CodeBadRequest:         "Bad request",
	CodeForbidden:          "Forbidden",
	CodeUnsupported:        "Unsupported protocol version",
}

// ErrBusy is the reason of refusing a new session for lack of room.
var ErrBusy = errors.New("engine: too many sessions")

// refuseTimeout bounds the writing of a refusal.
const refuseTimeout = 10 * time.Second

// Refuse answers a request with an error in the client's own terms: JSON for
// HTTP requests, plain text for websocket openings. An empty message means the
// text of the code.
func Refuse(w http.ResponseWriter, r *http.Request, code Code, message string) {
	if message == "" {
		message = codeTexts[code]
	}
	versions.ReportRefusal(r, versions.RefusalCode(code), message)
	if upgradeWanted(r) {
		w.Header().Set("Connection", "close")
		_ = transports.Answer(w, r, []byte(message), transports.AnswerParams{
			Status:      http.StatusBadRequest,
			ContentType: "text/html",
			Timeout:     refuseTimeout,
			Compress:    -1,
		})
		return
	}
	status := http.StatusBadRequest
	if code == CodeForbidden {
		// No CORS headers here: the page is not to learn more than that.
		status = http.StatusForbidden
	} else {
		cors.AllowAny(w.Header(), r)
	}
	body, err := json.Marshal(struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
	}{code, message})
	if err != nil {
		body = []byte(`{}`) // cannot happen: a number and a string
	}
	transports.Drain(r)
	_ = transports.Answer(w, r, body, transports.AnswerParams{
		Status:      status,
		ContentType: "application/json",
		Timeout:     refuseTimeout,
		Compress:    -1,
	})
}

// refuseBusy answers when no further session is taken.
func refuseBusy(w http.ResponseWriter, r *http.Request) {
	cors.AllowAny(w.Header(), r)
	w.Header().Set("Retry-After", "5")
	_ = transports.Answer(w, r, nil, transports.AnswerParams{
		Status:      http.StatusServiceUnavailable,
		ContentType: "",
		Timeout:     refuseTimeout,
		Compress:    -1,
	})
}

// upgradeWanted reports whether a request asks for a websocket. One that came as an
// extended CONNECT over HTTP/2 looks like one over HTTP/1.1 here.
func upgradeWanted(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
