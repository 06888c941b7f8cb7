package mirror_test

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/mirror"
)

// A room that members of staff may watch, beside the clients in it. The mirror is
// closed first, and the HTTP server, which waits for the streams, last.
func ExampleNew() {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		log.Fatal(err)
	}
	watch, err := mirror.New(mirror.Config{
		Namespace: io.Of("/"),
		Rooms:     []string{"news"},
		Authorize: func(r *http.Request, room string) bool {
			return r.Header.Get("Authorization") == "Bearer "+os.Getenv("STAFF_KEY")
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /watch", watch)
	server := &http.Server{Addr: ":3000", Handler: io.Attach(mux), ReadHeaderTimeout: 30 * time.Second}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { log.Println(server.ListenAndServe()) }()

	<-interrupted.Done()
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(watch.Close(limit), io.Close(limit), server.Shutdown(limit)); err != nil {
		log.Println(err)
	}
}
