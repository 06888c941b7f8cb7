package transports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/internal/outbox"
)

// The tests of this file run on pipes, which hold nothing back: what a write has
// handed over the client has read. So it can be told exactly what arrived, and
// time is not the machine's.

// streamCounter counts writes.
type streamCounter struct {
	net.Conn
	writes atomic.Int32
}

func (c *streamCounter) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// pipeStream opens a stream over a pipe, reads its head and preamble, and serves
// it. Its end goes to the channel.
func pipeStream(t *testing.T, out *outbox.Outbox, p StreamParams) (*Stream, net.Conn, *streamCounter, chan streamFinish) {
	t.Helper()
	ends := make(chan streamFinish, 1)
	p.OnEnd = func(c StreamEnd, err error) { ends <- streamFinish{c, err} }
	client, server := net.Pipe()
	counting := &streamCounter{Conn: server}
	opened := make(chan *Stream)
	go func() {
		s, err := OpenStream(&streamPipe{conn: counting}, streamRequest("1.1"), out, p)
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	in := bufio.NewReaderSize(client, 16)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
	}
	// Exactly the chunk of the preamble, so that the buffer holds nothing more.
	preamble := fmt.Sprintf("%x\r\n%s\r\n", len(p.Dress.Preamble), p.Dress.Preamble)
	if _, err := io.ReadFull(in, make([]byte, len(preamble))); err != nil {
		t.Fatal(err)
	}
	s := <-opened
	counting.writes.Store(0)
	s.Serve()
	return s, client, counting, ends
}

func TestStreamBatchIsOneWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := streamOutbox()
		var want strings.Builder
		for i := range 100 {
			streamPut(out, fmt.Sprint(i))
			fmt.Fprintln(&want, i)
		}
		s, client, conn, ends := pipeStream(t, out, StreamParams{Dress: lineDress, WriteTimeout: time.Second})
		body := httputil.NewChunkedReader(client)
		got := make([]byte, want.Len())
		if _, err := io.ReadFull(body, got); err != nil || string(got) != want.String() {
			t.Fatalf("%q, %v", got, err)
		}
		s.Release()
		rest, err := io.ReadAll(body)
		if string(rest) != "bye\n" || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		<-ends
		if n := conn.writes.Load(); n != 2 {
			t.Errorf("%d writes for a batch and the farewell", n)
		}
		_ = client.Close()
		s.Wait()
	})
}

func TestStreamAges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		out := streamOutbox()
		s, client, _, ends := pipeStream(t, out, StreamParams{Dress: lineDress, WriteTimeout: time.Second, MaxAge: time.Minute})
		streamPut(out, "one")
		got, err := io.ReadAll(httputil.NewChunkedReader(client))
		if string(got) != "one\nbye\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if end := <-ends; end != (streamFinish{StreamAged, nil}) || time.Since(began) != time.Minute {
			t.Errorf("ended as %v after %v", end, time.Since(began))
		}
		streamPut(out, "two")
		// A pipe cannot be closed by half, so it is closed.
		if _, err := client.Read(make([]byte, 10)); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
		s.Wait()
		if got := streamLeft(out); got != "two" {
			t.Errorf("in the outbox: %q", got)
		}
	})
}

// TestStreamTakesNoMoreThanItMay leaves in the outbox what would not fit any
// more, though all of it waits from the start.
func TestStreamTakesNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := streamOutbox()
		for range 100 {
			streamPut(out, strings.Repeat("x", 99))
		}
		s, client, _, ends := pipeStream(t, out, StreamParams{Dress: lineDress, WriteTimeout: time.Second, MaxBytes: 1000})
		got, err := io.ReadAll(httputil.NewChunkedReader(client))
		if n := bytes.Count(got, []byte("x\n")); n != 10 || err != nil {
			t.Errorf("%d lines, %v", n, err)
		}
		if end := <-ends; end.cause != StreamFull {
			t.Errorf("ended as %v", end)
		}
		_ = client.Close()
		s.Wait()
		if n, _ := out.Len(); n != 90 {
			t.Errorf("%d frames in the outbox", n)
		}
	})
}

