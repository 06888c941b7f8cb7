package mirror

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/r3labs/sse/v2"
)

// queued is the number of events of a room that may wait for its stream, which
// has a queue of 64 for each watcher behind that.
const queued = 64

// Mirror is an http.Handler that shows rooms. All its methods may be called
// concurrently.
type Mirror struct {
	config Config
	epoch  string // tells the ids of this mirror from those of others
	sse    *sse.Server
	feeds  []*feed

	ctx      context.Context // ends with the mirror
	cancel   context.CancelFunc
	closing  sync.Once
	closed   chan struct{} // closed when nothing of the mirror is left
	watching sync.WaitGroup

	events, late, oversized, stalled atomic.Uint64

	mu sync.Mutex
	// Guarded by mu:
	watchers int
	over     bool
}

// Stats are counters of a mirror, since it was made but for Watchers.
type Stats struct {
	// Watchers is the number of those who watch now.
	Watchers int `json:"watchers"`
	// Events is the number of events of all rooms that were to be shown.
	Events uint64 `json:"events"`
	// Late is how many of them met a full queue, and reached watchers with the
	// next one or the next heartbeat, or as a gap.
	Late uint64 `json:"late"`
	// Oversized is the number of events over MaxEventBytes, which nobody saw.
	Oversized uint64 `json:"oversized"`
	// Stalled is the number of watchers that were dropped because a write to them
	// took too long.
	Stalled uint64 `json:"stalled"`
}

// New returns a mirror of rooms, which is among their members at once. The error
// says which field of the configuration cannot be used.
func New(config Config) (*Mirror, error) {
	config, err := config.settled()
	if err != nil {
		return nil, err
	}
	m := &Mirror{
		config: config,
		epoch:  strconv.FormatInt(time.Now().UnixNano(), 36),
		sse:    sse.New(),
		closed: make(chan struct{}),
	}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	m.sse.AutoReplay = false // it would be without bounds, and renumber events
	m.sse.SplitData = true
	m.sse.BufferSize = queued
	for i, room := range config.Rooms {
		f := &feed{mirror: m, room: room, stream: strconv.Itoa(i), id: fmt.Sprintf("mirror:%s-%d", m.epoch, i)}
		m.sse.CreateStream(f.stream)
		m.feeds = append(m.feeds, f)
		config.Namespace.Adapter().Add(f, room)
	}
	m.watching.Go(m.beat)
	return m, nil
}

// beat sends the heartbeats.
func (m *Mirror) beat() {
	tick := time.NewTicker(m.config.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-m.ctx.Done():
			return
		}
		for _, f := range m.feeds {
			f.beat()
		}
	}
}

// ServeHTTP answers GET with the events of the room that the query names, as long
// as the client listens; with one room only, the query need not name it. A room
// that is not shown is answered with 404, a request that is not authorised with
// 403, and with 503 when there are too many watchers or the mirror is closed.
//
// The response writer must be able to flush and to set write deadlines, as those
// of net/http are, also behind an Unwrap method.
func (m *Mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f := m.feed(r.URL.Query())
	if f == nil {
		http.Error(w, "no such room", http.StatusNotFound)
		return
	}
	if m.config.Authorize != nil && !m.config.Authorize(r, f.room) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	ctl := http.NewResponseController(w)
	if err := ctl.SetWriteDeadline(time.Now().Add(m.config.WriteTimeout)); err != nil {
		http.Error(w, "no streams on this connection", http.StatusInternalServerError)
		return
	}
	if !m.enter() {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "too many watchers", http.StatusServiceUnavailable)
		return
	}
	defer m.leave()
	ctx, end := context.WithCancel(r.Context())
	defer end()
	defer context.AfterFunc(m.ctx, end)()
	t := &watcher{
		mirror: m, feed: f, header: http.Header{}, resume: r.Header.Get("Last-Event-ID"), wake: make(chan struct{}, 1),
	}
	// What comes by the stream wakes the response, which never makes it wait.
	var stream sync.WaitGroup
	stream.Go(func() {
		defer end()
		m.sse.ServeHTTP(t, streamRequest(ctx, r, f.stream))
	})
	out := &outlet{w: w, ctl: ctl, timeout: m.config.WriteTimeout}
	out.serve(ctx, t, r.ProtoMajor == 1)
	if out.stalled {
		m.stalled.Add(1)
	}
	end()
	stream.Wait()
	// The end of the response is a write, too.
	_ = ctl.SetWriteDeadline(time.Now().Add(m.config.WriteTimeout))
}

// streamRequest returns the request as the sse.Server gets it. The stream is not
// the client's choice, and its Last-Event-ID has been read: it may be any text.
func streamRequest(ctx context.Context, r *http.Request, stream string) *http.Request {
	r = r.Clone(ctx)
	r.URL.RawQuery = url.Values{"stream": {stream}}.Encode()
	r.Header.Del("Last-Event-ID")
	return r
}

// feed returns the one that a query asks for, or nil.
func (m *Mirror) feed(query url.Values) *feed {
	if !query.Has("room") && len(m.feeds) == 1 {
		return m.feeds[0]
	}
	room := query.Get("room")
	i := slices.IndexFunc(m.feeds, func(f *feed) bool { return f.room == room && query.Has("room") })
	if i < 0 {
		return nil
	}
	return m.feeds[i]
}

// enter counts a watcher, unless there is no place for it.
func (m *Mirror) enter() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over || m.watchers >= m.config.MaxWatchers {
		return false
	}
	m.watchers++
	m.watching.Add(1)
	return true
}

func (m *Mirror) leave() {
	m.mu.Lock()
	m.watchers--
	m.mu.Unlock()
	m.watching.Done()
}

// Stats returns the counters.
func (m *Mirror) Stats() Stats {
	m.mu.Lock()
	watchers := m.watchers
	m.mu.Unlock()
	return Stats{
		Watchers: watchers, Events: m.events.Load(), Late: m.late.Load(),
		Oversized: m.oversized.Load(), Stalled: m.stalled.Load(),
	}
}

// Close takes the mirror out of its rooms, ends every stream and waits for that
// until the context ends, whose error it then returns, wrapped. Close it before
// the HTTP server, which would wait for the streams. Further calls wait in the
// same way.
func (m *Mirror) Close(ctx context.Context) error {
	m.closing.Do(func() {
		m.mu.Lock()
		m.over = true
		m.mu.Unlock()
		for _, f := range m.feeds {
			m.config.Namespace.Adapter().RemoveAll(f.id)
		}
		m.cancel()
		go func() {
			defer close(m.closed)
			// Only when the last watcher has gone: one that leaves a stream that has
			// ended would wait for ever.
			m.watching.Wait()
			m.sse.Close()
		}()
	})
	select {
	case <-m.closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("mirror: close: %w", ctx.Err())
	}
}
