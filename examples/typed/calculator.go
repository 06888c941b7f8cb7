package main

import (
	"context"
	"fmt"
	"math"

	socketio "github.com/heirloom-io/socketio"
)

// pair is what clients ask about.
type pair struct {
	A int `json:"a"`
	B int `json:"b"`
}

// division is the answer to divide.
type division struct {
	Quotient  int `json:"quotient"`
	Remainder int `json:"remainder"`
}

// history is what a client has asked, the latest last. A client's handlers run one
// after another, so it needs no lock.
var history = socketio.NewKey[[]string]("history")

// welcome adds the handlers. Their types are checked by the compiler, and nothing is
// reflected upon when an event comes.
func welcome(s *socketio.Socket) {
	socketio.Handle(s, "add", func(_ context.Context, in pair) (int, error) {
		if in.B > 0 && in.A > math.MaxInt-in.B || in.B < 0 && in.A < math.MinInt-in.B {
			return 0, &socketio.Error{Message: "too large"}
		}
		note(s, "%d + %d", in)
		return in.A + in.B, nil
	})
	socketio.Handle(s, "divide", func(_ context.Context, in pair) (division, error) {
		if in.B == 0 {
			// The text of an Error is shown to the client, that of others is not.
			return division{}, &socketio.Error{Message: "division by zero"}
		}
		note(s, "%d / %d", in)
		return division{Quotient: in.A / in.B, Remainder: in.A % in.B}, nil
	})
	socketio.Handle(s, "history", func(context.Context, any) ([]string, error) {
		all, _ := history.Get(s)
		return all, nil
	})
}

func note(s *socketio.Socket, format string, in pair) {
	all, _ := history.Get(s)
	if len(all) == maxHistory {
		all = all[1:]
	}
	history.Set(s, append(all, fmt.Sprintf(format, in.A, in.B)))
}
