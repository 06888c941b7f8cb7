package negotiate

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heirloom-io/socketio/compat"
)

// DefaultPath is the path of the resource in all generations.
const DefaultPath = "/socket.io"

// Handler serves the requests of a generation. Its methods are called from
// net/http's goroutines, concurrently.
type Handler interface {
	// ServeHTTP serves a request that may come in.
	ServeHTTP(http.ResponseWriter, *http.Request, Verdict)
	// Refuse answers a request that may not, in the words of the generation.
	Refuse(http.ResponseWriter, *http.Request, Verdict, Refusal)
}

// Params is what a Door is made of.
type Params struct {
	// Path is the resource, as it stands in raw paths: it starts with a slash,
	// and a slash at its end is ignored. Default: DefaultPath.
	Path string
	// Bare admits the path without the slash after it, for clients since 4.6 that
	// have been told to leave it out (addTrailingSlash).
	Bare bool
	// Next gets every request that is not under the path. Default: answer 404.
	Next http.Handler
	// Handlers are the generations that are served. Those a client can be
	// mistaken for (0.1-0.4 and 0.5-0.6; 1.x and 2.x) must share sessions. The
	// clients of a generation without a handler are refused by the door.
	Handlers map[compat.ID]Handler
	// Policy decides who may come in. Default: everybody.
	Policy *Policy
	// Files gets the requests for client files, as they came. Default: answer
	// 404.
	Files http.Handler
	// Logger gets refusals at level info, admitted handshakes at level debug and
	// a warning about a wrong mounting. Default: nobody.
	Logger *slog.Logger
	// Census counts what is decided; doors may share one. Default: one of the
	// door's own.
	Census *Census
	// BodyTimeout bounds the time a request's body may take where its handler
	// sets no deadline of its own. Default: 30 s.
	BodyTimeout time.Duration
	// Around is called for every request of a client, files aside, before anything
	// is decided about it, with the func that does so. It may hand on another
	// request or writer, or answer the request itself. Default: serve it.
	Around func(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc)
	// Prepare is called before a generation serves or refuses a request, and may
	// set headers of the answer. It returns the request to go on with. Default: that
	// one.
	Prepare func(w http.ResponseWriter, r *http.Request, v Verdict, refused bool) *http.Request
	// Observe is called with every decision before it takes effect, on the
	// request's goroutine. Default: nobody.
	Observe func(Verdict, Outcome)
}

// Door is the front door, an http.Handler. It must see requests before a
// ServeMux does.
type Door struct {
	prefix   string
	bare     bool
	next     http.Handler
	handlers [compat.Count]Handler
	served   compat.Set
	policy   *Policy
	files    http.Handler
	log      *slog.Logger
	observe  func(Verdict, Outcome)
	around   func(http.ResponseWriter, *http.Request, http.HandlerFunc)
	prepare  func(http.ResponseWriter, *http.Request, Verdict, bool) *http.Request
	// bodyTimeout is that of the parameters, or its default.
	bodyTimeout time.Duration
	census      *Census
	warned      atomic.Bool
}