// halfPipe can be closed by half, in name at least.
type halfPipe struct {
	net.Conn
	half, whole atomic.Int32
}

func (h *halfPipe) CloseWrite() error { h.half.Add(1); return nil }
func (h *halfPipe) Close() error      { h.whole.Add(1); return h.Conn.Close() }

// TestStreamLingers has a client that does not close its side after the end.
func TestStreamLingers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		conn := &halfPipe{Conn: server}
		go func() { _, _ = io.Copy(io.Discard, client) }()
		s, err := OpenStream(&streamPipe{conn: conn}, streamRequest("1.1"), streamOutbox(), StreamParams{Dress: lineDress, WriteTimeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		s.Serve()
		began := time.Now()
		s.End()
		synctest.Wait()
		if conn.half.Load() != 1 || conn.whole.Load() != 0 {
			t.Errorf("closed %d times by half, %d whole", conn.half.Load(), conn.whole.Load())
		}
		s.Wait()
		if conn.whole.Load() == 0 || time.Since(began) != goodbyeTimeout {
			t.Errorf("closed %d times after %v", conn.whole.Load(), time.Since(began))
		}
	})
}

// TestStreamStalls has a client that stops in the middle of a payload: after the
// write's time all of the batch is back, before what came later.
func TestStreamStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		out := streamOutbox("one", "two")
		s, client, conn, ends := pipeStream(t, out, StreamParams{Dress: lineDress, WriteTimeout: time.Minute})
		if _, err := io.ReadFull(client, make([]byte, 7)); err != nil {
			t.Fatal(err)
		}
		streamPut(out, "three")
		end := <-ends
		if end.cause != StreamStalled || !errors.Is(end.err, os.ErrDeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("ended as %v after %v", end, time.Since(began))
		}
		s.Wait()
		if n := conn.writes.Load(); n != 1 {
			t.Errorf("%d writes: something follows half a payload", n)
		}
		if got := streamLeft(out); got != "one two three" {
			t.Errorf("in the outbox: %q", got)
		}
	})
}

// TestStreamRelease replaces a carrier whose client has stopped reading: after a
// second the next one has everything, in order.
func TestStreamRelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := streamOutbox("one", "two")
		p := StreamParams{Dress: lineDress, WriteTimeout: time.Minute}
		s, client, conn, ends := pipeStream(t, out, p)
		if _, err := io.ReadFull(client, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		streamPut(out, "three")
		synctest.Wait()
		began := time.Now()
		s.Release()
		time.Sleep(goodbyeTimeout / 2)
		s.Release() // does not prolong it
		s.Wait()
		if end := <-ends; end.cause != StreamReleased || time.Since(began) != goodbyeTimeout {
			t.Errorf("ended as %v after %v", end, time.Since(began))
		}
		if n := conn.writes.Load(); n != 1 {
			t.Errorf("%d writes: something follows half a payload", n)
		}
		s, client, _, _ = pipeStream(t, out, p)
		got := make([]byte, len("one\ntwo\nthree\n"))
		if _, err := io.ReadFull(httputil.NewChunkedReader(client), got); err != nil || string(got) != "one\ntwo\nthree\n" {
			t.Errorf("%q, %v", got, err)
		}
		s.Terminate()
		s.Wait()
	})
}

// TestStreamEndsLate asks for the end of a stream that is blocked: what waits is
// sent first, beyond all bounds, and ends can be outdone by Terminate only.
func TestStreamEndsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := streamOutbox("one")
		p := StreamParams{Dress: lineDress, WriteTimeout: time.Hour, MaxAge: time.Minute, MaxBytes: 7}
		s, client, _, ends := pipeStream(t, out, p)
		synctest.Wait()
		streamPut(out, "two", "three")
		s.End()
		time.Sleep(2 * time.Minute)
		got, err := io.ReadAll(httputil.NewChunkedReader(client))
		if string(got) != "one\ntwo\nthree\nbye\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if end := <-ends; end.cause != StreamEnded {
			t.Errorf("ended as %v", end)
		}
		s.Wait()

		streamPut(out, "four")
		s, _, _, ends = pipeStream(t, out, p)
		s.End()
		synctest.Wait()
		s.Terminate()
		if end := <-ends; end.cause != StreamTerminated {
			t.Errorf("ended as %v", end)
		}
		s.Wait()
		if got := streamLeft(out); got != "four" {
			t.Errorf("in the outbox: %q", got)
		}
	})
}

