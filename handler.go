package socketio

import (
	"context"
	"io"
	"reflect"
	"sync"
)

// shape is what is known of a type of handlers: what its parameters take and
// what its results mean. It is found out once for each type in the program.
type shape struct {
	typ reflect.Type
	// direct calls handlers of common types without reflection, or is nil.
	direct directCall
	params []param
	// rest is the type of an element of a variadic parameter, or nil.
	rest reflect.Type
	// ack is the type of a last parameter that takes the acknowledgement, or
	// nil.
	ack reflect.Type
	// value and err say that there is a result of that kind.
	value, err bool
}

// param is a parameter that takes a value of the server's or an argument.
type param struct {
	from source
	typ  reflect.Type
	zero reflect.Value
}

type source uint8

const (
	fromArguments source = iota
	fromContext
	fromSocket
	fromEvent
)

var (
	typeContext = reflect.TypeFor[context.Context]()
	typeSocket  = reflect.TypeFor[*Socket]()
	typeEvent   = reflect.TypeFor[*Event]()
	typeError   = reflect.TypeFor[error]()
	typeReader  = reflect.TypeFor[io.Reader]()
)

// shapes holds the shapes found so far by reflect.Type.
var shapes sync.Map

// mustShape is shapeOf for a handler, for which being wrong is a mistake in the
// program.
func mustShape(event string, handler any) *shape {
	if isReserved(event) {
		refuseHandler(event, handler, "the name is reserved; the life-cycle has methods of its own, such as OnDisconnect")
	}
	s, err := shapeOf(event, handler)
	if err != nil {
		panic(err)
	}
	return s
}

// refuseHandler panics for a func that cannot be a handler, which is a mistake in
// the program.
func refuseHandler(event string, handler any, problem string) {
	panic(&HandlerError{Event: event, Type: typeName(reflect.TypeOf(handler)), Problem: problem})
}

func shapeOf(event string, handler any) (*shape, error) {
	t := reflect.TypeOf(handler)
	if t == nil || t.Kind() != reflect.Func {
		return nil, &HandlerError{Event: event, Type: typeName(t), Problem: "not a func"}
	}
	if reflect.ValueOf(handler).IsNil() {
		return nil, &HandlerError{Event: event, Type: typeName(t), Problem: "nil"}
	}
	if known, ok := shapes.Load(t); ok {
		return known.(*shape), nil
	}
	s, problem := newShape(t)
	if problem != "" {
		return nil, &HandlerError{Event: event, Type: typeName(t), Problem: problem}
	}
	known, _ := shapes.LoadOrStore(t, s)
	return known.(*shape), nil
}

func typeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	return t.String()
}

func (s *shape) name() string { return typeName(s.typ) }

// newShape examines a type of funcs. The problem is empty if there is none.
func newShape(t reflect.Type) (s *shape, problem string) {
	s = &shape{typ: t, direct: directCalls[t]}
	n := t.NumIn()
	if t.IsVariadic() {
		n--
		s.rest = t.In(n).Elem()
		if problem := undecodable(s.rest); problem != "" {
			return nil, problem
		}
	} else if n > 0 && t.In(n-1).Kind() == reflect.Func {
		n--
		s.ack = t.In(n)
		if problem := unfitAck(s.ack); problem != "" {
			return nil, problem
		}
	}
	leading := true
	for i := range n {
		p := param{typ: t.In(i)}
		if leading {
			p.from = sourceOf(p.typ)
			leading = p.from != fromArguments
		}
		if p.from == fromArguments {
			if problem := undecodable(p.typ); problem != "" {
				return nil, problem
			}
			p.zero = reflect.Zero(p.typ)
		}
		s.params = append(s.params, p)
	}
	return s, s.examineResults()
}

func (s *shape) examineResults() (problem string) {
	n := s.typ.NumOut()
	if n > 0 && s.typ.Out(n-1) == typeError {
		s.err = true
		n--
	}
	switch {
	case n > 1:
		return "results must be none, a value, an error, or a value and an error"
	case n == 0:
		return ""
	case s.ack != nil:
		return "a handler that takes the acknowledgement as a func must not return a value"
	}
	s.value = true
	return undecodable(s.typ.Out(0))
}

func sourceOf(t reflect.Type) source {
	switch t {
	case typeContext:
		return fromContext
	case typeSocket:
		return fromSocket
	case typeEvent:
		return fromEvent
	}
	return fromArguments
}

// undecodable says why a type can stand for no JSON value, as far as that is
// sure. What is inside of a type may surprise in both ways, so only the type
// itself is judged.
func undecodable(t reflect.Type) (problem string) {
	if sourceOf(t) != fromArguments {
		return t.String() + " must stand before what is decoded from the arguments"
	}
	switch t.Kind() {
	case reflect.Func:
		return "only the last parameter may be a func, which takes the acknowledgement"
	case reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return t.String() + " stands for no JSON value"
	case reflect.Interface:
		if t.NumMethod() > 0 && t != typeReader {
			return "of interfaces, only any and io.Reader can take an argument"
		}
	}
	return ""
}

func unfitAck(t reflect.Type) (problem string) {
	if t.NumOut() > 1 || (t.NumOut() == 1 && t.Out(0) != typeError) {
		return "the func that takes the acknowledgement may return an error only"
	}
	return ""
}

// unfitCallback says why a handler of this shape cannot be the callback for an
// acknowledgement.
func (s *shape) unfitCallback() (problem string) {
	switch {
	case s.ack != nil:
		return "an acknowledgement cannot be acknowledged"
	case s.value:
		return "a callback must not return a value"
	}
	return ""
}
