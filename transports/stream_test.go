package transports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

// The dresses of the versions, as the tests need them.
var (
	htmlfileDress = &Dress{
		Header:   http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"7"}, "Connection": {"keep-alive"}},
		Preamble: []byte("<html><body>" + strings.Repeat(" ", 244)),
		AppendPayload: func(dst []byte, frames []*packet.Frame) []byte {
			var text []byte
			for _, f := range frames {
				text = append(text, f.Data...)
			}
			quoted, _ := json.Marshal(string(text))
			return append(append(append(dst, "<script>_("...), quoted...), ");</script>"...)
		},
		Farewell: []byte("</body></html>"),
	}
	multipartDress = &Dress{
		Header:    http.Header{"Content-Type": {`multipart/x-mixed-replace;boundary="socketio"`}},
		Unchunked: true,
		Preamble:  []byte("--socketio\n"),
		AppendPayload: func(dst []byte, frames []*packet.Frame) []byte {
			dst = append(dst, "Content-Type: text/plain\n\n"...)
			for _, f := range frames {
				dst = append(dst, f.Data...)
			}
			return append(dst, "\n--socketio\n"...)
		},
	}
	// lineDress writes a line for each frame, and has marks that show what arrived.
	lineDress = &Dress{
		Header:   http.Header{"Content-Type": {"text/plain"}},
		Preamble: []byte("hello\n"),
		AppendPayload: func(dst []byte, frames []*packet.Frame) []byte {
			for _, f := range frames {
				dst = append(append(dst, f.Data...), '\n')
			}
			return dst
		},
		Farewell: []byte("bye\n"),
	}
)

func streamFrame(data string) *packet.Frame { return &packet.Frame{Data: []byte(data)} }

func streamOutbox(data ...string) *outbox.Outbox {
	out := &outbox.Outbox{}
	out.Init(&outbox.Limits{Bytes: 64 << 20, Frames: 1 << 20})
	streamPut(out, data...)
	return out
}

func streamPut(out *outbox.Outbox, data ...string) {
	for _, d := range data {
		if err := out.PutControl(streamFrame(d)); err != nil {
			panic(err)
		}
	}
}

// streamLeft takes what is left in an outbox.
func streamLeft(out *outbox.Outbox) string {
	held := Hold(out)
	var all []string
	for _, f := range held.Take(nil, 1<<30) {
		all = append(all, string(f.Data))
	}
	return strings.Join(all, " ")
}

// streamFinish is what OnEnd was told.
type streamFinish struct {
	cause StreamEnd
	err   error
}

// streamServer is a server whose every request gets a stream of the outbox.
type streamServer struct {
	*httptest.Server
	streams chan *Stream
	ends    chan streamFinish
}

func serveStreams(t *testing.T, out *outbox.Outbox, p StreamParams, prepare ...func(*httptest.Server, *http.Handler)) *streamServer {
	t.Helper()
	f := &streamServer{streams: make(chan *Stream, 100), ends: make(chan streamFinish, 100)}
	p.OnEnd = func(cause StreamEnd, err error) { f.ends <- streamFinish{cause, err} }
	if p.WriteTimeout == 0 {
		p.WriteTimeout = 10 * time.Second
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Before", "kept")
		s, err := OpenStream(w, r, out, p)
		if err != nil {
			t.Error(err)
			return
		}
		f.streams <- s
		s.Serve()
	})
	f.Server = httptest.NewUnstartedServer(nil)
	for _, prep := range prepare {
		prep(f.Server, &h)
	}
	f.Config.Handler = h
	if f.TLS != nil {
		f.StartTLS()
	} else {
		f.Start()
	}
	t.Cleanup(func() {
		f.CloseClientConnections()
		for {
			select {
			case s := <-f.streams:
				s.Terminate()
				s.Wait()
			default:
				f.Close()
				return
			}
		}
	})
	return f
}

