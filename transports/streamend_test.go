package transports

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestStreamPeerGoes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		leave func(*net.TCPConn)
	}{
		{"close", func(c *net.TCPConn) { _ = c.Close() }},
		{"half close", func(c *net.TCPConn) { _ = c.CloseWrite() }},
		{"reset", func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }},
		{"flood", func(c *net.TCPConn) {
			for {
				if _, err := c.Write(make([]byte, 1024)); err != nil {
					return
				}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := streamOutbox()
			f := serveStreams(t, out, StreamParams{Dress: lineDress})
			conn := f.dial(t, "1.1")
			s := f.next()
			tt.leave(conn)
			if err := f.wantEnd(t, StreamGone); err == nil {
				t.Error("without an error")
			}
			s.Wait()
			streamPut(out, "later")
			if got := streamLeft(out); got != "later" {
				t.Errorf("in the outbox: %q", got)
			}
		})
	}
}

// TestStreamStray sends another request on a connection that is a stream now:
// it is not answered, and does no harm.
func TestStreamStray(t *testing.T) {
	t.Parallel()
	out := streamOutbox()
	f := serveStreams(t, out, StreamParams{Dress: lineDress})
	conn := f.dial(t, "1.1")
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	s := f.next()
	streamPut(out, "one")
	s.End()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(resp.Body); string(got) != "hello\none\nbye\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestStreamTerminate does so before and after Serve.
func TestStreamTerminate(t *testing.T) {
	t.Parallel()
	out := streamOutbox("kept")
	ends := make(chan streamFinish, 1)
	p := StreamParams{Dress: lineDress, WriteTimeout: time.Second, OnEnd: func(c StreamEnd, err error) { ends <- streamFinish{c, err} }}
	open := func() (*Stream, net.Conn) {
		client, server := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, client) }()
		s, err := OpenStream(&streamPipe{conn: server}, streamRequest("1.1"), out, p)
		if err != nil {
			t.Fatal(err)
		}
		return s, client
	}
	s, _ := open()
	s.Terminate()
	s.Wait()
	if n, _ := out.Len(); n != 1 || out.Attached(s) {
		t.Error("touched the outbox")
	}
	s.Serve()
	if end := <-ends; end.cause != StreamTerminated {
		t.Errorf("ended as %v", end.cause)
	}
	s.Wait()
	out.Discard()
	s, _ = open()
	s.End()
	s.Serve()
	if end := <-ends; end.cause != StreamEnded {
		t.Errorf("ended as %v", end.cause)
	}
	s.Wait()
	s, _ = open()
	s.Serve()
	s.Terminate()
	if end := <-ends; end.cause != StreamTerminated {
		t.Errorf("ended as %v", end.cause)
	}
	s.Terminate()
	s.End()
	s.Release()
	s.Comment([]byte("x"))
	s.Wake()
	s.Wait()
}

// TestStreamRestLooksAgain puts a frame between the writer's last look and its
// rest, when waking it does nothing.
func TestStreamRestLooksAgain(t *testing.T) {
	t.Parallel()
	out := streamOutbox()
	s := &Stream{out: out, serving: true, writing: true, running: 1}
	out.Attach(s)
	if got := out.Take(s, nil, 1); len(got) != 0 {
		t.Fatal("took something")
	}
	streamPut(out, "one")
	if s.rest() {
		t.Error("rests although a frame waits")
	}
	out.Take(s, nil, 1)
	s.note = []byte("x")
	if s.rest() {
		t.Error("rests although a comment waits")
	}
	s.note, s.cause = nil, StreamAged
	if s.rest() {
		t.Error("rests although it is to end")
	}
	s.cause = streamRuns
	if !s.rest() || s.running != 0 || s.writing {
		t.Error("does not rest")
	}
}

// TestStreamOpenFails has a client that is gone, or a connection that somebody
// else has.
func TestStreamOpenFails(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	_ = client.Close()
	p := StreamParams{Dress: lineDress, WriteTimeout: time.Second}
	if s, err := OpenStream(&streamPipe{conn: server}, streamRequest("1.1"), streamOutbox(), p); s != nil || err == nil {
		t.Error("no error for a closed connection")
	}
	if _, err := server.Write(nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the connection is left open: %v", err)
	}
	if s, err := OpenStream(&streamPipe{err: http.ErrHijacked}, streamRequest("1.1"), streamOutbox(), p); s != nil || !errors.Is(err, http.ErrHijacked) {
		t.Errorf("error %v", err)
	}
}
