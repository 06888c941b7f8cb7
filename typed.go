package socketio

import "context"

// Handle adds a handler whose types the compiler knows: it decodes the first
// argument of the event into in, and what the handler returns answers the
// client, an error as [Socket.On] describes. The context ends with the socket.
//
// It does the same as Socket.On with the same func, without reflection at run
// time.
func Handle[In, Out any](s *Socket, event string, fn func(ctx context.Context, in In) (Out, error)) Subscription {
	if fn == nil {
		panic(&HandlerError{Event: event, Type: "nil", Problem: "nil"})
	}
	return s.listen(event, listener{fn: fn, shape: typedShape[In, Out](event, fn)})
}

// typedShape returns the shape of the func, with the direct call that can be made
// only where its types are known. On profits from it for the same type.
func typedShape[In, Out any](event string, fn func(context.Context, In) (Out, error)) *shape {
	general := mustShape(event, fn)
	if general.direct != nil {
		return general
	}
	if in := general.params[len(general.params)-1]; in.from != fromArguments {
		panic(&HandlerError{Event: event, Type: general.name(), Problem: in.typ.String() + " is no argument"})
	}
	typed := *general
	typed.direct = directTyped[In, Out]
	shapes.Store(typed.typ, &typed)
	return &typed
}

func directTyped[In, Out any](fn any, ev *Event) error {
	var in In
	if err := ev.Decode(0, &in); err != nil {
		return err
	}
	out, err := fn.(func(context.Context, In) (Out, error))(ev.Context(), in)
	if err != nil {
		return ev.fail(err)
	}
	return unlessGone(ev.Ack(out))
}
