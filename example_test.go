package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/heirloom-io/socketio"
)

// A server for clients of every generation, beside an application's own pages.
func Example() {
	io, err := socketio.NewServer(socketio.Config{PingTimeout: 20 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	io.OnConnection(func(s *socketio.Socket) {
		s.On("chat", func(text string) {
			_ = s.Broadcast().Emit("chat", text)
		})
		s.OnDisconnect(func(reason socketio.Reason) {
			log.Printf("%s left: %s", s.ID(), reason)
		})
	})
	log.Fatal(http.ListenAndServe(":3000", io.Attach(http.FileServer(http.Dir("public")))))
}

// Attach puts the server before any handler. It has to come first: the mux of
// net/http redirects paths with a double slash, which old clients send.
func ExampleServer_Attach() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	log.Fatal(http.ListenAndServe(":3000", io.Attach(mux)))
}

// The server of Socket.IO is closed before that of HTTP, because its clients
// keep requests open.
func ExampleServer_Close() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:              ":3000",
		Handler:           io.Attach(nil),
		ReadHeaderTimeout: 30 * time.Second, // half requests end, too
	}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { log.Println(server.ListenAndServe()) }()

	<-interrupted.Done()
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(io.Close(limit), server.Shutdown(limit)); err != nil {
		log.Println(err)
	}
}

// The parameters of a handler are decoded from the arguments of the event.
func ExampleSocket_On() {
	type Message struct {
		Room string `json:"room"`
		Text string `json:"text"`
	}
	var s *socketio.Socket // as given to a handler of OnConnection

	// A value of the client's, and an answer by a func, as in JavaScript.
	s.On("ferret", func(name string, ack func(string)) { ack("woot") })
	// An answer by results; the context ends with the socket.
	s.On("store", func(ctx context.Context, m Message) (int, error) {
		if m.Text == "" {
			return 0, &socketio.Error{Message: "empty message"}
		}
		return len(m.Text), nil
	})
	// Binary arguments, and as many others as there are.
	s.On("upload", func(data []byte, labels ...string) {})
	// The event as it came.
	s.On("raw", func(ev *socketio.Event) {
		var first map[string]any
		if err := ev.Decode(0, &first); err != nil {
			return
		}
		_ = ev.Ack(ev.Len())
	})
}

// Handle does what On does with types that the compiler checks.
func ExampleHandle() {
	type Pair struct{ A, B int }
	var s *socketio.Socket // as given to a handler of OnConnection

	socketio.Handle(s, "add", func(_ context.Context, in Pair) (int, error) {
		return in.A + in.B, nil
	})
}

// An acknowledgement is waited for within the limits of a context.
func ExampleSocket_EmitWithAck() {
	var s *socketio.Socket // as given to a handler of OnConnection

	ctx, cancel := context.WithTimeout(s.Context(), 3*time.Second)
	defer cancel()
	args, err := s.EmitWithAck(ctx, "are you there?")
	if errors.Is(err, socketio.ErrDisconnected) {
		return
	}
	var answer string
	if err == nil {
		err = args.Scan(&answer)
	}
	log.Println(answer, err)
}

// Middleware decides who may join a namespace.
func ExampleNamespace_Use() {
	var io *socketio.Server

	admin := io.Of("/admin")
	admin.Use(func(s *socketio.Socket) error {
		if s.Handshake().Query.Get("token") != "secret" {
			return &socketio.Error{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		return nil
	})
}

// Operators are values: one can be kept and used again, by any goroutine.
func ExampleOperator() {
	var io *socketio.Server

	lobby := io.To("lobby", "hall").Except("muted")
	_ = lobby.Emit("news", "hello")
	_ = lobby.Volatile().Emit("position", 1.5, 2.5)
}
