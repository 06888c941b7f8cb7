package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

const (
	// headerTimeout bounds how long the headers of a request may take.
	headerTimeout = 30 * time.Second
	// stopTimeout bounds how long the end may take.
	stopTimeout = 5 * time.Second
)

func main() {
	addr := flag.String("addr", "127.0.0.1:3004", "address to listen on")
	dir := flag.String("dir", "", "directory to write to, default a temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *addr)
	if err == nil {
		fmt.Printf("listening: http://%s/\nstop with Ctrl-C\n", listener.Addr())
		err = run(ctx, listener, *dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "upload:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. Files go into dir, or a temporary directory that ends with it.
func run(ctx context.Context, listener net.Listener, dir string) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "upload")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	io, err := socketio.NewServer(socketio.Config{
		MaxPayload: maxMessage,
		V0:         socketio.V0Config{DestroyBufferSize: maxMessage},
	})
	if err != nil {
		return err
	}
	io.OnConnection(func(s *socketio.Socket) { receive(s, dir) })
	server := &http.Server{Handler: io.Attach(nil), ReadHeaderTimeout: headerTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err = errors.Join(io.Close(goodbye), server.Shutdown(goodbye))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
