package behaviour

import (
	socketio "github.com/heirloom-io/socketio"
)

// Namespaces are those whose sockets answer as the table says.
var Namespaces = []string{"/", "/chat"}

// RefusingNamespace lets nobody in.
const RefusingNamespace = "/refuse"

// Install makes a server behave as the table says. It is called once, before
// clients connect.
func Install(io *socketio.Server) {
	for _, name := range Namespaces {
		io.Of(name).OnConnection(serve)
	}
	io.Of(RefusingNamespace).Use(func(*socketio.Socket) error {
		return &socketio.Error{Message: "no entry"}
	})
}

// serve adds the handlers of one socket. What a handler emits to its own sender
// may find the client gone, which is nobody's fault and told nobody.
func serve(s *socketio.Socket) {
	talk(s)
	meet(s)
	s.On("bye", func() { s.Disconnect(true) })
	s.On("info", func(ev *socketio.Event) { reply(ev, "info", s.Conn().Info()) })
}

// talk adds what goes on between the server and one client.
func talk(s *socketio.Socket) {
	s.On("echo", func(ev *socketio.Event) { reply(ev, "echo", argument(ev.Args(), 0)) })
	s.On("message", func(ev *socketio.Event) { _ = s.Send(arguments(ev.Args())...) })
	s.On("where", func() string { return s.Namespace().Name() })
	s.On("bin", func(data []byte) []byte { return data })
	s.On("blob", func(b blob) blob {
		_ = s.Emit("blob", b)
		return blob{Data: b.Data}
	})
	s.On("ask", func(ev *socketio.Event) {
		_ = s.Emit("question", argument(ev.Args(), 0), func(answer *socketio.Event) {
			_ = s.Emit("answered", argument(answer.Args(), 0))
		})
	})
	s.On("count", func(n int) {
		for i := range n {
			if s.Emit("seq", i) != nil {
				return
			}
		}
	})
}

// meet adds what concerns rooms.
func meet(s *socketio.Socket) {
	s.On("join", func(ev *socketio.Event, room string) {
		s.Join(room)
		reply(ev, "joined", room)
	})
	s.On("leave", func(room string) { s.Leave(room) })
	s.On("pub", func(ev *socketio.Event, room string) {
		_ = s.Namespace().To(room).Emit("msg", argument(ev.Args(), 1))
	})
	s.On("others", func(ev *socketio.Event, room string) {
		_ = s.To(room).Emit("msg", argument(ev.Args(), 1))
	})
}

// blob is a named binary value.
type blob struct {
	Name string `json:"name,omitempty"`
	Data []byte `json:"data"`
}

// reply acknowledges an event if its sender asked for that, and otherwise
// answers by an event.
func reply(ev *socketio.Event, event string, value any) {
	if ev.WantsAck() {
		_ = ev.Ack(value)
		return
	}
	_ = ev.Socket().Emit(event, value)
}

// argument returns an argument in a form that can be sent on unchanged: as it
// came, unless binary values are to be put back into their places. What is
// missing or cannot be decoded is null.
func argument(args socketio.Args, i int) any {
	if len(args.Attachments()) == 0 {
		if raw := args.Raw(i); raw != nil {
			return raw
		}
		return nil
	}
	var value any
	if args.Decode(i, &value) != nil {
		return nil
	}
	return value
}

func arguments(args socketio.Args) []any {
	all := make([]any, args.Len())
	for i := range all {
		all[i] = argument(args, i)
	}
	return all
}
