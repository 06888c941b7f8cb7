package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/compat/interop/contract/behaviour"
	"github.com/heirloom-io/socketio/transports"
)

// stopLimit is the time that connections get to end when the server stops.
const stopLimit = 4 * time.Second

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	cancel()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// headerTimeout bounds how long the headers of a request may take.
const headerTimeout = 30 * time.Second

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	sio, err := socketio.NewServer(o.config)
	if err != nil {
		return err
	}
	behaviour.Install(sio)

	servers := []*http.Server{{
		Addr:              o.addr,
		Handler:           sio.Attach(nil),
		ReadHeaderTimeout: headerTimeout,
	}}
	if o.pprof != "" {
		servers = append(servers, profiles(o.pprof))
	}
	listeners := make([]net.Listener, len(servers))
	for i, s := range servers {
		if listeners[i], err = net.Listen("tcp", s.Addr); err != nil {
			return errors.Join(err, stop(sio, servers))
		}
		defer listeners[i].Close()
	}
	if o.flash {
		listeners[0] = transports.PolicyListener(listeners[0], transports.PolicyParams{})
		defer listeners[0].Close()
	}
	ended := make(chan error, len(servers))
	for i, s := range servers {
		go func() { ended <- s.Serve(listeners[i]) }()
	}
	fmt.Fprintln(stdout, "listening on", listeners[0].Addr())
	running := len(servers)
	select {
	case <-ctx.Done():
	case err = <-ended:
		running--
	}
	err = errors.Join(err, stop(sio, servers))
	for range running {
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// stop ends all connections, then the servers.
func stop(sio *socketio.Server, servers []*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	err := sio.Close(ctx)
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// profiles serves what the runtime knows about itself, on an address of its
// own.
func profiles(addr string) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 30 * time.Second}
}
