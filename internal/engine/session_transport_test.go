package engine

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
)

// pigeonhouse is a duplex transport as a user might add one. Its connections
// live in memory, so it serves under a clock of the test too.
type pigeonhouse struct {
	conns chan *pigeon
}

func newPigeonhouse() *pigeonhouse {
	return &pigeonhouse{conns: make(chan *pigeon, 16)}
}

func (*pigeonhouse) Name() string                    { return "pigeon" }
func (*pigeonhouse) Mechanism() transports.Mechanism { return transports.MechanismDuplex }

func (h *pigeonhouse) Accept(w http.ResponseWriter, _ *http.Request, _ transports.DuplexParams) (transports.Conn, error) {
	w.WriteHeader(http.StatusNoContent)
	p := &pigeon{up: make(chan string, 1000), down: make(chan string, 1000), gone: make(chan struct{})}
	h.conns <- p
	return p, nil
}

// next returns the client's end of the next connection.
func (h *pigeonhouse) next(t *testing.T) *pigeon {
	t.Helper()
	select {
	case p := <-h.conns:
		return p
	case <-time.After(patienceOfTests):
		t.Fatal("no connection")
		return nil
	}
}

// pigeon is a connection in memory.
type pigeon struct {
	up, down chan string
	gone     chan struct{}
	once     sync.Once
}

// send is the client's: it writes a text message.
func (p *pigeon) send(m string) { p.up <- m }

// receive is the client's: it reads a message.
func (p *pigeon) receive(t *testing.T) string {
	t.Helper()
	select {
	case m := <-p.down:
		return m
	case <-time.After(time.Hour): // of a test's own clock
		t.Fatal("nothing received")
		return ""
	}
}

// ended reports whether the connection has been closed.
func (p *pigeon) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

func (p *pigeon) Read(f func(data []byte, binary bool) error) error {
	select {
	case m := <-p.up:
		return f([]byte(m), false)
	case <-p.gone:
		return transports.ErrPeerClosed
	}
}

func (p *pigeon) Write(frames []*packet.Frame) error {
	for _, f := range frames {
		select {
		case p.down <- string(f.Data):
		case <-p.gone:
			return transports.ErrPeerClosed
		}
	}
	return nil
}

func (p *pigeon) Goodbye(transports.CloseCode) { p.Terminate() }

func (p *pigeon) Terminate() { p.once.Do(func() { close(p.gone) }) }
