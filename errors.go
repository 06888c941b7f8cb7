package socketio

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// Errors that methods of this package return; compare with errors.Is.
var (
	// ErrServerClosed is returned once [Server.Close] has been called.
	ErrServerClosed = errors.New("socketio: server closed")
	// ErrDisconnected is returned for a socket that is not connected any more,
	// mostly as a [DisconnectError].
	ErrDisconnected = errors.New("socketio: socket disconnected")
	// ErrReservedEvent is returned for emitting an event whose name belongs to
	// the library: connect, connect_error, disconnect, disconnecting, error,
	// newListener or removeListener; between nodes, connection too. Events of these
	// names are not taken from clients either.
	ErrReservedEvent = errors.New("socketio: reserved event name")
	// ErrAckOnBroadcast is returned for asking an acknowledgement of a
	// broadcast.
	ErrAckOnBroadcast = errors.New("socketio: acknowledgements are not supported when broadcasting")
	// ErrAcksUnsupported is returned for asking an acknowledgement of a client
	// whose release knows none.
	ErrAcksUnsupported = errors.New("socketio: the client's release has no acknowledgements")
	// ErrTooManyAcks is returned when a socket owes too many acknowledgements.
	ErrTooManyAcks = errors.New("socketio: too many acknowledgements outstanding")
	// ErrSlow is returned when a client did not take what was sent to it; it is
	// being closed with [ReasonSlowConsumer].
	ErrSlow = versions.ErrSlow
	// ErrDropped is returned by [Operator.EmitWithAck] for a volatile event that
	// was dropped, as its answer can never come.
	ErrDropped = versions.ErrDropped
)

// Error is an error made for clients. A middleware returns it to refuse a
// socket or an event with data, and a handler to answer with a failure.
//
// A middleware may return any other error too; the client then gets its text.
type Error struct {
	// Message is the text the client gets, unless there is Data.
	Message string
	// Data, unless nil, is sent in place of the message by a middleware, as the
	// property data of an error was in Socket.IO, and beside it by a handler.
	Data any
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// ClientError is what a client reported by an ERROR packet. It reaches the
// handlers of [Socket.OnError], where no client can pass it off as an error of
// the server.
type ClientError struct {
	// Data is what the client sent, one JSON value, or nil.
	Data json.RawMessage
}

// Error returns a text without the data.
func (e *ClientError) Error() string { return "socketio: the client reported an error" }

// ArgumentError says that what a client sent does not fit what a handler
// takes.
type ArgumentError struct {
	// Event is the name of the event, empty for an acknowledgement.
	Event string
	// Index is the argument's, from 0; -1 if the arguments could not be split.
	Index int
	// Err is the reason.
	Err error
}

// Error returns a text with the index and the reason.
func (e *ArgumentError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("socketio: arguments: %v", e.Err)
	}
	return fmt.Sprintf("socketio: argument %d: %v", e.Index, e.Err)
}

// Unwrap returns the reason.
func (e *ArgumentError) Unwrap() error { return e.Err }

// PanicError reports a panic in a handler, a middleware or a callback.
type PanicError struct {
	// Value is what the code panicked with.
	Value any
	// Stack is the stack at that moment, as of debug.Stack.
	Stack []byte
}

// Error returns a text without the value, which may hold a client's data.
func (e *PanicError) Error() string { return "socketio: panic in a handler" }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// HandlerError says why a func cannot be a handler or a callback.
// [Socket.On] panics with it, [Socket.Emit] returns it.
type HandlerError struct {
	// Event is the event's name.
	Event string
	// Type is the func's type, as Go writes it.
	Type string
	// Problem says what is wrong with it.
	Problem string
}

// Error returns all of it.
func (e *HandlerError) Error() string {
	return fmt.Sprintf("socketio: handler %s for event %q: %s", e.Type, e.Event, e.Problem)
}

const (
	messageInvalidNamespace  = "Invalid namespace"
	messageTooManyNamespaces = "Too many namespaces"
	messageInternal          = "Internal error"
)

// errNoVerdict stands for the answer of a middleware that ended its goroutine
// instead of giving one.
var errNoVerdict error = &Error{Message: messageInternal}

// refusal is what the ERROR packet for an error of a middleware says: its text,
// and the data of an *Error as JSON. Both come from the application's code, which
// may panic there as anywhere.
func (s *Socket) refusal(err error) (message string, data []byte) {
	message = messageInternal
	_ = s.protect(func() { message, data = refusal(err) })
	return message, data
}

func refusal(err error) (message string, data []byte) {
	var deliberate *Error
	if errors.As(err, &deliberate) {
		if deliberate.Data != nil {
			// Attachments have no place in an ERROR packet of any release.
			if raw, attachments, err := packet.Marshal([]any{deliberate.Data}); err == nil && len(attachments) == 0 {
				data = raw
			}
		}
		return deliberate.Message, data
	}
	if panicked := (*PanicError)(nil); errors.As(err, &panicked) {
		return messageInternal, nil
	}
	return err.Error(), nil
}

// failure is the one argument of the acknowledgement for an error of a handler.
// Unlike that of a middleware, such an error is rarely meant for clients, so
// only an *Error is shown to them.
type failure struct {
	Error string `json:"error"`
	Data  any    `json:"data,omitempty"`
}

func failureOf(err error) (f failure, deliberate bool) {
	var e *Error
	if errors.As(err, &e) {
		return failure{Error: e.Message, Data: e.Data}, true
	}
	return failure{Error: messageInternal}, false
}

// isReserved reports whether an event name belongs to the library. Such events
// are neither sent nor taken from clients, who could otherwise forge the
// life-cycle of a socket, as they can with servers of 2.x.
func isReserved(event string) bool {
	switch event {
	case "connect", "connect_error", eventDisconnect, eventDisconnecting, eventError, "newListener", "removeListener":
		return true
	}
	return false
}

// isReservedForServers reports whether nodes keep an event name from each other:
// what a namespace is told of its sockets is one more there. Between a socket and
// its client "connection" is a name like all others.
func isReservedForServers(event string) bool {
	return event == "connection" || isReserved(event)
}
