package transports

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/packet"
)

func TestHixieMessages(t *testing.T) {
	t.Parallel()
	client, conn := openHixie(t, DuplexParams{})
	if !TextOnly(conn) {
		t.Error("the connection would take binary")
	}
	for _, b := range []byte("\x005:::é\xff\x00\xff") {
		client.send(t, string([]byte{b}))
	}
	client.send(t, "\x00"+strings.Repeat("x", 200_000)+"\xff")
	for _, want := range []string{"5:::é", "", strings.Repeat("x", 200_000)} {
		if got := readText(t, conn); got != want {
			t.Errorf("got %d bytes, want %d", len(got), len(want))
		}
	}
	want := errors.New("the handler's")
	client.send(t, "\x00a\xff\x00b\xff")
	if err := conn.Read(func([]byte, bool) error { return want }); !errors.Is(err, want) {
		t.Errorf("error %v", err)
	}
	if got := readText(t, conn); got != "b" {
		t.Errorf("got %q after a handler's error", got)
	}
	big := strings.Repeat("é", 20_000)
	err := conn.Write([]*packet.Frame{{Data: []byte("1::")}, {Data: []byte(big)}, {}})
	if err != nil {
		t.Fatal(err)
	}
	client.expect(t, "\x001::\xff\x00"+big+"\xff\x00\xff")
}

func TestHixieReadErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		send string
		want error
	}{
		"not text":          {send: "\x00\xc3\xff", want: ErrNotText},
		"too large":         {send: "\x00" + strings.Repeat("x", 1001) + "\xff", want: ErrTooLarge},
		"framing":           {send: "\x07", want: ErrFraming},
		"goodbye":           {send: "\xff\x00", want: ErrPeerClosed},
		"the end":           {want: ErrPeerClosed},
		"an end in between": {send: "\x00abc", want: ErrPeerClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, conn := openHixie(t, DuplexParams{MaxMessage: 1000})
			client.send(t, c.send)
			if err := client.Conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if err := readNothing(t, conn); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	t.Run("busy", func(t *testing.T) {
		t.Parallel()
		budget := NewBudget(100_000)
		client, conn := openHixie(t, DuplexParams{Budget: budget})
		client.send(t, "\x00"+strings.Repeat("x", 90_000)+"\xff\x00"+strings.Repeat("x", 500_000)+"\xff")
		if got := len(readText(t, conn)); got != 90_000 {
			t.Errorf("got %d bytes", got)
		}
		if err := readNothing(t, conn); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v", err)
		}
		if used := budget.Used(); used != 0 {
			t.Errorf("%d bytes are still in use", used)
		}
	})
}

// Hixie-76 has a closing frame both ways; hixie-75 has only the end.
func TestHixieGoodbye(t *testing.T) {
	t.Parallel()
	t.Run("76, ours", func(t *testing.T) {
		t.Parallel()
		client, conn := openHixie(t, DuplexParams{})
		conn.Goodbye(CloseNormal)
		conn.Goodbye(CloseTooLarge)
		client.send(t, "\x00last\xff\xff\x00")
		if got := readText(t, conn); got != "last" {
			t.Errorf("got %q", got)
		}
		if err := readNothing(t, conn); !errors.Is(err, ErrPeerClosed) {
			t.Errorf("error %v", err)
		}
		conn.Terminate()
		conn.Terminate()
		client.expect(t, "\xff\x00")
		client.expectEnd(t)
		if err := conn.Write([]*packet.Frame{{}}); err == nil {
			t.Error("written after the end")
		}
	})
	t.Run("76, the client's", func(t *testing.T) {
		t.Parallel()
		client, conn := openHixie(t, DuplexParams{})
		client.send(t, "\x000::\xff\xff\xff\x00")
		if got := readText(t, conn); got != "0::" {
			t.Errorf("got %q", got)
		}
		if err := readNothing(t, conn); !errors.Is(err, ErrPeerClosed) {
			t.Errorf("error %v", err)
		}
		// The draft lets nothing follow, and a farewell may be under way.
		if err := conn.Write([]*packet.Frame{{Data: []byte("0::")}}); err == nil {
			t.Error("written after the goodbye")
		}
		conn.Terminate()
		client.expect(t, "\xff\x00")
		client.expectEnd(t)
	})
	t.Run("75", func(t *testing.T) {
		t.Parallel()
		s := serveDrafts(t, WebSocket{}, DuplexParams{Drafts: DraftHixie75})
		client := s.dial(t)
		client.send(t, openingRequest("Upgrade: WebSocket\nConnection: Upgrade")+"\x00early\xff")
		client.response(t)
		conn := s.conn(t)
		if got := readText(t, conn); got != "early" {
			t.Errorf("got %q", got)
		}
		if err := conn.Write([]*packet.Frame{{Data: []byte("0::")}}); err != nil {
			t.Fatal(err)
		}
		conn.Goodbye(CloseNone)
		client.expect(t, "\x000::\xff")
		client.expectEnd(t)
		if err := conn.Write([]*packet.Frame{{}}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("written after the goodbye: %v", err)
		}
		client.send(t, "\xff\x00")
		if err := readNothing(t, conn); !errors.Is(err, ErrPeerClosed) {
			t.Errorf("error %v", err)
		}
	})
}

