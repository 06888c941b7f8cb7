package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

//go:embed page
var page embed.FS

const (
	// headerTimeout bounds how long the headers of a request may take.
	headerTimeout = 30 * time.Second
	// stopTimeout bounds how long the clients have to say goodbye.
	stopTimeout = 5 * time.Second
)

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "address to listen on")
	clients := flag.String("clients", "compat/interop/node/node_modules", "directory of installed socket.io-client packages")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}

// run serves the chat until ctx ends, and then says goodbye to every client.
func run(ctx context.Context, addr, clients string) error {
	io, err := socketio.NewServer(socketio.Config{
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	serveChat(io)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           io.Attach(pages(clients)),
		ReadHeaderTimeout: headerTimeout,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Printf("chat:               http://%s/\nevery generation:   http://%[1]s/clients.html\nstop with Ctrl-C\n", listener.Addr())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	// The clients first: the HTTP server waits for requests in flight, and a
	// held poll is one until its client is told to go.
	err = errors.Join(io.Close(goodbye), server.Shutdown(goodbye))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// pages serves what is not Socket.IO: the pages, and the genuine clients that
// are found in the given directory.
func pages(clients string) http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the directory is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", secure(policy, http.FileServerFS(files)))
	mux.Handle("GET /frame.html", secure(framePolicy, http.FileServerFS(files)))
	serveClients(mux, clients)
	return mux
}

// The pages may use what this program serves, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"

// framePolicy is that of the page a genuine client runs in: those before 0.7 make
// functions of text.
var framePolicy = strings.Replace(policy, "script-src 'self'", "script-src 'self' 'unsafe-eval'", 1)

// secure confines a page to what this program serves. Text of other people
// enters them as text only; this holds should that ever fail. Browsers report
// that it stops the javascript:0 frames of the old JSONP clients, which do
// without them.
func secure(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
