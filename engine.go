package socketio

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/heirloom-io/socketio/negotiate"
	"github.com/heirloom-io/socketio/versions"
)

// Engine is the server's side towards HTTP, for clients of every generation:
// what is done with their requests before there is a socket. All methods may be
// called at any time; requests that are under way do not notice.
type Engine struct {
	server *Server
	// hooks is nil while there are none. Whoever adds one makes a new value.
	hooks atomic.Pointer[engineHooks]
	mu    sync.Mutex // for adding
}

type engineHooks struct {
	middleware []func(http.Handler) http.Handler
	// chain is all middlewares round the front door, nil without any.
	chain    http.Handler
	initial  []func(h http.Header, r *http.Request)
	headers  []func(h http.Header, r *http.Request)
	refusals []func(ConnectionError)
}

// ConnectionError describes a request that was refused before it got to a
// namespace.
type ConnectionError struct {
	// Request is the request. It must not be changed, and its body not be read.
	Request *http.Request
	// Code is the number Engine.IO has for the reason: 0 transport unknown,
	// 1 session id unknown, 2 bad handshake method, 3 bad request, 4 forbidden,
	// 5 unsupported protocol version.
	Code int
	// Message is the text the client gets, or would get if its generation had a
	// place for it.
	Message string
	// Generation is that of the client, as far as the request tells, by its name
	// in the catalogue.
	Generation string
	// Context holds what the reason is about, raw input: "transport", "sid",
	// "method" or "message".
	Context map[string]string
}

// Engine returns the server's side towards HTTP.
func (s *Server) Engine() *Engine { return &s.engine }

// Clients returns the number of open sessions; see [Server.Clients].
func (e *Engine) Clients() int { return e.server.Clients() }

// Use adds a middleware round every request of every client, of whichever
// generation, WebSocket openings and the requests of sessions included, and
// client files and requests of others not. A handshake is a request for which
// [Engine.OnInitialHeaders] would be called.
//
// A middleware that does not call the next handler has to answer the request
// itself. Headers it sets before go with the answer, also with that to a
// WebSocket opening. One that hands on a ResponseWriter of its own must let
// http.ResponseController reach the original by Unwrap: connections are taken
// over through it and have deadlines. The first one added is the outermost.
// Since 4.6.
func (e *Engine) Use(middleware func(http.Handler) http.Handler) {
	e.change(func(h *engineHooks) {
		h.middleware = append(slices.Clip(h.middleware), middleware)
		h.chain = http.HandlerFunc(serveInContext)
		for _, m := range slices.Backward(h.middleware) {
			h.chain = m(h.chain)
		}
	})
}

// OnInitialHeaders adds a hook for the headers of the answer to the request that
// opens a session, in which it may set some: a cookie for load balancers, for
// example. Those the library needs are set afterwards and win. The answer may
// still turn out to be a refusal. Since 4.1.
func (e *Engine) OnInitialHeaders(fn func(h http.Header, r *http.Request)) {
	e.change(func(hooks *engineHooks) { hooks.initial = append(slices.Clip(hooks.initial), fn) })
}

// OnHeaders adds a hook like [Engine.OnInitialHeaders] for the answer to every
// request that the front door admits, that one included, for which it is called
// after the other. Since 4.1.
func (e *Engine) OnHeaders(fn func(h http.Header, r *http.Request)) {
	e.change(func(hooks *engineHooks) { hooks.headers = append(slices.Clip(hooks.headers), fn) })
}

// OnConnectionError adds a hook that is called when a request is refused, before
// the answer is written. Since 4.1, where it is the event connection_error.
func (e *Engine) OnConnectionError(fn func(ConnectionError)) {
	e.change(func(hooks *engineHooks) { hooks.refusals = append(slices.Clip(hooks.refusals), fn) })
}

func (e *Engine) change(f func(*engineHooks)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	next := engineHooks{}
	if old := e.hooks.Load(); old != nil {
		next = *old
	}
	f(&next)
	e.hooks.Store(&next)
}

// serveKey is the key of what a chain of middlewares ends in, which differs for
// the handlers that Attach has returned.
type serveKey struct{}

func serveInContext(w http.ResponseWriter, r *http.Request) {
	serve, ok := r.Context().Value(serveKey{}).(http.HandlerFunc)
	if !ok { // a middleware has put in another context
		http.Error(w, "no context", http.StatusInternalServerError)
		return
	}
	serve(w, r)
}

// around serves a request through the middlewares.
func (e *Engine) around(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	hooks := e.hooks.Load()
	if hooks == nil || hooks.chain == nil {
		serve(w, r)
		return
	}
	hooks.chain.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), serveKey{}, serve)))
}

// prepare is called before a generation serves or refuses a request.
func (e *Engine) prepare(w http.ResponseWriter, r *http.Request, v negotiate.Verdict, refused bool) *http.Request {
	hooks := e.hooks.Load()
	if hooks == nil {
		return r
	}
	if !refused {
		if v.Handshake {
			callAll(e, hooks.initial, w, r)
		}
		callAll(e, hooks.headers, w, r)
	}
	if len(hooks.refusals) == 0 {
		return r
	}
	return versions.WithRefusalReport(r, func(r *http.Request, code versions.RefusalCode, message string) {
		ce := ConnectionError{
			Request: r, Code: int(code), Message: message,
			Generation: v.Generation.String(), Context: refusalContext(r, v, code, message),
		}
		for _, fn := range hooks.refusals {
			told := ce
			told.Context = maps.Clone(ce.Context)
			e.server.guard("connection error hook", func() { fn(told) })
		}
	})
}

func callAll(e *Engine, list []func(http.Header, *http.Request), w http.ResponseWriter, r *http.Request) {
	for _, fn := range list {
		e.server.guard("header hook", func() { fn(w.Header(), r) })
	}
}

func refusalContext(r *http.Request, v negotiate.Verdict, code versions.RefusalCode, message string) map[string]string {
	switch code {
	case versions.RefusedTransport:
		return map[string]string{"transport": v.Transport}
	case versions.RefusedSession:
		return map[string]string{"sid": v.Session}
	case versions.RefusedMethod:
		return map[string]string{"method": r.Method}
	case versions.RefusedForbidden:
		return map[string]string{"message": message}
	case versions.RefusedRequest, versions.RefusedVersion:
	}
	return map[string]string{}
}
