package socketio

import "slices"

// listener is a func that waits for an event of a socket.
type listener struct {
	event string
	fn    any
	shape *shape // nil for those of the life-cycle
	id    uint32
	once  bool
}

// Subscription is a handler that waits for events. The zero value is none.
type Subscription struct {
	socket *Socket
	id     uint32
}

// Cancel removes the handler. An event that is being handled may still reach
// it.
func (b Subscription) Cancel() {
	if b.socket != nil {
		b.socket.cancel(b.id)
	}
}

// On adds a handler for the events of a name. It may be
//
//   - func(*Event), which gets the event as it came, or
//   - any func whose parameters are decoded from the event's arguments, one
//     after the other, as by encoding/json. A []byte or an io.Reader takes a
//     binary argument. Arguments that the client left out are zero, surplus
//     ones are dropped, and a variadic parameter takes all that are left.
//
// In both forms the first parameters may be a context.Context, which ends with
// the socket, the *Socket, or the *Event. A last parameter that is a func takes
// the acknowledgement: calling it answers the client, the first time, and does
// nothing if the client did not ask. Otherwise results answer the client: (T),
// (T, error) or (error), where an error is sent as {"error": message}, with the
// message of an [*Error] only. A handler without results and without such a func
// does not answer.
//
// When the arguments do not fit, the handlers of [Socket.OnError] get an
// *ArgumentError and the connection stays.
//
// Several handlers of one event are called in the order in which they were
// added; the first answer counts. On panics with a *HandlerError if the func
// has no such form, or if the name is one that [ErrReservedEvent] lists, as the
// life-cycle has methods of its own.
func (s *Socket) On(event string, handler any) Subscription {
	return s.listen(event, listener{fn: handler, shape: mustShape(event, handler)})
}

// Once adds a handler as [Socket.On] does, for one event only.
func (s *Socket) Once(event string, handler any) Subscription {
	return s.listen(event, listener{fn: handler, shape: mustShape(event, handler), once: true})
}

// Off removes all handlers of an event that were added by On and Once.
func (s *Socket) Off(event string) {
	if !isReserved(event) {
		s.unlisten(func(l *listener) bool { return l.event == event })
	}
}

func (s *Socket) listen(event string, l listener) Subscription {
	l.event = event
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	l.id = s.serial
	s.listeners = append(s.listeners, l)
	return Subscription{s, l.id}
}

func (s *Socket) cancel(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = slices.DeleteFunc(s.listeners, func(l listener) bool { return l.id == id })
	s.cancelWatcherLocked(id)
}

func (s *Socket) unlisten(match func(*listener) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = slices.DeleteFunc(s.listeners, func(l listener) bool { return match(&l) })
}

// matching appends the listeners of an event to dst, and removes those that
// wanted it once.
func (s *Socket) matching(dst []listener, event string) []listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	once := false
	for i := range s.listeners {
		if l := &s.listeners[i]; l.event == event {
			dst = append(dst, *l)
			once = once || l.once
		}
	}
	if once {
		s.listeners = slices.DeleteFunc(s.listeners, func(l listener) bool {
			return l.once && l.event == event
		})
	}
	return dst
}
