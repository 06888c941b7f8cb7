package socketio_test

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/heirloom-io/socketio"
)

// Rooms are joined by the server's decision; a room is reached by its name.
func ExampleSocket_Join() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	io.OnConnection(func(s *socketio.Socket) {
		s.Join("news")
		s.On("publish", func(text string) { _ = io.To("news").Emit("headline", text) })
	})
	client := visit(io)
	defer client.close()
	client.send(`42["publish","peace"]`)
	fmt.Println(client.next())
	// Output: 42["headline","peace"]
}

// A namespace has sockets and handlers of its own on the same connection.
func ExampleServer_Of() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	chat := io.Of("/chat")
	chat.OnConnection(func(s *socketio.Socket) { _ = s.Emit("welcome", s.Namespace().Name()) })
	client := visit(io)
	defer client.close()
	client.send("40/chat") // what clients call io("/chat")
	fmt.Println(client.next())
	fmt.Println(client.next())
	// Output:
	// 40/chat
	// 42/chat,["welcome","/chat"]
}

// A middleware of a socket sees each event before its handlers.
func ExampleSocket_Use() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	io.OnConnection(func(s *socketio.Socket) {
		s.Use(func(ev *socketio.Event) error {
			if strings.HasPrefix(ev.Name(), "admin ") {
				return errors.New("not for you")
			}
			return nil
		})
		s.On("admin stop", func() { fmt.Println("never called") })
		s.On("hello", func() string { return "hello" })
	})
	client := visit(io)
	defer client.close()
	client.send(`42["admin stop"]`)
	fmt.Println(client.next())
	client.send(`421["hello"]`)
	fmt.Println(client.next())
	// Output:
	// 44"not for you"
	// 431["hello"]
}

// Arguments that do not fit a handler are told here, and the connection stays.
func ExampleSocket_OnError() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	told := make(chan error, 1)
	io.OnConnection(func(s *socketio.Socket) {
		s.On("age", func(int) {})
		s.OnError(func(err error) { told <- err })
	})
	client := visit(io)
	defer client.close()
	client.send(`42["age","old"]`)
	var argument *socketio.ArgumentError
	if errors.As(<-told, &argument) {
		fmt.Println(argument.Event, argument.Index)
	}
	// Output: age 0
}

// Every end of a socket has a reason, the same for clients of every generation.
func ExampleSocket_OnDisconnect() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	left := make(chan socketio.Reason, 1)
	io.OnConnection(func(s *socketio.Socket) {
		s.OnDisconnect(func(reason socketio.Reason) { left <- reason })
	})
	client := visit(io)
	defer client.close()
	client.send("41")
	reason := <-left
	fmt.Println(reason, reason == socketio.ReasonClientDisconnect)
	// Output: client namespace disconnect true
}

// What a client is taken for, and what its release can do.
func ExampleConn_Info() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	io.OnConnection(func(s *socketio.Socket) {
		info := s.Conn().Info()
		_ = s.Emit("you", info.Transport, s.Conn().Can(socketio.FeatureAcks), s.Conn().Can(socketio.FeatureOwnIDs))
	})
	client := visit(io)
	defer client.close()
	fmt.Println(client.next())
	// Output: 42["you","websocket",true,false]
}

// A request that is refused here never becomes a socket. The client gets the text of
// an Error, and of no other.
func ExampleConfig_allowRequest() {
	io, err := socketio.NewServer(socketio.Config{
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Get("token") != "sesame" {
				return &socketio.Error{Message: "a token is needed"}
			}
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	io.Engine().OnConnectionError(func(e socketio.ConnectionError) { fmt.Println(e.Code, e.Message) })
	answer := httptest.NewRecorder()
	io.Attach(nil).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=3&transport=polling", http.NoBody))
	fmt.Println(answer.Code)
	// Output:
	// 4 a token is needed
	// 403
}

// Behind a proxy that sets X-Real-IP, a handler round everything restores the address
// of the client, which bounds for single peers go by.
func ExampleServer_Attach_behindProxy() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	io.OnConnection(func(s *socketio.Socket) { _ = s.Emit("you", s.Handshake().RemoteAddr) })
	handler := io.Attach(nil)
	restored := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ip := r.Header.Get("X-Real-IP"); net.ParseIP(ip) != nil {
			r.RemoteAddr = net.JoinHostPort(ip, "0")
		}
		handler.ServeHTTP(w, r)
	})
	server := httptest.NewServer(restored)
	client := &peer{end: func() { shut(io, server) }}
	client.dialWith(server.URL, http.Header{"X-Real-Ip": {"192.0.2.7"}})
	defer client.close()
	fmt.Println(client.next())
	// Output: 42["you","192.0.2.7:0"]
}
