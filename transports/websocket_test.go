package transports

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"github.com/heirloom-io/socketio/packet"
)

var sizes = []int{0, 1, 125, 126, 65535, 65536, 1 << 20}

func TestWebSocketSizes(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{})
		for _, n := range sizes {
			data := strings.Repeat("x", n)
			for _, binary := range []bool{false, true} {
				op := byte(opText)
				if binary {
					op = opBinary
				}
				go client.write(bitFin|op, []byte(data))
				if m, err := server.next(); err != nil || m.data != data || m.binary != binary {
					t.Fatalf("up, %d bytes, binary %v: %d bytes, %v, %v", n, binary, len(m.data), m.binary, err)
				}
				done := make(chan error, 1)
				go func() { done <- server.Write([]*packet.Frame{{Data: []byte(data), Binary: binary}}) }()
				if f := client.mustRead(); f.first != bitFin|op || string(f.data) != data {
					t.Fatalf("down, %d bytes: %x, %d bytes", n, f.first, len(f.data))
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestWebSocketOtherClient talks to a client that is not the tests' own.
func TestWebSocketOtherClient(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (WebSocket{}).Accept(w, r, DuplexParams{MaxMessage: 2 << 20, WriteTimeout: patience})
		if err != nil {
			return
		}
		wg.Go(func() {
			defer c.Terminate()
			for err == nil {
				err = c.Read(func(data []byte, binary bool) error {
					return c.Write([]*packet.Frame{{Data: data, Binary: binary}})
				})
			}
		})
	}))
	defer ts.Close()
	defer wg.Wait()
	c, err := websocket.Dial("ws"+strings.TrimPrefix(ts.URL, "http"), "", "http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	for _, n := range sizes[1:] {
		want, got := strings.Repeat("é", n/2), ""
		if err := websocket.Message.Send(c, want); err != nil {
			t.Fatal(err)
		}
		if err := websocket.Message.Receive(c, &got); err != nil || got != want {
			t.Fatalf("%d bytes: %d bytes, %v", len(want), len(got), err)
		}
	}
}

func TestWebSocketFragments(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{})
		const clef = "é€😀"
		client.write(opText, []byte(clef[:1])) // within a character
		client.write(bitFin|9, []byte("between"))
		client.write(0, []byte(clef[1:4]))
		client.write(0, nil)
		client.write(bitFin, []byte(clef[4:]))
		if m, err := server.next(); err != nil || m != (message{data: clef}) {
			t.Errorf("%+v, %v", m, err)
		}
		if f := client.mustRead(); f.first != bitFin|opPong || string(f.data) != "between" {
			t.Errorf("pong: %x %q", f.first, f.data)
		}
	})
}

// TestWebSocketFaults: frames that no client may send.
func TestWebSocketFaults(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		tests := []struct {
			name string
			wire []byte
			code int
			err  error
		}{
			{"not masked", []byte{bitFin | opText, 1, 'x'}, 1002, nil},
			{"reserved bit", rawFrame(bitFin|0x20|opText, nil), 1002, nil},
			{"compressed without agreement", rawFrame(bitFin|bitCompressed|opText, nil), 1002, nil},
			{"unknown opcode", rawFrame(bitFin|3, nil), 1002, nil},
			{"continuation of nothing", rawFrame(bitFin, nil), 1002, nil},
			{"ping in pieces", rawFrame(9, nil), 1002, nil},
			{"ping too long", rawFrame(bitFin|9, make([]byte, 126)), 1002, nil},
			{"text that is not UTF-8", rawFrame(bitFin|opText, []byte("\xff\xfe")), 0, ErrNotText},
			{"text cut within a character", rawFrame(bitFin|opText, []byte("\xe2\x82")), 0, ErrNotText},
			{"surrogate", rawFrame(bitFin|opText, []byte("\xed\xa0\x80")), 0, ErrNotText},
			{"over the limit", rawFrame(bitFin|opText, make([]byte, 1001)), 0, ErrTooLarge},
			{"over the limit in pieces", append(rawFrame(opBinary, make([]byte, 600)), rawFrame(0, make([]byte, 600))...), 0, ErrTooLarge},
			{"a length beyond all memory", []byte{bitFin | opBinary, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}, 0, ErrPeerClosed},
		}
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				client, server := connect(t, DuplexParams{MaxMessage: 1000})
				if _, err := client.Write(tc.wire); err != nil {
					t.Fatal(err)
				}
				if errors.Is(tc.err, ErrPeerClosed) {
					_ = client.Close() // it says no more
				}
				m, err := server.next()
				if err == nil || tc.err != nil && !errors.Is(err, tc.err) {
					t.Errorf("%d bytes, error %v, want %v", len(m.data), err, tc.err)
				}
				if tc.code != 0 {
					client.wantClose(tc.code)
				}
			})
		}
	})
}

