package socketio

import (
	"runtime/debug"
	"slices"

	"github.com/heirloom-io/socketio/packet"
)

// Use adds a middleware for the events the client sends, which is called before
// their handlers, in the order in which middlewares were added. It may change
// the event. An error drops the event. A client of 1.x or 2.x gets an ERROR
// packet for it as from a middleware of the namespace, see [Namespace.Use]; for
// others, who would leave the namespace, it goes to [Socket.OnError]. Since 1.6.
func (s *Socket) Use(fn func(*Event) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rareLocked()
	r.middleware = append(slices.Clip(r.middleware), fn)
}

func (s *Socket) middlewares() []func(*Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return nil
	}
	return s.rare.middleware
}

// dispatch takes an event through the middlewares to its handlers.
func (s *Socket) dispatch(p *packet.Packet) {
	if isReserved(p.Name) {
		return
	}
	middlewares := s.middlewares()
	var few [2]listener
	listeners := few[:0]
	watched := s.watched.Load()&watchIncoming != 0
	if len(middlewares) == 0 && !watched {
		if listeners = s.matching(listeners, p.Name); len(listeners) == 0 {
			return
		}
	}
	ev, err := newEvent(s, p)
	if err != nil {
		s.report(err)
		return
	}
	s.tellIncoming(ev)
	if len(middlewares) > 0 && !s.filter(middlewares, ev) {
		return
	}
	if len(middlewares) > 0 || watched {
		// Only now is it certain what the event is called, and who waits for it.
		listeners = s.matching(listeners, ev.name)
	}
	each(listeners, func(l listener) {
		if err := s.invoke(&l, ev); err != nil {
			s.report(err)
		}
	})
}

// turnDown tells the client that an event was refused, or the handlers for errors
// if its release would leave the namespace for that.
func (s *Socket) turnDown(err error) {
	if !s.client.conn.Can(packet.FeatureEventErrors) {
		s.report(err)
		return
	}
	message, data := s.refusal(err)
	s.client.refuse(s.ns.name, message, data)
}

// filter asks the middlewares, in order, until one refuses, and then tells the
// client.
func (s *Socket) filter(middlewares []func(*Event) error, ev *Event) bool {
	verdict := errNoVerdict
	defer func() {
		if verdict != nil {
			s.turnDown(verdict)
		}
	}()
	for _, fn := range middlewares {
		if err := s.consult(fn, ev); err != nil {
			verdict = err
			return false
		}
	}
	verdict = nil
	return true
}

func (s *Socket) consult(fn func(*Event) error, ev *Event) (err error) {
	defer s.recovered(&err)
	return fn(ev)
}

func (s *Socket) invoke(l *listener, ev *Event) (err error) {
	defer s.recovered(&err)
	return l.shape.call(l.fn, ev)
}

// recovered is deferred around the application's code. It turns a panic into an
// error and logs it, as it would otherwise be seen by those only who have a
// handler for errors.
func (s *Socket) recovered(err *error) {
	if v := recover(); v != nil {
		e := &PanicError{Value: v, Stack: debug.Stack()}
		*err = e
		s.server().log().Error("handler panicked", "namespace", s.ns.name, "socket", s.id,
			"panic", v, "stack", string(e.Stack))
	}
}

// guard runs a handler and reports its panic.
func (s *Socket) guard(fn func()) {
	if err := s.protect(fn); err != nil {
		s.report(err)
	}
}

func (s *Socket) protect(fn func()) (err error) {
	defer s.recovered(&err)
	fn()
	return nil
}

// report hands an error to the socket's handlers for errors. A panic in one of
// them is logged only.
func (s *Socket) report(err error) {
	listeners := s.matching(nil, eventError)
	if len(listeners) == 0 {
		s.server().log().Debug("socket error", "namespace", s.ns.name, "socket", s.id, "error", err)
		return
	}
	each(listeners, func(l listener) {
		if fn, ok := l.fn.(func(error)); ok {
			_ = s.protect(func() { fn(err) })
		}
	})
}
