package socketio

import (
	"encoding/json"
	"reflect"
)

// directCall calls a handler whose type it knows.
type directCall func(fn any, ev *Event) error

// directCalls holds the calls for types that are common enough to be spared the
// cost of reflection, which is several times that of decoding a short argument.
var directCalls = map[reflect.Type]directCall{
	reflect.TypeFor[func()](): func(fn any, _ *Event) error {
		fn.(func())()
		return nil
	},
	reflect.TypeFor[func(*Event)](): func(fn any, ev *Event) error {
		fn.(func(*Event))(ev)
		return nil
	},
	reflect.TypeFor[func(...any)](): func(fn any, ev *Event) error {
		values, err := ev.args.Values()
		if err != nil {
			return err
		}
		fn.(func(...any))(values...)
		return nil
	},

	reflect.TypeFor[func(string)]():          direct1[string],
	reflect.TypeFor[func(int)]():             direct1[int],
	reflect.TypeFor[func(float64)]():         direct1[float64],
	reflect.TypeFor[func(bool)]():            direct1[bool],
	reflect.TypeFor[func([]byte)]():          direct1[[]byte],
	reflect.TypeFor[func(any)]():             direct1[any],
	reflect.TypeFor[func(map[string]any)]():  direct1[map[string]any],
	reflect.TypeFor[func(json.RawMessage)](): direct1[json.RawMessage],

	reflect.TypeFor[func(string, string)]():          direct2[string, string],
	reflect.TypeFor[func(string, any)]():             direct2[string, any],
	reflect.TypeFor[func(string, json.RawMessage)](): direct2[string, json.RawMessage],

	reflect.TypeFor[func(string, func(string))]():          directAck[string, string],
	reflect.TypeFor[func(string, func(any))]():             directAck[string, any],
	reflect.TypeFor[func([]byte, func([]byte))]():          directAck[[]byte, []byte],
	reflect.TypeFor[func(any, func(any))]():                directAck[any, any],
	reflect.TypeFor[func(json.RawMessage, func(any))]():    directAck[json.RawMessage, any],
	reflect.TypeFor[func(any, func(...any))]():             directAcks[any],
	reflect.TypeFor[func(string, func(...any))]():          directAcks[string],
	reflect.TypeFor[func(json.RawMessage, func(...any))](): directAcks[json.RawMessage],
	reflect.TypeFor[func(map[string]any, func(...any))]():  directAcks[map[string]any],
	reflect.TypeFor[func(json.RawMessage, func(json.RawMessage))](): directAck[
		json.RawMessage, json.RawMessage,
	],
}

func direct1[A any](fn any, ev *Event) error {
	var a A
	if err := ev.Decode(0, &a); err != nil {
		return err
	}
	fn.(func(A))(a)
	return nil
}

func direct2[A, B any](fn any, ev *Event) error {
	var a A
	var b B
	if err := ev.Decode(0, &a); err != nil {
		return err
	}
	if err := ev.Decode(1, &b); err != nil {
		return err
	}
	fn.(func(A, B))(a, b)
	return nil
}

func directAck[A, R any](fn any, ev *Event) error {
	var a A
	if err := ev.Decode(0, &a); err != nil {
		return err
	}
	fn.(func(A, func(R)))(a, func(r R) { ev.reply(r) })
	return nil
}

func directAcks[A any](fn any, ev *Event) error {
	var a A
	if err := ev.Decode(0, &a); err != nil {
		return err
	}
	fn.(func(A, func(...any)))(a, ev.reply)
	return nil
}
