package mirror

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// Defaults of Config.
const (
	DefaultMaxWatchers   = 1000
	DefaultMaxEventBytes = 64 << 10
	DefaultReplayEvents  = 256
	DefaultReplayBytes   = 1 << 20
	DefaultWriteTimeout  = 5 * time.Second
	DefaultHeartbeat     = 15 * time.Second
	DefaultRetry         = 2 * time.Second
)

// Config says what a mirror shows, and how much it may cost. Only Namespace and
// Rooms must be set.
type Config struct {
	// Namespace is where the rooms are.
	Namespace *socketio.Namespace
	// Rooms are those that can be watched, and no others: a room may be as private
	// as a socket, whose id is one.
	Rooms []string
	// Authorize says whether a request may watch a room; a request that may not is
	// answered with 403. It is called once for each watcher, before anything is
	// sent, and for several at once. Nil lets everybody. A stream ends with the
	// context of its request, by which a handler before the mirror can see to it that
	// a right does not outlast its time: who comes back is asked again.
	Authorize func(r *http.Request, room string) bool
	// MaxWatchers bounds those who watch at the same time, in all rooms together;
	// further ones are answered with 503. Default 1000.
	MaxWatchers int
	// MaxEventBytes bounds an event as the watchers see it, in bytes of JSON.
	// Larger ones are not shown, and are counted in Stats. Some 130 events of each
	// room may be on their way to its watchers. Default 64 KiB.
	MaxEventBytes int
	// ReplayEvents and ReplayBytes bound what is held of each room for watchers
	// that come back or fall behind. Default 256 events and 1 MiB of JSON;
	// negative for nothing at all.
	ReplayEvents int
	ReplayBytes  int
	// WriteTimeout bounds each write to a watcher, who is dropped when it is over.
	// Default 5 s.
	WriteTimeout time.Duration
	// Heartbeat is the time between the comments that keep proxies from closing a
	// stream, and show that a watcher has gone. Default 15 s.
	Heartbeat time.Duration
	// Retry is how long an EventSource is to wait before it comes back. Default 2 s,
	// in steps of a millisecond.
	Retry time.Duration
}

// settled returns a copy with the defaults in place.
func (c Config) settled() (Config, error) {
	if c.Namespace == nil {
		return c, errors.New("mirror: no namespace")
	}
	if len(c.Rooms) == 0 {
		return c, errors.New("mirror: no rooms")
	}
	c.Rooms = slices.Clone(c.Rooms)
	seen := map[string]bool{}
	for _, room := range c.Rooms {
		if seen[room] {
			return c, fmt.Errorf("mirror: room %q is named twice", room)
		}
		seen[room] = true
	}
	for _, f := range []struct {
		value *int
		name  string
		usual int
		none  bool
	}{
		{&c.MaxWatchers, "MaxWatchers", DefaultMaxWatchers, false},
		{&c.MaxEventBytes, "MaxEventBytes", DefaultMaxEventBytes, false},
		{&c.ReplayEvents, "ReplayEvents", DefaultReplayEvents, true},
		{&c.ReplayBytes, "ReplayBytes", DefaultReplayBytes, true},
	} {
		switch {
		case *f.value == 0:
			*f.value = f.usual
		case *f.value < 0 && !f.none:
			return c, fmt.Errorf("mirror: %s is negative", f.name)
		case *f.value < 0:
			*f.value = 0
		}
	}
	for _, f := range []struct {
		value *time.Duration
		name  string
		usual time.Duration
	}{
		{&c.WriteTimeout, "WriteTimeout", DefaultWriteTimeout},
		{&c.Heartbeat, "Heartbeat", DefaultHeartbeat},
		{&c.Retry, "Retry", DefaultRetry},
	} {
		switch {
		case *f.value == 0:
			*f.value = f.usual
		case *f.value < 0:
			return c, fmt.Errorf("mirror: %s is negative", f.name)
		}
	}
	return c, nil
}