// TestStreamVolatile: only a stream that is served and has nothing to do takes
// volatile frames.
func TestStreamVolatile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := streamOutbox()
		s, client, _, _ := pipeStream(t, out, StreamParams{Dress: lineDress, WriteTimeout: time.Minute})
		synctest.Wait()
		streamPut(out, "one")
		synctest.Wait()
		if err := out.Put(nil, true); !errors.Is(err, outbox.ErrDropped) {
			t.Errorf("while it writes: %v", err)
		}
		if _, err := io.ReadFull(client, make([]byte, len("4\r\none\n\r\n"))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := out.Put(nil, true); err != nil {
			t.Errorf("while it rests: %v", err)
		}
		s.Terminate()
		s.Wait()
		if err := out.Put(nil, true); !errors.Is(err, outbox.ErrDropped) {
			t.Errorf("after it: %v", err)
		}
	})
}

// TestStreamNothingLost ends streams in every way at any byte, and puts together
// what clients got as whole chunks: every frame once, and in order.
func TestStreamNothingLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		rnd := rand.New(rand.NewPCG(7, 7))
		out := streamOutbox()
		produced := make(chan struct{})
		go func() {
			defer close(produced)
			for i := range n {
				streamPut(out, fmt.Sprint(i))
				if i%10 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}()
		var got []string
		seen := map[StreamEnd]int{}
		for rounds := 0; len(got) < n; rounds++ {
			if rounds > 5000 {
				left, _ := out.Len()
				t.Fatalf("%d of %d after %v, %d left", len(got), n, seen, left)
			}
			p := StreamParams{Dress: lineDress, WriteTimeout: 50 * time.Millisecond, MaxBytes: int64(rnd.IntN(3) * 200), MaxAge: time.Duration(1+rnd.IntN(100)) * time.Millisecond}
			s, client, _, ends := pipeStream(t, out, p)
			limit := 600
			if rnd.IntN(3) == 0 {
				limit = 20000 // room for all that waits, which is one batch
			}
			raw, _ := io.ReadAll(io.LimitReader(client, int64(rnd.IntN(limit))))
			switch rnd.IntN(4) {
			case 0:
				_ = client.Close()
			case 1:
				s.Release()
			case 2:
				s.Terminate()
			case 3: // stalls
			}
			end := <-ends
			s.Wait()
			_ = client.Close()
			seen[end.cause]++
			got = append(got, wholeStreamChunks(raw)...)
		}
		<-produced
		for i, line := range got {
			if line != fmt.Sprint(i) {
				t.Fatalf("got %s, want %d", line, i)
			}
		}
		for _, cause := range []StreamEnd{StreamAged, StreamFull, StreamStalled, StreamGone, StreamReleased, StreamTerminated} {
			if seen[cause] == 0 {
				t.Errorf("no stream ended as %v: %v", cause, seen)
			}
		}
	})
}

// wholeStreamChunks returns the lines of all chunks that arrived to their last byte.
func wholeStreamChunks(raw []byte) []string {
	var lines []string
	for {
		var size int
		if _, err := fmt.Sscanf(string(raw), "%x\r\n", &size); err != nil || size == 0 {
			return lines
		}
		raw = raw[bytes.IndexByte(raw, '\n')+1:]
		if len(raw) < size+2 {
			return lines
		}
		for line := range strings.Lines(string(raw[:size])) {
			if line != "bye\n" {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		raw = raw[size+2:]
	}
}

var _ http.Hijacker = (*streamPipe)(nil)
