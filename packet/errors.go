package packet

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
)

// EncodeError is the error of [Marshal]. Its text names types, never values;
// the cause it unwraps to may say more.
type EncodeError struct {
	// Arg is the index of the argument.
	Arg int
	// Type is the Go type of the argument, nil for an untyped nil.
	Type reflect.Type
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *EncodeError) Error() string {
	s := "packet: cannot encode argument " + strconv.Itoa(e.Arg)
	if e.Type != nil {
		s += " of type " + e.Type.String()
	}
	return s + ": " + encodeReason(e.Err)
}

// Unwrap returns the cause.
func (e *EncodeError) Unwrap() error {
	return e.Err
}

// What can be wrong with an argument besides what encoding/json finds.
var (
	errNested    = errors.New("packet: value is cyclic or nested too deeply")
	errLookalike = errors.New("packet: object poses as a binary placeholder beside binary values")
	errSealed    = errors.New("packet: binary value behind an embedded pointer to an unexported struct")
	errNotFinite = errors.New("packet: number is not finite")
)

func encodeReason(err error) string {
	for _, own := range []error{errNested, errLookalike, errSealed, errNotFinite, ErrTooDeep} {
		if errors.Is(err, own) {
			return own.Error()[len("packet: "):]
		}
	}
	if e, ok := errors.AsType[*json.UnsupportedTypeError](err); ok {
		return "unsupported type " + e.Type.String()
	}
	if e, ok := errors.AsType[*json.MarshalerError](err); ok {
		return "marshaler of type " + e.Type.String() + " failed"
	}
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return "unsupported value"
	}
	if _, ok := errors.AsType[*SyntaxError](err); ok {
		return "invalid raw JSON"
	}
	return "refused by its type"
}

// DecodeError is the error of [Unmarshal] and [UnmarshalArgs]. Its text names
// types and fields, never values; the cause it unwraps to may say more.
type DecodeError struct {
	// Arg is the index of the argument, 0 if a single one was decoded.
	Arg int
	// Type is the Go type of the target, nil for an untyped nil.
	Type reflect.Type
	// Err is the cause: a *[PlaceholderError], or an error of encoding/json or
	// of the target's own methods.
	Err error
}

// Error implements error.
func (e *DecodeError) Error() string {
	s := "packet: cannot decode argument " + strconv.Itoa(e.Arg)
	if e.Type != nil {
		s += " into " + e.Type.String()
	}
	return s + ": " + decodeReason(e.Err)
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error {
	return e.Err
}

var (
	errTarget     = errors.New("packet: target is not a pointer, or nil")
	errNotText    = errors.New("packet: binary value for a string")
	errNotBinary  = errors.New("packet: value is not binary")
	errBase64Text = errors.New("packet: invalid base64")
)

func decodeReason(err error) string {
	for _, own := range []error{errTarget, errNotText, errNotBinary, errBase64Text, errNested, ErrTooDeep} {
		if errors.Is(err, own) {
			return own.Error()[len("packet: "):]
		}
	}
	if e, ok := errors.AsType[*PlaceholderError](err); ok {
		return e.Error()[len("packet: "):]
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		// Value would quote a number; the kind of value is its first word.
		s := firstWord(e.Value) + " for type " + e.Type.String()
		if e.Field != "" {
			s += " of field " + e.Field
		}
		return s
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "invalid JSON"
	}
	if _, ok := errors.AsType[*SyntaxError](err); ok {
		return "invalid JSON"
	}
	return "refused by its type"
}

func firstWord(s string) string {
	for i := range len(s) {
		if s[i] == ' ' {
			return s[:i]
		}
	}
	return s
}