// NewDoor returns a door. It fails if the path does not start with a slash or
// can stand in no URL, or if a handler is given for a generation that does not
// exist.
func NewDoor(params Params) (*Door, error) {
	d := &Door{
		bare:    params.Bare,
		next:    params.Next,
		policy:  params.Policy,
		files:   params.Files,
		log:     params.Logger,
		observe: params.Observe,
		around:  params.Around,
		prepare: params.Prepare,
		census:  params.Census,
	}
	if d.census == nil {
		d.census = NewCensus()
	}
	if d.bodyTimeout = params.BodyTimeout; d.bodyTimeout == 0 {
		d.bodyTimeout = defaultBodyTimeout
	}
	path := params.Path
	if path == "" {
		path = DefaultPath
	}
	if path[0] != '/' || strings.ContainsAny(path, "?# ") {
		return nil, errors.New("negotiate: the path must start with a slash and have no ?, # or space")
	}
	d.prefix = strings.TrimRight(path, "/") + "/"
	for id, h := range params.Handlers {
		if _, ok := compat.Lookup(id); !ok || h == nil {
			return nil, fmt.Errorf("negotiate: no handler can be given for generation %d", id)
		}
		d.handlers[id] = h
		d.served |= compat.SetOf(id)
	}
	if d.policy == nil {
		var err error
		if d.policy, err = NewPolicy(Rules{}); err != nil {
			return nil, err
		}
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	return d, nil
}

// Census returns the counters of the door.
func (d *Door) Census() *Census {
	return d.census
}

// ServeHTTP implements http.Handler. A request is the door's own if its raw path
// begins with the path and a slash; the path without the slash is only with
// Params.Bare.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := d.cut(r)
	if !ok {
		if d.next == nil {
			http.NotFound(w, r)
			return
		}
		d.next.ServeHTTP(w, r)
		return
	}
	d.checkMounting(r)
	d.boundBody(w, r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	v := detect(r, path)
	switch {
	case v.Kind == KindFile:
		d.serveFile(w, r, v)
	case d.around == nil:
		d.serve(w, r, v)
	default:
		d.around(w, r, func(w http.ResponseWriter, handed *http.Request) {
			if handed != r {
				path, _ := d.cut(handed)
				v = detect(handed, path)
			}
			d.serve(w, handed, v)
		})
	}
}

func detect(r *http.Request, path string) Verdict {
	return Detect(Request{Method: r.Method, Path: path, Query: r.URL.RawQuery, Header: r.Header})
}

// serve decides about a request of a client and has it served or refused.
func (d *Door) serve(w http.ResponseWriter, r *http.Request, v Verdict) {
	v, refusal := d.judge(v, r)
	if d.prepare != nil {
		r = d.prepare(w, r, v, refusal.Kind != NotRefused)
	}
	handler := d.handlers[v.Generation]
	if refusal.Kind == NotRefused {
		d.record(r, v, Admitted)
		handler.ServeHTTP(w, r, v)
		return
	}
	d.record(r, v, Outcome(refusal.Kind))
	if handler == nil {
		refuseUnserved(w, r, v, refusal)
		return
	}
	handler.Refuse(w, r, v, refusal)
}

const defaultBodyTimeout = 30 * time.Second

// boundBody sets a deadline for the body: net/http reads what a handler has left
// of it before it sends the answer, and would wait for it without end.
func (d *Door) boundBody(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// A writer that knows no deadlines is that of a test.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d.bodyTimeout))
	}
}

// judge applies the policy, and refuses what there is no handler for.
func (d *Door) judge(v Verdict, r *http.Request) (Verdict, Refusal) {
	if v.Refused == NotRefused {
		if v.Candidates&d.served == 0 {
			return v, refuse(UnsupportedVersion)
		}
		v = v.among(d.served)
	}
	return d.policy.Judge(v, r)
}

func (d *Door) serveFile(w http.ResponseWriter, r *http.Request, v Verdict) {
	if d.files == nil {
		d.record(r, v, Missing)
		http.NotFound(w, r)
		return
	}
	d.record(r, v, Filed)
	d.files.ServeHTTP(w, r)
}

// cut returns what follows the resource in the raw path, and whether the
// request is the door's own. Behind something that has rewritten the URL, such
// as http.StripPrefix, the rewritten path counts as well.
func (d *Door) cut(r *http.Request) (string, bool) {
	if path, ok := strings.CutPrefix(rawPath(r), d.prefix); ok {
		return path, true
	}
	if d.bare && r.URL.EscapedPath() == strings.TrimSuffix(d.prefix, "/") {
		return "", true
	}
	return strings.CutPrefix(r.URL.EscapedPath(), d.prefix)
}

// record counts a decision, tells the observer and writes the log.
func (d *Door) record(r *http.Request, v Verdict, o Outcome) {
	d.census.Count(v, o)
	if d.observe != nil {
		d.observe(v, o)
	}
	level := slog.LevelInfo
	switch {
	case o == Admitted && v.Handshake:
		level = slog.LevelDebug
	case o >= Admitted:
		return
	}
	ctx := r.Context()
	if !d.log.Enabled(ctx, level) {
		return
	}
	d.log.LogAttrs(ctx, level, "socket.io request",
		slog.String("outcome", o.String()),
		slog.String("generation", v.Generation.String()),
		slog.Bool("guess", v.Guess()),
		slog.String("reason", v.Reason),
		slog.String("transport", quote(v.Transport)),
		slog.String("remote", r.RemoteAddr),
	)
}

// quote makes client input fit for a log.
func quote(s string) string {
	return fmt.Sprintf("%.64q", s)
}