func TestWebSocketAtLimit(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		for _, limit := range []int{1, 511, 512, 1000, 1024, 65536, 100_000} {
			client, server := connect(t, DuplexParams{MaxMessage: limit})
			client.write(bitFin|opBinary, make([]byte, limit))
			if m, err := server.next(); err != nil || len(m.data) != limit {
				t.Errorf("limit %d: %d bytes, %v", limit, len(m.data), err)
			}
		}
	})
}

// TestWebSocketReadError: an error of the caller comes back as it is.
func TestWebSocketReadError(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{})
		client.write(bitFin|opText, []byte("x"))
		client.write(bitFin|opText, []byte("y"))
		want := errors.New("enough")
		if err := server.Read(func([]byte, bool) error { return want }); !errors.Is(err, want) {
			t.Errorf("error %v", err)
		}
		if m, err := server.next(); err != nil || m.data != "y" {
			t.Errorf("after it: %+v, %v", m, err)
		}
	})
}

func TestWebSocketPing(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{})
		read := make(chan error, 1)
		go func() {
			_, err := server.next()
			read <- err
		}()
		for _, n := range []int{0, 1, 125} {
			data := bytes.Repeat([]byte{0xff}, n)
			client.write(bitFin|9, data)
			if f := client.mustRead(); f.first != bitFin|opPong || !bytes.Equal(f.data, data) {
				t.Errorf("pong for %d bytes: %x, %d bytes", n, f.first, len(f.data))
			}
		}
		client.write(bitFin|opPong, []byte("unasked"))
		client.write(bitFin|opText, []byte("x"))
		if err := <-read; err != nil {
			t.Error(err)
		}
	})
}

// TestWebSocketPingWhileStuck: while a write waits for a client that does not
// read, pings must not keep the reader from reading. The last is answered.
func TestWebSocketPingWhileStuck(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{})
		big := textFrame(strings.Repeat("x", 16<<20)) // more than the system buffers
		wrote := make(chan error, 1)
		before := server.net.writes.Load()
		go func() { wrote <- server.Write([]*packet.Frame{big}) }()
		for server.net.writes.Load() < before+2 { // the header is a write of its own
			time.Sleep(time.Millisecond)
		}
		for i := range 1000 {
			client.write(bitFin|9, fmt.Append(nil, i))
		}
		client.write(bitFin|opText, []byte("still read"))
		if m, err := server.next(); err != nil || m.data != "still read" {
			t.Fatalf("%+v, %v", m, err)
		}
		if f := client.mustRead(); len(f.data) != len(big.Data) {
			t.Errorf("message of %d bytes", len(f.data))
		}
		if f := client.mustRead(); f.first != bitFin|opPong || string(f.data) != "999" {
			t.Errorf("after it: %x %q", f.first, f.data)
		}
		if err := <-wrote; err != nil {
			t.Error(err)
		}
	})
}

