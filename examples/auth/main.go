package main

import (
	"context"
	"crypto/rand"
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
	addr := flag.String("addr", "127.0.0.1:3005", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *addr)
	if err == nil {
		secret := []byte(rand.Text()) // tokens end with the program
		for _, name := range []string{"ada", "grace"} {
			token, err := issue(secret, name, time.Now().Add(time.Hour))
			if err != nil {
				fmt.Fprintln(os.Stderr, "auth:", err)
				os.Exit(1)
			}
			fmt.Printf("token of %s: %s\n", name, token)
		}
		fmt.Printf("listening: http://%s/\nstop with Ctrl-C\n", listener.Addr())
		err = run(ctx, listener, secret)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "auth:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, listener net.Listener, secret []byte) error {
	io, err := socketio.NewServer(socketio.Config{MaxPayload: 1 << 16})
	if err != nil {
		return err
	}
	guard(io, secret)
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
