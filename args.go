package socketio

import (
	"encoding/json"
	"slices"

	"github.com/heirloom-io/socketio/packet"
)

// Args are the arguments of an event or an acknowledgement: JSON values that
// have not been decoded yet, with the binary values they refer to. The zero
// value has none.
type Args struct {
	items       [][]byte
	attachments [][]byte
}

// argsOf splits the arguments of a packet, into buf if they fit.
func argsOf(p *packet.Packet, buf [][]byte) (Args, error) {
	items, err := packet.Split(p.Args, buf)
	if err != nil {
		return Args{}, &ArgumentError{Event: p.Name, Index: -1, Err: err}
	}
	return Args{items: items, attachments: p.Attachments}, nil
}

// Len returns the number of arguments.
func (a Args) Len() int { return len(a.items) }

// Raw returns an argument as it came, nil if there is none of that index. The
// places of binary values hold {"_placeholder":true,"num":N}, N being an index
// into [Args.Attachments]. It must not be changed.
func (a Args) Raw(i int) json.RawMessage {
	if i < 0 || i >= len(a.items) {
		return nil
	}
	return a.items[i]
}

// Attachments returns the binary values of all arguments. They must not be
// changed.
func (a Args) Attachments() [][]byte { return slices.Clip(a.attachments) }

// Decode stores an argument in the value that v points to, as by
// encoding/json, with binary values in []byte, io.Reader or any. If there is no
// argument of that index, v is left as it is. The error is an *ArgumentError.
func (a Args) Decode(i int, v any) error {
	if i < 0 || i >= len(a.items) {
		return nil
	}
	if err := packet.Unmarshal(a.items[i], a.attachments, v); err != nil {
		return &ArgumentError{Index: i, Err: err}
	}
	return nil
}

// Scan decodes arguments into values, one after the other. Surplus arguments are
// dropped, and values for which there are none are left as they are.
func (a Args) Scan(values ...any) error {
	for i, v := range values {
		if err := a.Decode(i, v); err != nil {
			return err
		}
	}
	return nil
}

// Values decodes all arguments into the types encoding/json chooses, and []byte
// for binary values.
func (a Args) Values() ([]any, error) {
	values := make([]any, len(a.items))
	for i := range values {
		if err := a.Decode(i, &values[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}
