package socketio

import (
	"errors"
	"reflect"
)

// call calls a handler of this shape with an event, and answers the event with
// its results. The error is for the socket's error handlers.
func (s *shape) call(fn any, ev *Event) error {
	if s.direct != nil {
		return s.direct(fn, ev)
	}
	in, err := s.arguments(ev)
	if err != nil {
		return err
	}
	return s.results(reflect.ValueOf(fn).Call(in), ev)
}

func (s *shape) arguments(ev *Event) ([]reflect.Value, error) {
	in := make([]reflect.Value, 0, len(s.params)+1)
	next := 0
	for i := range s.params {
		p := &s.params[i]
		switch p.from {
		case fromContext:
			in = append(in, reflect.ValueOf(ev.Context()))
		case fromSocket:
			in = append(in, reflect.ValueOf(ev.socket))
		case fromEvent:
			in = append(in, reflect.ValueOf(ev))
		case fromArguments:
			v, err := decoded(ev, next, p.typ, p.zero)
			if err != nil {
				return nil, err
			}
			in = append(in, v)
			next++
		}
	}
	if s.rest != nil {
		for ; next < ev.Len(); next++ {
			v, err := decoded(ev, next, s.rest, reflect.Value{})
			if err != nil {
				return nil, err
			}
			in = append(in, v)
		}
	}
	if s.ack != nil {
		in = append(in, acknowledger(s.ack, ev))
	}
	return in, nil
}

func decoded(ev *Event, i int, t reflect.Type, zero reflect.Value) (reflect.Value, error) {
	if i >= ev.Len() {
		return zero, nil
	}
	v := reflect.New(t)
	if err := ev.Decode(i, v.Interface()); err != nil {
		return reflect.Value{}, err
	}
	return v.Elem(), nil
}

// acknowledger makes the func that a handler answers with. It is never nil, so
// that handlers need not ask whether the client wants to know.
func acknowledger(t reflect.Type, ev *Event) reflect.Value {
	return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
		args := make([]any, 0, len(in))
		for i, v := range in {
			if t.IsVariadic() && i == len(in)-1 {
				for j := range v.Len() {
					args = append(args, v.Index(j).Interface())
				}
				continue
			}
			args = append(args, v.Interface())
		}
		if t.NumOut() == 0 {
			ev.reply(args...)
			return nil
		}
		err := reflect.Zero(typeError)
		if e := ev.Ack(args...); e != nil {
			err = reflect.ValueOf(&e).Elem()
		}
		return []reflect.Value{err}
	})
}

// results answers an event with what its handler returned.
func (s *shape) results(out []reflect.Value, ev *Event) error {
	if s.err {
		last := out[len(out)-1]
		if err, _ := last.Interface().(error); err != nil {
			return ev.fail(err)
		}
	}
	switch {
	case s.value:
		return unlessGone(ev.Ack(out[0].Interface()))
	case s.err && s.ack == nil:
		return unlessGone(ev.Ack())
	}
	return nil
}

// reply answers for a func that cannot return an error.
func (ev *Event) reply(args ...any) {
	if err := unlessGone(ev.Ack(args...)); err != nil {
		// The func may be called from any goroutine; error handlers have to
		// wait their turn like all others.
		ev.socket.client.push(func() { ev.socket.report(err) })
	}
}

// unlessGone drops the error of an answer that came after the end of the
// socket: nobody is left to mind.
func unlessGone(err error) error {
	if errors.Is(err, ErrDisconnected) {
		return nil
	}
	return err
}