// dial sends a request and returns the connection.
func (f *streamServer) dial(t *testing.T, proto string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", f.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(conn, "GET / HTTP/"+proto+"\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// next returns the stream of the latest request, and keeps it for the cleanup.
func (f *streamServer) next() *Stream {
	s := <-f.streams
	f.streams <- s
	return s
}

func (f *streamServer) wantEnd(t *testing.T, want StreamEnd) error {
	t.Helper()
	select {
	case got := <-f.ends:
		if got.cause != want {
			t.Errorf("ended as %v (%v), want %v", got.cause, got.err, want)
		}
		return got.err
	case <-time.After(30 * time.Second):
		t.Fatal("OnEnd was not called")
		return nil
	}
}

var streamDates = regexp.MustCompile(`Date: [^\r]+\r\n`)

// TestStreamBytes compares whole answers byte for byte, but for the date.
func TestStreamBytes(t *testing.T) {
	t.Parallel()
	htmlfileBody := htmlfileDress.Preamble
	tests := []struct {
		name  string
		proto string
		dress *Dress
		want  string
	}{
		{"htmlfile, chunked", "1.1", htmlfileDress, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Before: kept\r\nX-Content-Type-Options: nosniff\r\n" +
			"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"100\r\n" + string(htmlfileBody) + "\r\n" +
			"1d\r\n<script>_(\"one\");</script>two\r\n"},
		{"htmlfile, HTTP/1.0", "1.0", htmlfileDress, "HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Before: kept\r\nX-Content-Type-Options: nosniff\r\n" +
			"Connection: close\r\n\r\n" + string(htmlfileBody) + `<script>_("onetwo");</script></body></html>`},
		{"multipart, never chunked", "1.1", multipartDress, "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=\"socketio\"\r\nX-Before: kept\r\nX-Content-Type-Options: nosniff\r\n" +
			"Connection: close\r\n\r\n--socketio\nContent-Type: text/plain\n\nonetwo\n--socketio\n"},
		{"bare", "1.1", &Dress{Status: 202}, "HTTP/1.1 202 Accepted\r\nX-Before: kept\r\nX-Content-Type-Options: nosniff\r\n" +
			"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nonetwo\r\n0\r\n\r\n"},
	}
	tests[0].want = strings.Replace(tests[0].want, "1d\r\n<script>_(\"one\");</script>two\r\n", "1d\r\n<script>_(\"onetwo\");</script>\r\ne\r\n</body></html>\r\n0\r\n\r\n", 1)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := streamOutbox("one", "two")
			f := serveStreams(t, out, StreamParams{Dress: tt.dress})
			conn := f.dial(t, tt.proto)
			f.next().End()
			got, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			text := string(got)
			if !streamDates.MatchString(text) {
				t.Error("no date")
			}
			if diff := cmp.Diff(tt.want, streamDates.ReplaceAllString(text, "")); diff != "" {
				t.Error(diff)
			}
			_ = f.wantEnd(t, StreamEnded)
			_ = conn.Close()
			f.next().Wait()
			if out.Attached(f.next()) {
				t.Error("still attached")
			}
		})
	}
}

func TestFinishChunk(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 15, 16, 255, 256, 4095, 4096, 65535, 1 << 20} {
		body := bytes.Repeat([]byte("x"), size)
		room := append(make([]byte, chunkRoom), body...)
		got := finishChunk(bytes.Clone(room), true)
		want := lastChunk
		if size > 0 {
			want = strconv.FormatInt(int64(size), 16) + "\r\n" + string(body) + "\r\n" + lastChunk
		}
		if string(got) != want {
			t.Errorf("%d bytes: %.20q", size, got)
		}
		if got := finishChunk(room, false); string(got) != strings.TrimSuffix(want, lastChunk) {
			t.Errorf("%d bytes, not the last: %.20q", size, got)
		}
	}
}

