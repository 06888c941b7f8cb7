package socketio

import (
	"log/slog"
	"runtime/debug"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// decoder and encoder return the application's rules for messages of 0.1 to 0.6,
// nil if it has none. A panic in one drops the message: it runs where a client's
// connection is read, or in the middle of a broadcast to a room.
func (m *MessagesConfig) decoder(log *slog.Logger) func(compat.Message) (*packet.Packet, error) {
	return fenced(log, "Messages.Decode", m.Decode)
}

func (m *MessagesConfig) encoder(log *slog.Logger) func(*packet.Packet) (compat.Message, error) {
	return fenced(log, "Messages.Encode", m.Encode)
}

// fenced returns a function whose panic is an error, and logged.
func fenced[A, B any](log *slog.Logger, name string, fn func(A) (B, error)) func(A) (B, error) {
	if fn == nil {
		return nil
	}
	return func(a A) (b B, err error) {
		defer func() {
			if v := recover(); v != nil {
				e := &PanicError{Value: v, Stack: debug.Stack()}
				err = e
				log.Error("rule for messages panicked", "rule", name, "panic", v, "stack", string(e.Stack))
			}
		}()
		return fn(a)
	}
}
