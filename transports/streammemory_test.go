package transports

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

const (
	idleStreams = 1000
	// maxIdle is what one idle stream may cost in bytes, its client's end of the
	// connection included, which lives in the same process here.
	maxIdle = 6 << 10
)

// memory returns the heap and the stacks in use.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// TestStreamMemory holds 1,000 idle streams that have each sent something. It
// runs alone, so that it measures nothing else.
func TestStreamMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("opens 2,000 sockets")
	}
	per, goroutines := measureIdle(t)
	t.Logf("%d bytes and %.2f goroutines for an idle stream", per, goroutines)
	if per > maxIdle*raceFactor {
		t.Errorf("%d bytes for an idle stream, at most %d are allowed", per, maxIdle*raceFactor)
	}
	if goroutines > 1.01 {
		t.Errorf("%.2f goroutines for an idle stream", goroutines)
	}
}

func measureIdle(t *testing.T) (per int64, goroutines float64) {
	out := streamOutbox()
	f := serveStreams(t, out, StreamParams{Dress: lineDress, MaxAge: time.Hour})
	streams := make([]*Stream, 0, idleStreams)
	conns := make([]net.Conn, 0, idleStreams)
	open := func() {
		conn, err := net.Dial("tcp", f.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		s := <-f.streams
		streams = append(streams, s)
		for !out.Attached(s) { // else the one before would get the text
			runtime.Gosched()
		}
		_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		text := fmt.Sprint("sent to ", len(streams))
		streamPut(out, text)
		buf := make([]byte, 0, 1024)
		for !bytes.Contains(buf, []byte(text)) {
			n, err := conn.Read(buf[len(buf):cap(buf)])
			if err != nil {
				t.Fatal(err)
			}
			buf = buf[:len(buf)+n]
		}
	}
	open() // what the server needs once
	before, running := memory(), runtime.NumGoroutine()
	for range idleStreams {
		open()
	}
	streamQuiet(t, streams[idleStreams])
	time.Sleep(50 * time.Millisecond) // net/http's goroutines return
	per = (memory() - before) / idleStreams
	goroutines = float64(runtime.NumGoroutine()-running) / idleStreams
	for i, s := range streams {
		_ = conns[i].Close()
		s.Wait()
		<-f.ends
	}
	runtime.KeepAlive(conns)
	return per, goroutines
}
