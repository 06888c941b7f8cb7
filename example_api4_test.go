package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"regexp"
	"time"

	"github.com/heirloom-io/socketio"
)

func newExampleServer() *socketio.Server {
	io, err := socketio.NewServer(socketio.Config{CleanupEmptyChildNamespaces: true})
	if err != nil {
		log.Fatal(err)
	}
	return io
}

// A listener for every event comes before the handlers of the event.
func ExampleSocket_OnAny() {
	io := newExampleServer()
	done := make(chan struct{})
	io.OnConnection(func(s *socketio.Socket) {
		s.OnAny(func(ev *socketio.Event) {
			fmt.Println("any:", ev.Name(), string(ev.Args().Raw(0)))
		})
		s.On("news", func(text string) {
			fmt.Println("news:", text)
			close(done)
		})
	})
	client := visit(io)
	defer client.close()
	client.send(`42["weather","fair"]`)
	client.send(`42["news","extra"]`)
	<-done
	// Output:
	// any: weather "fair"
	// any: news "extra"
	// news: extra
}

// A listener for what is sent to a client sees broadcasts too.
func ExampleSocket_OnAnyOutgoing() {
	io := newExampleServer()
	io.OnConnection(func(s *socketio.Socket) {
		s.OnAnyOutgoing(func(event string, args socketio.Args) {
			fmt.Println("to a client:", event, args.Len())
		})
		_ = s.Emit("welcome")
		_ = io.Emit("someone came", "by websocket")
	})
	client := visit(io)
	defer client.close()
	fmt.Println(client.next(), client.next())
	// Output:
	// to a client: welcome 0
	// to a client: someone came 1
	// 42["welcome"] 42["someone came","by websocket"]
}

// Everyone in a room is asked, and those who answer in time count.
func ExampleOperator_EmitWithAcks() {
	io := newExampleServer()
	joined := make(chan struct{})
	io.OnConnection(func(s *socketio.Socket) {
		s.Join("council")
		close(joined)
	})
	client := visit(io)
	defer client.close()
	<-joined
	go func() {
		client.next()             // 420["vote","a park"]
		client.send(`430["yes"]`) // the answer to question 0
	}()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	got, err := io.To("council").EmitWithAcks(ctx, "vote", "a park")
	var late *socketio.UnansweredError
	if errors.As(err, &late) {
		fmt.Println("only", len(late.Responses.Answers), "of", late.Responses.Asked)
	}
	for _, a := range got.Answers {
		fmt.Println(string(a.Args.Raw(0)))
	}
	// Output:
	// "yes"
}

// Sockets are found, looked at and acted on wherever in a cluster they are.
func ExampleOperator_FetchSockets() {
	name := socketio.NewKey[string]("name")
	io := newExampleServer()
	joined := make(chan struct{})
	io.OnConnection(func(s *socketio.Socket) {
		name.Set(s, "ann")
		s.Join("lobby")
		close(joined)
	})
	client := visit(io)
	defer client.close()
	<-joined

	list, err := io.In("lobby").FetchSockets(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range list {
		who, _, err := name.Of(s)
		fmt.Println(who, err, s.Handshake().Query.Get("EIO"))
		_ = s.Emit("found", who)
	}
	fmt.Println(client.next())
	// Output:
	// ann <nil> 3
	// 42["found","ann"]
}

// Whole rooms move at once.
func ExampleOperator_SocketsJoin() {
	io := newExampleServer()
	joined := make(chan struct{})
	io.OnConnection(func(s *socketio.Socket) {
		s.Join("waiting")
		close(joined)
	})
	io.OnRooms(socketio.RoomHooks{
		Create: func(room string) {
			if room == "game 1" {
				fmt.Println("a new room:", room)
			}
		},
	})
	client := visit(io)
	defer client.close()
	<-joined

	_ = io.In("waiting").SocketsJoin("game 1")
	_ = io.In("game 1").SocketsLeave("waiting")
	_ = io.In("game 1").Emit("start")
	fmt.Println(client.next())
	_ = io.In("game 1").DisconnectSockets(true)
	fmt.Println(client.next())
	// Output:
	// a new room: game 1
	// 42["start"]
	// 41
}

// Namespaces come into being when clients ask for them.
func ExampleServer_OfPattern() {
	io := newExampleServer()
	shops := io.OfPattern(regexp.MustCompile(`^/shop-\d+$`))
	shops.OnConnection(func(s *socketio.Socket) {
		_ = s.Emit("welcome to", s.Namespace().Name())
	})
	client := visit(io)
	defer client.close()
	client.send("40/shop-7,")
	fmt.Println(client.next(), client.next())
	client.send("40/market")
	fmt.Println(client.next())

	_ = shops.Emit("closing soon") // in every shop
	fmt.Println(client.next())
	// Output:
	// 40/shop-7, 42/shop-7,["welcome to","/shop-7"]
	// 44/market,"Invalid namespace"
	// 42/shop-7,["closing soon"]
}

// A func decides with what the client said.
func ExampleServer_OfFunc() {
	io := newExampleServer()
	io.OfFunc(func(name string, h *socketio.Handshake) (bool, error) {
		return name == "/team" && h.Query.Get("token") == "secret", nil
	})
	client := visit(io)
	defer client.close()
	client.send("40/team,")
	fmt.Println(client.next())
	client.send("40/team?token=secret,")
	fmt.Println(client.next())
	// Output:
	// 44/team,"Invalid namespace"
	// 40/team,
}

// A middleware sees every request of every client, of whichever generation.
func ExampleEngine_Use() {
	io := newExampleServer()
	io.Engine().Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println(r.Method, r.URL.Path, r.Header.Get("Upgrade"))
			next.ServeHTTP(w, r)
		})
	})
	io.Engine().OnInitialHeaders(func(h http.Header, _ *http.Request) {
		h.Add("Set-Cookie", "node=1; Path=/socket.io/")
	})
	io.Engine().OnConnectionError(func(e socketio.ConnectionError) {
		log.Println("refused:", e.Code, e.Message, e.Generation)
	})
	visit(io).close()
	// Output:
	// GET /socket.io/ websocket
}

// Nodes of a cluster talk to each other beside their clients. The adapter of
// [socketio.Config] connects them; without one there is nobody to hear it.
func ExampleNamespace_ServerSideEmit() {
	io := newExampleServer()
	io.OnServerSide("reload", func(ev *socketio.ServerEvent) {
		var what string
		if err := ev.Decode(0, &what); err == nil {
			_ = ev.Ack("done")
		}
	})
	fmt.Println(io.Of("/").ServerSideEmit("reload", "prices"))
	answers, err := io.ServerSideEmitWithAck(context.Background(), "reload", "prices")
	fmt.Println(len(answers), err)
	// Output:
	// <nil>
	// 0 <nil>
}

// Data of one type is kept with a socket.
func ExampleKey() {
	type user struct{ Name string }
	account := socketio.NewKey[user]("account")
	io := newExampleServer()
	io.Use(func(s *socketio.Socket) error {
		account.Set(s, user{Name: "ann"})
		return nil
	})
	io.OnConnection(func(s *socketio.Socket) {
		u, ok := account.Get(s)
		_ = s.Emit("you are", u.Name, ok)
	})
	client := visit(io)
	defer client.close()
	fmt.Println(client.next())
	// Output:
	// 42["you are","ann",true]
}
