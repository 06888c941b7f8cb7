package socketio

import (
	"slices"

	"github.com/heirloom-io/socketio/packet"
)

// The kinds of catch-all listeners, as bits of what a socket has.
const (
	watchIncoming uint32 = 1 << iota
	watchOutgoing
)

// watcher is a catch-all listener.
type watcher struct {
	id  uint32 // numbered along with the listeners of events
	in  func(*Event)
	out func(event string, args Args)
}

// OnAny adds a listener for every event the client sends, whatever its name. It
// is called before the middlewares of [Socket.Use] and the handlers of the event,
// in their turn, with the event as it came; it may answer it, and the first
// answer counts. Acknowledgements are no events. Since 3.0.
func (s *Socket) OnAny(fn func(*Event)) Subscription {
	return s.watchIn(fn, false)
}

// PrependAny adds a listener as [Socket.OnAny] does, ahead of those there are.
func (s *Socket) PrependAny(fn func(*Event)) Subscription {
	return s.watchIn(fn, true)
}

// OffAny removes all listeners that were added by OnAny and PrependAny; to remove
// one of them, cancel its subscription.
func (s *Socket) OffAny() { s.unwatch(watchIncoming) }

// ListenersAny returns the listeners of OnAny and PrependAny, in the order in
// which they are called.
func (s *Socket) ListenersAny() []func(*Event) {
	var list []func(*Event)
	for _, w := range s.watchers(watchIncoming) {
		list = append(list, w.in)
	}
	return list
}

// OnAnyOutgoing adds a listener for every event that is sent to the client, by
// its own socket or by a broadcast, once for each. Acknowledgements are no
// events. An event that is dropped afterwards, as volatile ones may be, is told
// too. Since 4.5.
//
// It is called by whoever emits, before the event is queued, and so for several
// events at once if several goroutines emit. It must not block, since a
// broadcast waits for it.
func (s *Socket) OnAnyOutgoing(fn func(event string, args Args)) Subscription {
	return s.watchOut(fn, false)
}

// PrependAnyOutgoing adds a listener as [Socket.OnAnyOutgoing] does, ahead of
// those there are.
func (s *Socket) PrependAnyOutgoing(fn func(event string, args Args)) Subscription {
	return s.watchOut(fn, true)
}

// OffAnyOutgoing removes all listeners that were added by OnAnyOutgoing and
// PrependAnyOutgoing; to remove one of them, cancel its subscription.
func (s *Socket) OffAnyOutgoing() { s.unwatch(watchOutgoing) }

// ListenersAnyOutgoing returns the listeners of OnAnyOutgoing and
// PrependAnyOutgoing, in the order in which they are called.
func (s *Socket) ListenersAnyOutgoing() []func(event string, args Args) {
	var list []func(string, Args)
	for _, w := range s.watchers(watchOutgoing) {
		list = append(list, w.out)
	}
	return list
}

func (s *Socket) watchIn(fn func(*Event), first bool) Subscription {
	if fn == nil {
		refuseHandler("*", fn, "nil")
	}
	return s.watch(watchIncoming, watcher{in: fn}, first)
}

func (s *Socket) watchOut(fn func(string, Args), first bool) Subscription {
	if fn == nil {
		refuseHandler("*", fn, "nil")
	}
	return s.watch(watchOutgoing, watcher{out: fn}, first)
}

func (s *Socket) watch(kind uint32, w watcher, first bool) Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	w.id = s.serial
	list := s.rareLocked().watchersOf(kind)
	if first {
		*list = append([]watcher{w}, *list...)
	} else {
		*list = append(slices.Clip(*list), w)
	}
	s.watched.Or(kind)
	return Subscription{s, w.id}
}

func (s *Socket) unwatch(kind uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.rareLocked().watchersOf(kind) = nil
	s.watched.And(^kind)
}

// cancelWatcherLocked removes one listener, if it is one of these.
func (s *Socket) cancelWatcherLocked(id uint32) {
	for _, kind := range [...]uint32{watchIncoming, watchOutgoing} {
		if s.watched.Load()&kind == 0 {
			continue
		}
		list := s.rare.watchersOf(kind)
		// Those who are being called have the old list, so it is not changed.
		*list = slices.DeleteFunc(slices.Clone(*list), func(w watcher) bool { return w.id == id })
		if len(*list) == 0 {
			s.watched.And(^kind)
		}
	}
}

func (r *rare) watchersOf(kind uint32) *[]watcher {
	if kind == watchIncoming {
		return &r.incoming
	}
	return &r.outgoing
}

// watchers returns the listeners of a kind, nil if there are none. It must not be
// changed.
func (s *Socket) watchers(kind uint32) []watcher {
	if s.watched.Load()&kind == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.rareLocked().watchersOf(kind)
}

func (s *Socket) isEnding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending != nil
}

// tellIncoming calls the listeners for what the client sends.
func (s *Socket) tellIncoming(ev *Event) {
	each(s.watchers(watchIncoming), func(w watcher) {
		s.guard(func() { w.in(ev) })
	})
}

// tellOutgoing calls the listeners for what is sent to the client. The error
// handlers have to wait their turn, as it is not the dispatcher that calls.
func (s *Socket) tellOutgoing(p *packet.Packet) {
	watchers := s.watchers(watchOutgoing)
	if len(watchers) == 0 || s.isEnding() {
		return
	}
	args, err := argsOf(p, nil)
	if err != nil {
		return // nobody could take such an event
	}
	each(watchers, func(w watcher) {
		if err := s.protect(func() { w.out(p.Name, args) }); err != nil {
			s.client.push(func() { s.report(err) })
		}
	})
}
