// Command example is a chat over WebTransport with a certificate that it makes
// itself, which the page names by its hash:
//
//	go run ./examples -client ../compat/interop/node/node_modules/sio-client-4.8.4/dist/socket.io.min.js
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/webtransport"
)

//go:embed page.html
var page string

func main() {
	addr := flag.String("addr", "127.0.0.1:3000", "where to listen, over TCP and UDP")
	client := flag.String("client", "", "the client script, socket.io.js of 4.7.2 or later")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ln, err := net.Listen("tcp", *addr)
	if err == nil {
		fmt.Printf("http://%s/\n", ln.Addr())
		err = run(ctx, ln, *client)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the context ends: pages and polls on ln, sessions on the UDP
// port of the same number, where clients look for them.
func run(ctx context.Context, ln net.Listener, client string) error {
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	wt, err := webtransport.New(webtransport.Config{TLS: &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13,
	}})
	if err != nil {
		return err
	}
	io, err := socketio.NewServer(socketio.Config{Carriers: []transports.Transport{wt.Transport()}})
	if err != nil {
		return err
	}
	io.OnConnection(func(s *socketio.Socket) {
		s.On("say", func(text string) error { return io.Emit("said", text) })
	})

	mux := http.NewServeMux()
	hash := webtransport.Hash(certificate.Certificate[0])
	form := template.Must(template.New("page").Parse(page))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_ = form.Execute(w, base64.StdEncoding.EncodeToString(hash[:]))
	})
	mux.HandleFunc("GET /client.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, client) })

	handler := io.Attach(mux)
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 2)
	go func() { ended <- web.Serve(ln) }()
	go func() { ended <- wt.ListenAndServe(ln.Addr().String(), handler) }()

	left := cap(ended)
	select {
	case <-ctx.Done():
	case err = <-ended:
		left--
	}
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = errors.Join(err, io.Close(closing), wt.Close(), web.Close())
	for range left {
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// selfSigned returns a certificate of the only kind that browsers take by its hash:
// ECDSA, and valid for less than two weeks.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(10 * 24 * time.Hour),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