// notingConn notes writes and has nothing to read.
type notingConn struct {
	net.Conn
	mu     sync.Mutex
	writes []string
}

func (c *notingConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes = append(c.writes, string(b))
	return len(b), nil
}

func (c *notingConn) Read([]byte) (int, error)         { return 0, io.EOF }
func (c *notingConn) SetReadDeadline(time.Time) error  { return nil }
func (c *notingConn) SetWriteDeadline(time.Time) error { return nil }

func newNotingConn(draft Drafts) (*notingConn, *hixieConn) {
	n := &notingConn{}
	return n, newHixieConn(n, bufio.NewReader(n), hixieDialects[draft], DuplexParams{MaxMessage: 1000, WriteTimeout: time.Second})
}

func TestHixieWrites(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		frames []*packet.Frame
		want   []string
		err    error
	}{
		"several at once": {
			frames: []*packet.Frame{{Data: []byte("1::")}, {}, {Data: []byte("3:::é")}},
			want:   []string{"\x001::\xff\x00\xff\x003:::é\xff"},
		},
		"binary": {
			frames: []*packet.Frame{{Data: []byte("1::")}, {Data: []byte("b"), Binary: true}},
			err:    ErrBinary,
		},
		"text that would end its frame": {
			frames: []*packet.Frame{{Data: []byte("a\xff\x00b\xe9")}},
			want:   []string{"\x00a\ufffd\x00b\ufffd\xff"},
		},
		"other text that is none": { // the client's decoder is not led astray by it
			frames: []*packet.Frame{{Data: []byte("\xe9")}},
			want:   []string{"\x00\xe9\xff"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noted, conn := newNotingConn(DraftHixie76)
			if err := conn.Write(c.frames); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, noted.writes); diff != "" {
				t.Error(diff)
			}
			if err := conn.Write([]*packet.Frame{{}}); err != nil {
				t.Errorf("and after that: %v", err)
			}
		})
	}
}

func TestHixieWriteAllocates(t *testing.T) {
	_, conn := newNotingConn(DraftHixie76)
	conn.wire.Conn = quietConn{conn.wire.Conn}
	frames := []*packet.Frame{{Data: []byte("1::")}, {Data: []byte("3:::hello")}}
	if n := testing.AllocsPerRun(100, func() { _ = conn.Write(frames) }); n >= 1 {
		t.Errorf("%.1f allocations for a small batch", n)
	}
}

// quietConn takes writes without keeping them.
type quietConn struct{ net.Conn }

func (quietConn) Write(b []byte) (int, error) { return len(b), nil }

// A peer that does not answer a goodbye holds the reader for a second only.
func TestHixieGoodbyeUnanswered(t *testing.T) {
	t.Parallel()
	for name, draft := range map[string]Drafts{"76": DraftHixie76, "75": DraftHixie75} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				defer client.Close()
				go func() { _, _ = io.Copy(io.Discard, client) }()
				conn := newHixieConn(server, bufio.NewReader(server), hixieDialects[draft], DuplexParams{MaxMessage: 1000, WriteTimeout: time.Second})
				defer conn.Terminate()
				time.AfterFunc(time.Minute, func() { conn.Goodbye(CloseNone) })
				start := time.Now()
				if err := readNothing(t, conn); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); took != time.Minute+goodbyeTimeout {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// A peer that reads nothing is given up after the timeout.
func TestHixieWriteTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		conn := newHixieConn(server, bufio.NewReader(server), hixieDialects[DraftHixie76], DuplexParams{WriteTimeout: 7 * time.Second})
		defer conn.Terminate()
		start := time.Now()
		err := conn.Write([]*packet.Frame{{Data: []byte("1::")}})
		if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || took != 7*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestTextOnly(t *testing.T) {
	t.Parallel()
	if TextOnly(&wsConn{}) {
		t.Error("RFC 6455 takes binary")
	}
}

func TestFlashSocket(t *testing.T) {
	t.Parallel()
	s := serveDrafts(t, FlashSocket{}, DuplexParams{})
	client := s.dial(t)
	client.send(t, openingRequest("Upgrade: WebSocket\nConnection: Upgrade\nCookie: \nSec-WebSocket-Key1: "+someKey1+
		"\nSec-WebSocket-Key2: "+someKey2)+someNonce)
	client.expect(t, hixie76Head+"8jKS'y:G*Co,Wxa-")
	s.conn(t)

	r := NewRegistry()
	if _, ok := r.Lookup("flashsocket"); ok {
		t.Error("flashsocket is there without being asked for")
	}
	for _, transport := range Legacy() {
		if err := r.Register(transport); err != nil {
			t.Error(err)
		}
	}
	got, _ := r.Lookup("flashsocket")
	if got == nil || got.Mechanism() != MechanismDuplex {
		t.Errorf("got %v", got)
	}
}