// TestWebSocketPingsAmongWrites: frames of both writers stay whole.
func TestWebSocketPingsAmongWrites(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		const n = 300
		client, server := connect(t, DuplexParams{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for range n {
				client.write(bitFin|9, []byte("ping"))
			}
			client.write(bitFin|opText, nil)
		})
		wg.Go(func() {
			if _, err := server.next(); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			for i := range n {
				_ = server.Write([]*packet.Frame{textFrame(strings.Repeat("x", i*i/3)), binaryFrame("y")})
			}
		})
		pongs := 0
		for i := 0; i < 2*n; {
			f := client.mustRead()
			switch {
			case f.first == bitFin|opPong && string(f.data) == "ping":
				pongs++
				continue
			case i%2 == 0 && (f.first != bitFin|opText || len(f.data) != (i/2)*(i/2)/3),
				i%2 == 1 && (f.first != bitFin|opBinary || string(f.data) != "y"):
				t.Fatalf("frame %d: %x, %d bytes", i, f.first, len(f.data))
			}
			i++
		}
		if pongs > n {
			t.Errorf("%d pongs for %d pings", pongs, n)
		}
		wg.Wait()
	})
}

// TestWebSocketGoodbye: close frames of both sides.
func TestWebSocketGoodbye(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		for code, onWire := range map[CloseCode]int{CloseNone: 0, CloseNormal: 1000, CloseNotText: 1007, CloseTooLarge: 1009, CloseTryLater: 1013} {
			client, server := connect(t, DuplexParams{})
			server.Goodbye(code)
			server.Goodbye(CloseNormal) // only the first counts
			client.wantClose(onWire)
			client.write(bitFin|opText, []byte("on its way"))
			client.write(bitFin|opClose, nil)
			if m, err := server.next(); err != nil || m.data != "on its way" {
				t.Errorf("%d: %+v, %v", code, m, err)
			}
			if _, err := server.next(); !errors.Is(err, ErrPeerClosed) {
				t.Errorf("%d: %v", code, err)
			}
			server.Terminate()
			server.Terminate()
			if _, err := client.read(); err == nil {
				t.Errorf("%d: a frame after the close frame", code)
			}
		}
		for _, body := range []string{"", "\x03\xe8", "\x03\xe8bye", "\x0f\xa0"} {
			client, server := connect(t, DuplexParams{})
			client.write(bitFin|opClose, []byte(body))
			if _, err := server.next(); !errors.Is(err, ErrPeerClosed) {
				t.Errorf("%q: %v", body, err)
			}
			code := 0
			if body != "" {
				code = int(body[0])<<8 | int(body[1])
			}
			client.wantClose(code)
		}
	})
}

// TestWebSocketGoodbyeUnanswered: the reader does not wait for ever.
func TestWebSocketGoodbyeUnanswered(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		_, server := connect(t, DuplexParams{})
		server.Goodbye(CloseNone)
		began := time.Now()
		if _, err := server.next(); err == nil || time.Since(began) > goodbyeTimeout+patience/2 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestWebSocketTerminate ends a reader and a stuck writer.
func TestWebSocketTerminate(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		_, server := connect(t, DuplexParams{})
		errs := make(chan error, 2)
		go func() {
			_, err := server.next()
			errs <- err
		}()
		go func() { errs <- server.Write([]*packet.Frame{textFrame(strings.Repeat("x", 64<<20))}) }()
		time.Sleep(20 * time.Millisecond) // the write has begun, or not: both must end
		server.Terminate()
		for range 2 {
			if err := <-errs; err == nil {
				t.Error("no error after Terminate")
			}
		}
	})
}

// TestWebSocketWriteTimeout: a write to a client that does not read ends, and
// no further one is tried.
func TestWebSocketWriteTimeout(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		_, server := connect(t, DuplexParams{WriteTimeout: 50 * time.Millisecond})
		began := time.Now()
		err := server.Write([]*packet.Frame{textFrame(strings.Repeat("x", 64<<20))})
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) > patience {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if again := server.Write([]*packet.Frame{textFrame("x")}); !errors.Is(again, err) {
			t.Errorf("second write: %v", again)
		}
	})
}

