package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/mirror"
)

//go:embed page
var page embed.FS

const (
	room = "readings"
	// maxSensor bounds the name of a sensor, in bytes.
	maxSensor = 64
	// headerTimeout bounds how long the headers of a request may take.
	headerTimeout = 30 * time.Second
	// stopTimeout bounds how long the end may take.
	stopTimeout = 5 * time.Second
)

func main() {
	addr := flag.String("addr", "127.0.0.1:3001", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *addr)
	if err == nil {
		fmt.Printf("dashboard:   http://%s/\nwith curl:   curl -N http://%[1]s/watch\nstop with Ctrl-C\n", listener.Addr())
		err = run(ctx, listener, time.Second)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, with a reading of its own in every period.
func run(ctx context.Context, listener net.Listener, period time.Duration) error {
	io, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		return err
	}
	io.OnConnection(welcome)
	watch, err := mirror.New(mirror.Config{Namespace: io.Of("/"), Rooms: []string{room}})
	if err != nil {
		return err
	}
	files, err := fs.Sub(page, "page")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /watch", watch)
	mux.Handle("GET /", http.FileServerFS(files))
	server := &http.Server{Handler: io.Attach(mux), ReadHeaderTimeout: headerTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	report(ctx, io, watch, period, served)
	goodbye, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	// The HTTP server last: it waits for streams and polls.
	err = errors.Join(watch.Close(goodbye), io.Close(goodbye), server.Shutdown(goodbye))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// welcome lets a client report and listen.
func welcome(s *socketio.Socket) {
	s.Join(room)
	s.On("report", func(sensor string, value float64) {
		if sensor == "" || len(sensor) > maxSensor || math.IsInf(value, 0) || math.IsNaN(value) {
			return
		}
		_ = s.Server().To(room).Emit("reading", sensor, value)
	})
}

// report emits the program's own readings until ctx ends or the HTTP server has.
func report(ctx context.Context, io *socketio.Server, watch *mirror.Mirror, period time.Duration, served chan error) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = io.To(room).Emit("reading", "clients", io.Stats().Clients)
			_ = io.To(room).Emit("reading", "watchers", watch.Stats().Watchers)
		case err := <-served:
			served <- err
			return
		case <-ctx.Done():
			return
		}
	}
}
