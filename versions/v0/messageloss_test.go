package v0

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/transports"
	"github.com/heirloom-io/socketio/versions"
)

// brittle is a pipe that breaks while something is written to it.
type brittle struct{ pipe }

type brittleConn struct {
	*pipeConn
	breaking chan struct{} // closed when writes are to fail
	armed    chan struct{} // closed when writes are to wait for that
}

func (brittle) Name() string { return "brittle" }

func (b brittle) Accept(http.ResponseWriter, *http.Request, transports.DuplexParams) (transports.Conn, error) {
	c := &pipeConn{up: make(chan string), over: make(chan struct{})}
	b.conns <- c
	return &brittleConn{c, brittleBreaking, brittleArmed}, nil
}

// Both are made by the one test that uses them.
var brittleBreaking, brittleArmed chan struct{}

func (c *brittleConn) Write(frames []*packet.Frame) error {
	select {
	case <-c.armed:
		<-c.breaking
		return errors.New("broken")
	default:
		return c.pipeConn.Write(frames)
	}
}

func TestUnsentSurvivesABrokenStream(t *testing.T) {
	var broken brittle
	change := func(p *MessageParams) {
		p.StreamCloseTimeout = 5 * time.Second
		brittleBreaking, brittleArmed = make(chan struct{}), make(chan struct{})
		broken = brittle{pipe{make(chan *pipeConn, 10)}}
		if err := p.Registry.Register(broken); err != nil {
			t.Fatal(err)
		}
		p.Transports = append(p.Transports, broken.Name())
	}
	inMessageBubble(t, change, func(b *messageBubble) {
		b.pipe = broken.pipe
		open := func(sid string) *pipeConn {
			b.do(http.MethodGet, "brittle/"+sid, "", "Upgrade", "websocket")
			return receive(t, b.pipe.conns)
		}
		c := open("")
		sid := b.id(c.taken()[0])
		c.up <- "~m~1~m~a"
		conn := receive(t, b.h.conns)
		close(brittleArmed)
		conn.send("1")
		synctest.Wait() // is being written
		conn.send("2")
		conn.send("3")
		close(brittleBreaking)
		synctest.Wait()
		conn.send("4")
		brittleArmed = make(chan struct{})
		b.want(open(sid).taken(), "~m~1~m~1~m~1~m~2~m~1~m~3~m~1~m~4")
	})
}

func TestHeldPollEndsWithItsSession(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, func(p *MessageParams) { p.Dialect = DialectFramed }, func(b *messageBubble) {
		sid := b.id(b.do(http.MethodGet, "xhr-polling//1", "").Body.String())
		poll := func() <-chan *httptest.ResponseRecorder {
			done := make(chan *httptest.ResponseRecorder, 1)
			go func() { done <- b.do(http.MethodGet, "xhr-polling/"+sid+"/1", "") }()
			synctest.Wait()
			return done
		}
		older := poll()
		newer := poll()
		if w := <-older; w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("poll that another replaces: %d %q", w.Code, w.Body)
		}
		receive(t, b.h.conns).Close(versions.ReasonServerDisconnect)
		if w := <-newer; w.Code != aborted {
			t.Errorf("poll of a session that ends: %d %q", w.Code, w.Body)
		}
	})
}
