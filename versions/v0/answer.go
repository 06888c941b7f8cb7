package v0

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/heirloom-io/socketio/internal/cors"
	"github.com/heirloom-io/socketio/transports"
)

const (
	typePlain     = "text/plain"
	typePlainUTF8 = "text/plain; charset=UTF-8"
	typeHandshake = "application/javascript"
	typeScript    = "text/javascript; charset=UTF-8"
	typeHTML      = "text/html; charset=UTF-8"
)

// plain writes an answer of text without a charset, as all handshakes are.
func plain(w http.ResponseWriter, r *http.Request, status int, body []byte, timeout time.Duration) {
	answer(w, r, status, typePlain, body, timeout)
}

// script writes the answer to a JSONP handshake.
func script(w http.ResponseWriter, r *http.Request, body []byte, timeout time.Duration) {
	answer(w, r, http.StatusOK, typeHandshake, body, timeout)
}

// answer writes a whole answer that nobody needs to know the fate of.
func answer(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte, timeout time.Duration) {
	_ = transports.Answer(w, r, body, transports.AnswerParams{
		Status:      status,
		ContentType: contentType,
		Timeout:     timeout,
		Compress:    -1,
	})
}

// accepted is the answer to every POST, whatever was in it.
func accepted(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	allowOrigin(w, r)
	w.Header().Set("X-XSS-Protection", "0")
	answer(w, r, http.StatusOK, typePlainUTF8, []byte("1"), timeout)
}

// notAllowed answers methods that no client uses.
func notAllowed(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	w.Header().Set("Allow", allowed)
	answer(w, r, http.StatusMethodNotAllowed, "", nil, timeout)
}

const allowed = "GET, POST, OPTIONS"

// preflight answers OPTIONS. Genuine clients never cause it, and genuine servers
// began a session for it.
func preflight(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	allowOrigin(w, r)
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Allow", allowed)
	answer(w, r, http.StatusOK, "", nil, timeout)
}

// allowOrigin lets the page that asked read the answer. Requests without an
// origin get no such headers. Whether the origin may connect at all is decided
// before.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
}

// keepAlive says what HTTP/1.1 implies, as genuine servers do to polls.
func keepAlive(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && !r.Close {
		w.Header().Set("Connection", "Keep-Alive")
	}
}

// abort ends the connection of a request without an answer.
func abort(w http.ResponseWriter) { transports.Abort(w) }

// errPollGone is returned when the client of a poll went before its answer.
var errPollGone = errors.New("v0: poll dropped by its client")

// answerPoll writes the answer to a poll in two steps, the head and the body. A
// client that went before is often known only from the network's reaction to the
// first step; the second then fails, and nothing of the body has arrived. An
// error means that the client cannot have got all of the body.
func answerPoll(w http.ResponseWriter, r *http.Request, contentType string, body []byte, timeout time.Duration) error {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	ctl := http.NewResponseController(w)
	if err := supported(ctl.SetWriteDeadline(time.Now().Add(timeout))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	if err := supported(ctl.Flush()); err != nil {
		return err
	}
	if r.Context().Err() != nil {
		return errPollGone
	}
	if _, err := w.Write(body); err != nil { //nolint:gosec // G705: scripts hold a checked index and an escaped string
		return err
	}
	if err := supported(ctl.Flush()); err != nil {
		return err
	}
	// Over HTTP/2 the end of the answer is still to come, so that a client which
	// goes now has not got it.
	if r.Context().Err() != nil && (r.ProtoMajor > 1 || !forwarded(r) && wasReset(ctl)) {
		return errPollGone
	}
	// An error would come too late to mean anything: the client has the answer.
	_ = ctl.SetWriteDeadline(time.Time{})
	return nil
}

// forwarded reports whether a proxy says that it has passed a request on. Some reset
// connections that they have read to the end: HAProxy does so with each it is done with.
// To take that for a loss would show the client everything twice.
func forwarded(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// wasReset tells a client that closed its connection without reading all of an
// answer from one that closed it afterwards. The network resets the connection
// for the first: nothing can be written any more, not even nothing. The
// connection is of no use after it. Where it cannot be had, or hides the
// difference, the answer counts as read.
func wasReset(ctl *http.ResponseController) bool {
	conn, _, err := ctl.Hijack()
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if under, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = under.NetConn()
	}
	_, err = conn.Write(nil)
	return err != nil
}

// supported forgives a writer, of tests for example, that cannot do something.
func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
