package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

type namedString string

type namedHandler func(string)

// TestHandlerShapes feeds an event that wants an acknowledgement to a handler of
// each form. What the handler notes and what the client gets is compared.
func TestHandlerShapes(t *testing.T) {
	t.Parallel()
	var note func(format string, args ...any)
	none := []string(nil)
	tests := []struct {
		name    string
		handler func() any
		args    string
		binary  [][]byte
		notes   []string
		acks    []string
	}{
		{"none", func() any { return func() { note("called") } }, `1,2`, nil, []string{"called"}, none},
		{
			"raw", func() any {
				return func(ev *Event) {
					note("%s %d %v %s", ev.Name(), ev.Len(), ev.WantsAck(), ev.Args().Raw(1))
					_ = ev.Ack("a", 2)
				}
			}, `1,{"a":[2]}`, nil,
			[]string{`ev 2 true {"a":[2]}`},
			[]string{`ack / #7("a",2)`},
		},
		{"string", func() any { return func(s string) { note("%s", s) } }, `"hé"`, nil, []string{"hé"}, none},
		{"named string", func() any { return func(s namedString) { note("%s", s) } }, `"x"`, nil, []string{"x"}, none},
		{"named func", func() any { return namedHandler(func(s string) { note("%s", s) }) }, `"x"`, nil, []string{"x"}, none},
		{"missing is zero", func() any { return func(s string, n int, p *point) { note("%q %d %v", s, n, p) } }, `"a"`, nil, []string{`"a" 0 <nil>`}, none},
		{"direct missing is zero", func() any { return func(s string) { note("%q", s) } }, ``, nil, []string{`""`}, none},
		{"null is zero", func() any { return func(s string, n int) { note("%q %d", s, n) } }, `null,null`, nil, []string{`"" 0`}, none},
		{"surplus is dropped", func() any { return func(n int) { note("%d", n) } }, `1,2,3`, nil, []string{"1"}, none},
		{"struct", func() any { return func(p point, q *point) { note("%v %v", p, *q) } }, `{"x":1},{"y":2}`, nil, []string{"{1 0} {0 2}"}, none},
		{"variadic", func() any { return func(s string, n ...int) { note("%s %v", s, n) } }, `"a",1,2,3`, nil, []string{"a [1 2 3]"}, none},
		{"variadic empty", func() any { return func(s string, n ...int) { note("%s %d", s, len(n)) } }, `"a"`, nil, []string{"a 0"}, none},
		{"variadic any", func() any { return func(v ...any) { note("%v", v) } }, `"a",1,null`, nil, []string{"[a 1 <nil>]"}, none},
		{"raw json", func() any { return func(v json.RawMessage) { note("%s", v) } }, `{"k" : 1}`, nil, []string{`{"k" : 1}`}, none},
		{
			"bytes", func() any { return func(b []byte) { note("%s", b) } },
			`{"_placeholder":true,"num":0}`,
			[][]byte{[]byte("bin")},
			[]string{"bin"},
			none,
		},
		{
			"reader", func() any {
				return func(r io.Reader) {
					b, _ := io.ReadAll(r)
					note("%s", b)
				}
			},
			`{"_placeholder":true,"num":0}`,
			[][]byte{[]byte("bin")},
			[]string{"bin"},
			none,
		},
		{
			"injected", func() any {
				return func(ctx context.Context, s *Socket, ev *Event, n int) {
					note("%v %v %s %d", ctx == s.Context(), s == ev.Socket(), ev.Name(), n)
				}
			}, `5`, nil,
			[]string{"true true ev 5"},
			none,
		},
		{"direct ack", func() any { return func(s string, ack func(string)) { ack(s + "!"); ack("again") } }, `"a"`, nil, none, []string{`ack / #7("a!")`}},
		{"direct acks", func() any { return func(s string, ack func(...any)) { ack(s, 1) } }, `"a"`, nil, none, []string{`ack / #7("a",1)`}},
		{"made ack", func() any { return func(n int, ack func(int, point)) { ack(n, point{1, 2}) } }, `3`, nil, none, []string{`ack / #7(3,{"x":1,"y":2})`}},
		{"made variadic ack", func() any { return func(n int, ack func(int, ...string)) { ack(n, "a", "b") } }, `3`, nil, none, []string{`ack / #7(3,"a","b")`}},
		{
			"ack with error", func() any {
				return func(ack func(any) error) { note("%v", ack(make(chan int)) != nil); note("%v", ack("ok")) }
			}, ``, nil,
			[]string{"true", "<nil>"},
			[]string{`ack / #7("ok")`},
		},
		{"empty ack", func() any { return func(ack func()) { ack() } }, `1`, nil, none, []string{`ack / #7()`}},
		{"value", func() any { return func(a, b int) int { return a + b } }, `1,2`, nil, none, []string{`ack / #7(3)`}},
		{"value and error", func() any { return func(a int) (int, error) { return a, nil } }, `1`, nil, none, []string{`ack / #7(1)`}},
		{"nil error", func() any { return func() error { return nil } }, ``, nil, none, []string{`ack / #7()`}},
		{
			"error", func() any { return func() (int, error) { return 1, errors.New("secret") } }, ``, nil,
			[]string{"error: secret"},
			[]string{`ack / #7({"error":"Internal error"})`},
		},
		{
			"error for clients", func() any {
				return func() error { return fmt.Errorf("wrapped: %w", &Error{Message: "no", Data: 5}) }
			}, ``, nil, none,
			[]string{`ack / #7({"error":"no","data":5})`},
		},
		{
			"binary value", func() any { return func(b []byte) []byte { return b } }, `{"_placeholder":true,"num":0}`,
			[][]byte{[]byte("bin")},
			none,
			[]string{`ack / #7({"_placeholder":true,"num":0}) <bin>`},
		},
		{
			"unencodable value", func() any { return func() any { return make(chan int) } }, ``, nil,
			[]string{"error: socketio: acknowledgement: packet: cannot encode argument 0 of type chan int: unsupported type chan int"},
			none,
		},
		{
			"mismatch", func() any { return func(n int) { note("called") } }, `"text"`, nil,
			[]string{"argument 0 of ev"},
			none,
		},
		{
			"mismatch by reflection", func() any { return func(s string, p point) { note("called") } }, `"text",[]`, nil,
			[]string{"argument 1 of ev"},
			none,
		},
		{
			"mismatch in the rest", func() any { return func(n ...int) { note("called") } }, `1,2,{}`, nil,
			[]string{"argument 2 of ev"},
			none,
		},
		{"panic", func() any { return func() { panic("boom") } }, ``, nil, []string{"panic boom"}, none},
		{"panic with error", func() any { return func(string, string, int) { panic(io.EOF) } }, ``, nil, []string{"panic EOF"}, none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newTestServer(t, Config{})
			c, socket := join(t, s)
			var notes []string
			note = func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
			socket.OnError(func(err error) {
				var argument *ArgumentError
				var panicked *PanicError
				switch {
				case errors.As(err, &argument):
					note("argument %d of %s", argument.Index, argument.Event)
				case errors.As(err, &panicked):
					note("panic %v", panicked.Value)
				default:
					note("error: %v", err)
				}
			})
			socket.On("ev", test.handler())
			c.ask(7, "ev", test.args, test.binary...)
			c.wait()
			if d := cmp.Diff(test.notes, notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
			var acks []string
			for _, line := range c.log()[1:] {
				if strings.HasPrefix(line, "ack") {
					acks = append(acks, line)
				}
			}
			if d := cmp.Diff(test.acks, acks); d != "" {
				t.Errorf("acknowledgements (-want +got):\n%s", d)
			}
			if !socket.Connected() {
				t.Error("the socket did not survive")
			}
		})
	}
}

