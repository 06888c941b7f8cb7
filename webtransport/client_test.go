package webtransport

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	wt "github.com/quic-go/webtransport-go"

	socketio "github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/packet"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// site is a Socket.IO server on one port, over TCP in the clear and over UDP.
type site struct {
	t       *testing.T
	io      *socketio.Server
	wt      *Server
	mux     *http.ServeMux // for what is no client's request
	address string
	der     []byte
	tls     *tls.Config // a client's
	entered chan *socketio.Socket
	reasons chan socketio.Reason
}

// newSite starts one that echoes. Everything ends with the test.
func newSite(t *testing.T, config socketio.Config, openTimeout time.Duration) *site {
	t.Helper()
	certificate, der := selfSigned(t)
	server, err := New(Config{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}, OpenTimeout: openTimeout})
	if err != nil {
		t.Fatal(err)
	}
	config.Carriers = append(config.Carriers, server.Transport())
	io, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, io: io, wt: server, der: der, entered: make(chan *socketio.Socket, 100), reasons: make(chan socketio.Reason, 100)}
	io.OnConnection(func(c *socketio.Socket) {
		c.On("echo", func(e *socketio.Event) {
			values, err := e.Args().Values()
			if err != nil {
				t.Error(err)
			}
			_ = c.Emit("echo", values...)
		})
		c.On("leave", func(*socketio.Event) { c.Disconnect(true) })
		c.OnDisconnect(func(r socketio.Reason) { s.reasons <- r })
		s.entered <- c
	})
	s.mux = http.NewServeMux()
	handler := io.Attach(s.mux)
	tcp, udp := listenBoth(t)
	s.address = tcp.Addr().String()
	web := &httptest.Server{Listener: tcp, Config: &http.Server{Handler: handler, ReadHeaderTimeout: patience}}
	web.Start()
	served := make(chan error, 1)
	go func() { served <- server.Serve(udp, handler) }()
	roots := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(leaf)
	s.tls = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			t.Errorf("closing: %v", err)
		}
		if err := server.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
		_ = udp.Close()
		web.Close()
	})
	return s
}

// listenBoth listens on one port over TCP and UDP.
func listenBoth(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if udp, err := net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return tcp, udp
		}
		_ = tcp.Close()
	}
	t.Fatal("no port is free for both TCP and UDP")
	return nil, nil
}

// selfSigned returns a certificate of the kind that browsers take by its hash.
func selfSigned(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(10 * 24 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:              []string{"localhost"},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, der
}

// client is a client of the tests' own upon webtransport-go's.
type client struct {
	t       *testing.T
	session *wt.Session
	stream  *wt.Stream
	r       *bufio.Reader
}

// dial asks for a session, with a query if any.
func (s *site) dial(query string, header http.Header) (*client, *http.Response, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d := &wt.Transport{TLSClientConfig: s.tls, QUICConfig: &quic.Config{EnableDatagrams: true, EnableStreamResetPartialDelivery: true}}
	s.t.Cleanup(func() { _ = d.Close() })
	resp, session, err := d.Dial(ctx, "https://"+s.address+"/socket.io/"+query, header)
	if err != nil {
		return nil, resp, err
	}
	s.t.Cleanup(func() { _ = session.CloseWithError(0, "") })
	return &client{t: s.t, session: session}, resp, nil
}

// mustDial is dial with the stream opened and the first packet sent.
func (s *site) mustDial(query, first string) *client {
	s.t.Helper()
	c, _, err := s.dial(query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c.begin(first)
	return c
}

// begin opens the stream of a session and sends the first packet.
func (c *client) begin(first string) {
	c.t.Helper()
	var err error
	if c.stream, err = c.session.OpenStream(); err != nil {
		c.t.Fatal(err)
	}
	_ = c.stream.SetDeadline(time.Now().Add(patience))
	c.r = bufio.NewReader(c.stream)
	c.say(first)
}

func (c *client) say(text string) {
	c.t.Helper()
	if _, err := c.stream.Write(appendFrame(nil, &packet.Frame{Data: []byte(text)})); err != nil {
		c.t.Errorf("saying %.20q: %v", text, err)
	}
}

func (c *client) sayBinary(data []byte) {
	c.t.Helper()
	if _, err := c.stream.Write(appendFrame(nil, &packet.Frame{Data: data, Binary: true})); err != nil {
		c.t.Error(err)
	}
}

func (c *client) hear() (string, error) {
	data, _, _, err := readPacket(c.r, nil, 100<<20, nil)
	return string(data), err
}

// expect reads one packet that must begin with something, and returns it.
func (c *client) expect(prefix string) string {
	c.t.Helper()
	got, err := c.hear()
	if err != nil || !strings.HasPrefix(got, prefix) {
		c.t.Fatalf("%.100q, %v; want %q", got, err, prefix)
	}
	return got
}

// wantEnd reads until the session ends.
func (c *client) wantEnd() {
	c.t.Helper()
	for {
		if _, err := c.hear(); err != nil {
			break
		}
	}
	select {
	case <-c.session.Context().Done():
	case <-time.After(patience):
		c.t.Error("the session goes on")
	}
}

func (s *site) wantReason(want ...socketio.Reason) {
	s.t.Helper()
	select {
	case got := <-s.reasons:
		for _, w := range want {
			if got == w {
				return
			}
		}
		s.t.Errorf("reason %q, want one of %q", got, want)
	case <-time.After(patience):
		s.t.Errorf("no end, want %q", want)
	}
}

// poll makes a request over TCP.
func (s *site) poll(query, body string) string {
	s.t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, "http://"+s.address+"/socket.io/?EIO=4&transport=polling"+query, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Close = true
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr, Timeout: patience}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %s %q %v", method, query, resp.Status, all, err)
	}
	return string(all)
}

var sidForm = regexp.MustCompile(`"sid":"([^"]+)"`)
