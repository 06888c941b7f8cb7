package engine

import (
	"net/http"
	"time"

	"github.com/heirloom-io/socketio/internal/cors"
	"github.com/heirloom-io/socketio/transports"
)

// isPreflight reports whether a browser asks if a page of another origin may make
// the request that it names.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// preflightMethods are those that servers since 3.0 announce.
const preflightMethods = "GET,HEAD,PUT,PATCH,POST,DELETE"

// preflight allows what the browser asks for. That the origin may come in at all
// has been decided before, and will be again with the request itself.
func preflight(w http.ResponseWriter, r *http.Request, timeout time.Duration) {
	h := w.Header()
	cors.AllowAny(h, r)
	h.Set("Access-Control-Allow-Methods", preflightMethods)
	if wanted := r.Header.Values("Access-Control-Request-Headers"); len(wanted) > 0 {
		h["Access-Control-Allow-Headers"] = wanted
	}
	h.Add("Vary", "Access-Control-Request-Headers")
	transports.Drain(r)
	_ = transports.Answer(w, r, nil, transports.AnswerParams{
		Status:      http.StatusNoContent,
		ContentType: "",
		Timeout:     timeout,
		Compress:    -1,
	})
}