// TestStreamReader reads with the client of net/http, which knows chunks on its
// own, while frames come one by one and in bursts.
func TestStreamReader(t *testing.T) {
	t.Parallel()
	out := streamOutbox()
	f := serveStreams(t, out, StreamParams{Dress: lineDress})
	resp, err := f.Client().Get(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	want := func(text string) {
		t.Helper()
		if got, err := lines.ReadString('\n'); got != text+"\n" {
			t.Fatalf("got %q, %v, want %q", got, err, text)
		}
	}
	want("hello")
	s := f.next()
	for i := range 300 {
		streamPut(out, fmt.Sprint(i))
		if i%7 == 0 {
			want(fmt.Sprint(i))
			continue
		}
		streamPut(out, strings.Repeat("z", i*100))
		want(fmt.Sprint(i))
		want(strings.Repeat("z", i*100))
	}
	streamQuiet(t, s)
	s.Comment([]byte(": still here\n"))
	want(": still here")
	streamQuiet(t, s)
	streamPut(out, "last")
	s.End()
	want("last")
	want("bye")
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	_ = f.wantEnd(t, StreamEnded)
	s.Wait()
}

// streamQuiet waits until the writer of a stream rests.
func streamQuiet(t *testing.T, s *Stream) {
	t.Helper()
	for range 10000 {
		s.mu.Lock()
		quiet := s.serving && !s.writing
		s.mu.Unlock()
		if quiet {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
	t.Fatal("the writer does not rest")
}

// TestStreamWithoutPayload sends frames for which the dress has no bytes: an
// empty chunk would end the body.
func TestStreamWithoutPayload(t *testing.T) {
	t.Parallel()
	out := streamOutbox("silent")
	mute := &Dress{AppendPayload: func(dst []byte, frames []*packet.Frame) []byte {
		if string(frames[0].Data) == "silent" {
			return dst
		}
		return append(dst, frames[0].Data...)
	}}
	f := serveStreams(t, out, StreamParams{Dress: mute})
	resp, err := f.Client().Get(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	streamQuiet(t, f.next())
	streamPut(out, "loud")
	f.next().End()
	if got, err := io.ReadAll(resp.Body); string(got) != "loud" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestStreamFull ends stream after stream by size; a client that comes again
// each time gets all, in order, and once.
func TestStreamFull(t *testing.T) {
	t.Parallel()
	const n = 3000
	out := streamOutbox()
	f := serveStreams(t, out, StreamParams{Dress: lineDress, MaxBytes: 2000})
	go func() {
		for i := range n {
			streamPut(out, fmt.Sprint(i))
			if i%100 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	next, streams := 0, 0
	for next < n {
		conn := f.dial(t, "1.1")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		s := <-f.streams
		body, err := streamLines(resp.Body, n-next, s)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		s.Wait()
		if body[0] != "hello" || body[len(body)-1] != "bye" {
			t.Fatalf("from %q to %q", body[0], body[len(body)-1])
		}
		for _, line := range body[1 : len(body)-1] {
			if line != fmt.Sprint(next) {
				t.Fatalf("got %s, want %d", line, next)
			}
			next++
		}
		streams++
		if end := <-f.ends; end.cause != StreamFull && next < n {
			t.Fatalf("ended as %v", end.cause)
		}
	}
	if streams < 4 {
		t.Errorf("only %d streams for %d numbers", streams, n)
	}
}

// streamLines reads a body to its end, which it asks for when it has all it wants.
func streamLines(r io.Reader, want int, s *Stream) ([]string, error) {
	var lines []string
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		lines = append(lines, sc.Text())
		if len(lines) == want+1 {
			s.End()
		}
	}
	return lines, sc.Err()
}

// streamPipe is a response whose connection is given.
type streamPipe struct {
	conn net.Conn
	err  error
	h    http.Header
}

func (w *streamPipe) Header() http.Header {
	if w.h == nil {
		w.h = http.Header{}
	}
	return w.h
}
func (w *streamPipe) WriteHeader(int)             {}
func (w *streamPipe) Write(b []byte) (int, error) { return len(b), nil }
func (w *streamPipe) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, nil, w.err
}

func streamRequest(proto string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Proto, r.ProtoMinor = "HTTP/"+proto, int(proto[2]-'0')
	return r
}

// TestStreamConcurrency lets everything be called at once.
func TestStreamConcurrency(t *testing.T) {
	t.Parallel()
	out := streamOutbox()
	f := serveStreams(t, out, StreamParams{Dress: lineDress, MaxBytes: 400, MaxAge: 3 * time.Millisecond})
	var wait sync.WaitGroup
	for i := range 24 {
		wait.Go(func() {
			resp, err := f.Client().Get(f.URL)
			if err != nil {
				return // terminated before its head had arrived
			}
			defer resp.Body.Close()
			s := <-f.streams
			for j := range 20 {
				streamPut(out, "x")
				s.Comment([]byte("c"))
				switch {
				case j < 15:
				case i%4 == 0:
					s.End()
				case i%4 == 1:
					s.Release()
				case i%4 == 2:
					s.Terminate()
				}
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			s.Wait()
			<-f.ends
			if out.Attached(s) {
				t.Error("still attached")
			}
		})
	}
	wait.Wait()
}
