package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/websocket"

	"github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/transports"
)

// oldPage speaks as a page of 0.6 does over a websocket: "~m~5~m~hello".
type oldPage struct {
	ws      *websocket.Conn
	waiting []string
}

func openOldPage(server *httptest.Server) *oldPage {
	url := "ws" + strings.TrimPrefix(server.URL, "http") + "/socket.io/websocket"
	ws, err := websocket.Dial(url, "", server.URL)
	must(err)
	must(ws.SetDeadline(time.Now().Add(30 * time.Second)))
	p := &oldPage{ws: ws}
	p.next() // the id
	return p
}

func (p *oldPage) send(text string) {
	must(websocket.Message.Send(p.ws, "~m~"+strconv.Itoa(len(text))+"~m~"+text))
}

// next returns the next message, and answers heartbeats before it.
func (p *oldPage) next() string {
	for {
		for len(p.waiting) == 0 {
			var text string
			must(websocket.Message.Receive(p.ws, &text))
			for strings.HasPrefix(text, "~m~") {
				size, rest, _ := strings.Cut(text[3:], "~m~")
				n, err := strconv.Atoi(size)
				must(err)
				p.waiting, text = append(p.waiting, rest[:n]), rest[n:]
			}
		}
		text := p.waiting[0]
		p.waiting = p.waiting[1:]
		if !strings.HasPrefix(text, "~h~") {
			return text
		}
		p.send(text)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// serveOldPages listens, and returns what ends it.
func serveOldPages(io *socketio.Server) (server *httptest.Server, end func()) {
	server = httptest.NewServer(io.Attach(nil))
	return server, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		must(io.Close(ctx))
		server.Close()
	}
}

// A server of 0.3: io.listen, clientConnect, clientMessage, clientDisconnect,
// broadcast with and without exceptions, clients and clientsIndex.
func Example_listener() {
	io, err := socketio.NewServer(socketio.Config{})
	must(err)
	gone := make(chan string)
	connected := make(chan *socketio.Socket)
	io.OnConnection(func(client *socketio.Socket) { // clientConnect
		client.On("message", func(client *socketio.Socket, message json.RawMessage) { // clientMessage
			_ = io.Except(client.ID()).Send("somebody said", message)
			_ = io.Send("all heard it")
		})
		client.OnDisconnect(func(socketio.Reason) { gone <- client.ID() }) // clientDisconnect
		connected <- client
	})
	server, end := serveOldPages(io)
	defer end()

	ada := openOldPage(server)
	ada.send("~h~1")
	first := <-connected
	bob := openOldPage(server)
	bob.send("~h~1")
	second := <-connected

	ada.send("hello")
	fmt.Println("ada:", ada.next())
	fmt.Println("bob:", bob.next())
	fmt.Println("bob:", bob.next())

	old, err := io.SocketsOf("< 0.7") // clients
	must(err)
	found, ok := io.Socket(first.ID()) // clientsIndex
	fmt.Println(len(old), len(io.Sockets()), found == first, ok)
	none, err := io.SocketsOf(">= 1.0")
	must(err)
	_, err = io.SocketsOf("< 0.3")
	fmt.Println(len(none), err != nil) // 0.3 cannot be told from 0.1 and 0.2

	must(bob.ws.Close())
	fmt.Println(<-gone == second.ID())
	must(ada.ws.Close())
	<-gone
	// Output:
	// ada: all heard it
	// bob: ~j~{"name":"message","args":["somebody said","hello"]}
	// bob: all heard it
	// 2 2 true true
	// 0 true
	// true
}

// The client of such a server, and one of 0.6: sessionId, request, listener,
// connected, connections, send, broadcast, and the events message and disconnect.
func Example_client() {
	io, err := socketio.NewServer(socketio.Config{})
	must(err)
	connected, gone := make(chan *socketio.Socket), make(chan bool)
	io.OnConnection(func(client *socketio.Socket) {
		var once socketio.Subscription
		once = client.On("message", func(text string) {
			once.Cancel() // removeListener
			_ = client.Send("you said " + text)
			_ = client.Broadcast().Send("another one said " + text)
		})
		client.OnDisconnect(func(socketio.Reason) { gone <- client.Connected() })
		connected <- client
	})
	server, end := serveOldPages(io)
	defer end()
	ada := openOldPage(server)
	ada.send("~h~1")
	client := <-connected
	bob := openOldPage(server)
	bob.send("~h~1")
	<-connected

	fmt.Println(len(client.ID()), client.Server() == io, client.Connected(), client.Conn().Connections())
	fmt.Println(client.Request().URL.Path, client.Handshake().URL.Path)
	ada.send("hello")
	ada.send("nobody listens to this")
	fmt.Println("ada:", ada.next())
	fmt.Println("bob:", bob.next())
	must(ada.ws.Close())
	fmt.Println("connected:", <-gone)
	must(bob.ws.Close())
	<-gone
	// Output:
	// 37 true true 1
	// /socket.io/websocket /socket.io/websocket
	// ada: you said hello
	// bob: another one said hello
	// connected: false
}

// The options of such a server, and where they are now.
func Example_options() {
	io, err := socketio.NewServer(socketio.Config{
		Path:    "/live",                        // resource
		Origins: []string{"http://example.org"}, // origins
		Logger:  slog.New(slog.DiscardHandler),  // log
		Messages: socketio.MessagesConfig{
			Transports:         []string{"websocket", "xhr-polling"}, // transports
			CloseTimeout:       8 * time.Second,                      // timeout, closeTimeout, of polling
			StreamCloseTimeout: 8 * time.Second,                      // timeout, closeTimeout, of streams
			HeartbeatInterval:  10 * time.Second,                     // heartbeatInterval
			HeartbeatTimeout:   8 * time.Second,                      // timeout, since 0.5
			PollingDuration:    20 * time.Second,                     // duration
		},
		ClientFiles: os.DirFS("public/js"), // the client's script
	})
	must(err)
	server := &http.Server{Handler: io.Attach(nil), ReadHeaderTimeout: 30 * time.Second}               // server
	policy := transports.NewPolicyServer(transports.PolicyParams{Origins: []string{"example.org:80"}}) // flashPolicyServer
	defer policy.Close()
	options := io.Config()
	fmt.Println(options.Path, options.Messages.Transports, options.PingTimeout, server.Handler != nil)
	fmt.Println(slices.Contains(options.Origins, "http://example.org"))
	must(io.Close(context.Background()))
	// Output:
	// /live [websocket xhr-polling] 5s true
	// true
}