// TestWebSocketBatch: however many frames are written together, few writes
// leave.
func TestWebSocketBatch(t *testing.T) {
	t.Parallel()
	client, server := connect(t, DuplexParams{})
	frames := make([]*packet.Frame, 500)
	for i := range frames {
		frames[i] = textFrame(fmt.Sprint("frame ", i))
	}
	for round := range 3 { // the frames keep their wire form from the second on
		before := server.net.writes.Load()
		if err := server.Write(frames); err != nil {
			t.Fatal(err)
		}
		if n := server.net.writes.Load() - before; n != 1 {
			t.Errorf("round %d: %d writes for %d frames", round, n, len(frames))
		}
		for i := range frames {
			if f := client.mustRead(); string(f.data) != fmt.Sprint("frame ", i) {
				t.Fatalf("round %d, frame %d: %q", round, i, f.data)
			}
		}
	}
}

// TestWebSocketReset cuts the connection at any place of a conversation; each
// must end both sides.
func TestWebSocketReset(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		var script []byte
		script = append(script, rawFrame(bitFin|opText, []byte("hello"))...)
		script = append(script, rawFrame(bitFin|9, []byte("ping"))...)
		script = append(script, rawFrame(opBinary, bytes.Repeat([]byte("x"), 300))...)
		script = append(script, rawFrame(bitFin, bytes.Repeat([]byte("y"), 70_000))...)
		script = append(script, rawFrame(bitFin|opText, []byte("end"))...)
		rnd := rand.New(rand.NewSource(1))
		places := []int{0, 1, 2, 5, 6, 10, len(script)}
		for range 25 {
			places = append(places, rnd.Intn(len(script)))
		}
		for _, n := range places {
			client, server := connect(t, DuplexParams{})
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				for err == nil {
					_, err = server.next()
				}
				server.Terminate()
			})
			wg.Go(func() {
				var err error
				for err == nil {
					err = server.Write([]*packet.Frame{textFrame(strings.Repeat("z", 1000))})
				}
			})
			_, _ = client.Write(script[:n])
			client.reset()
			wg.Wait()
		}
	})
}

func TestWebSocketRefusals(t *testing.T) {
	t.Parallel()
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := (WebSocket{}).Accept(w, r, DuplexParams{MaxMessage: 1, WriteTimeout: patience}); err == nil {
			c.Terminate()
			t.Error("opened")
		}
	}))
	defer ts.Close()
	for name, header := range map[string]map[string]string{
		"no upgrade":    {},
		"no key":        {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
		"wrong version": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "5", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
	} {
		r, _ := http.NewRequest(http.MethodGet, ts.URL, nil)
		r.Close = true
		for k, v := range header {
			r.Header.Set(k, v)
		}
		tr := &http.Transport{}
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		tr.CloseIdleConnections()
	}
	// A writer that cannot be taken over.
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
		r.Header.Set(k, v)
	}
	if _, err := (WebSocket{}).Accept(w, r, DuplexParams{}); err == nil || w.Code != http.StatusInternalServerError {
		t.Errorf("no hijacker: %v, %d", err, w.Code)
	}
}

// TestWebSocketBudget: messages of all clients together are bounded, and what
// was taken is given back.
func TestWebSocketBudget(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		budget := NewBudget(1 << 20)
		client, server := connect(t, DuplexParams{Budget: budget, MaxMessage: 16 << 20})
		client.write(bitFin|opBinary, make([]byte, 300_000))
		inside := int64(0)
		err := server.Read(func([]byte, bool) error {
			inside = budget.Used()
			return nil
		})
		if err != nil || inside < 200_000 || budget.Used() != 0 {
			t.Errorf("%v; %d bytes within, %d after", err, inside, budget.Used())
		}
		go func() { _, _ = client.Write(rawFrame(bitFin|opBinary, make([]byte, 8<<20))) }()
		if _, err := server.next(); !errors.Is(err, ErrBusy) || budget.Used() != 0 {
			t.Errorf("%v, %d bytes in use", err, budget.Used())
		}
		server.Terminate()
	})
}