// TestDirectCalls holds the calls without reflection to those with it.
func TestDirectCalls(t *testing.T) {
	t.Parallel()
	for typ := range directCalls {
		s, problem := newShape(typ)
		if problem != "" || s.direct == nil {
			t.Errorf("%v: %q", typ, problem)
		}
	}
}

func TestHandlerRefused(t *testing.T) {
	t.Parallel()
	var nilFunc func(string)
	tests := []struct {
		name, event string
		handler     any
		problem     string
	}{
		{"nil", "ev", nil, "not a func"},
		{"no func", "ev", 5, "not a func"},
		{"nil func", "ev", nilFunc, "nil"},
		{"reserved name", "disconnect", func(string) {}, "reserved"},
		{"two acks", "ev", func(func(), func()) {}, "only the last"},
		{"ack first", "ev", func(func(), int) {}, "only the last"},
		{"variadic acks", "ev", func(...func()) {}, "only the last"},
		{"ack with value", "ev", func(func() int) {}, "may return an error only"},
		{"channel", "ev", func(chan int) {}, "no JSON value"},
		{"interface", "ev", func(fmt.Stringer) {}, "only any and io.Reader"},
		{"late context", "ev", func(int, context.Context) {}, "must stand before"},
		{"late socket", "ev", func(int, *Socket) {}, "must stand before"},
		{"three results", "ev", func() (int, int, error) { return 0, 0, nil }, "results"},
		{"two values", "ev", func() (int, int) { return 0, 0 }, "results"},
		{"func result", "ev", func() func() { return nil }, "func"},
		{"value beside ack", "ev", func(func()) int { return 0 }, "must not return a value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				err, ok := recover().(*HandlerError)
				if !ok {
					t.Fatal("no panic with a *HandlerError")
				}
				if !strings.Contains(err.Error(), test.problem) {
					t.Errorf("got %q, want a text with %q", err, test.problem)
				}
			}()
			new(Socket).On(test.event, test.handler)
		})
	}
}
