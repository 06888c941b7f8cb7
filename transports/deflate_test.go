package transports

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

const offer = "permessage-deflate; client_max_window_bits"

func TestDeflateAgreement(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		tests := []struct {
			name  string
			param *Deflate
			offer string
			want  string
		}{
			{"agreed", &Deflate{Threshold: 10}, offer, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
			{"not configured", nil, offer, ""},
			{"not offered", &Deflate{Threshold: 10}, "", ""},
			{"something else offered", &Deflate{Threshold: 10}, "x-webkit-deflate-frame", ""},
		}
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				var header []string
				if tc.offer != "" {
					header = []string{"Sec-WebSocket-Extensions", tc.offer}
				}
				client, server := connect(t, DuplexParams{Deflate: tc.param}, header...)
				if got := client.resp.Header.Get("Sec-Websocket-Extensions"); got != tc.want {
					t.Errorf("answer %q, want %q", got, tc.want)
				}
				// What was not agreed is not done.
				if err := server.Write([]*packet.Frame{textFrame(strings.Repeat("x", 1000))}); err != nil {
					t.Fatal(err)
				}
				if got := client.mustRead().first&bitCompressed != 0; got != (tc.want != "") {
					t.Errorf("compressed: %v", got)
				}
			})
		}
	})
}

func TestDeflateDown(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		long := strings.Repeat("a long message, ", 100)
		loud := strings.Repeat("x", 1<<20)
		noise := make([]byte, 2000)
		for i, x := 0, uint32(1); i < len(noise); i++ {
			x = x*1664525 + 1013904223
			noise[i] = byte(x >> 24)
		}
		tests := []struct {
			name       string
			frame      *packet.Frame
			compressed bool
		}{
			{"long", textFrame(long), true},
			{"binary", binaryFrame(long), true},
			{"large", textFrame(loud), true},
			{"at the threshold", textFrame(long[:1024]), true},
			{"below the threshold", textFrame(long[:1023]), false},
			{"not wanted", &packet.Frame{Data: []byte(long), NoCompress: true}, false},
			{"of no use", &packet.Frame{Data: noise, Binary: true}, false},
			{"empty", textFrame(""), false},
		}
		client, server := connect(t, DuplexParams{Deflate: &Deflate{Threshold: 1024}}, "Sec-WebSocket-Extensions", offer)
		for _, tc := range tests {
			// Twice alone, then in a batch, since the forms are kept.
			for range 2 {
				if err := server.Write([]*packet.Frame{tc.frame}); err != nil {
					t.Fatal(err)
				}
			}
			if err := server.Write([]*packet.Frame{tc.frame, textFrame("after")}); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				f := client.mustRead()
				if got := f.first&bitCompressed != 0; got != tc.compressed {
					t.Errorf("%s: compressed %v", tc.name, got)
				} else if got {
					if len(f.data) >= len(tc.frame.Data) {
						t.Errorf("%s: %d bytes for %d", tc.name, len(f.data), len(tc.frame.Data))
					}
					f.data = inflate(t, f.data)
				}
				if !bytes.Equal(f.data, tc.frame.Data) || (f.first&0xf == opBinary) != tc.frame.Binary {
					t.Errorf("%s: %x, %d bytes", tc.name, f.first, len(f.data))
				}
			}
			if f := client.mustRead(); string(f.data) != "after" {
				t.Errorf("%s: then %q", tc.name, f.data)
			}
		}
	})
}

// TestDeflateShared: one frame for many receivers, some of which compress.
func TestDeflateShared(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		shared := textFrame(strings.Repeat("shared ", 1000))
		var wg sync.WaitGroup
		for i := range 6 {
			p, header := DuplexParams{}, []string(nil)
			if i%2 == 0 {
				p.Deflate, header = &Deflate{Threshold: 100}, []string{"Sec-WebSocket-Extensions", offer}
			}
			client, server := connect(t, p, header...)
			wg.Go(func() {
				for range 3 {
					_ = server.Write([]*packet.Frame{shared})
					f := client.mustRead()
					if f.first&bitCompressed != 0 {
						f.data = inflate(t, f.data)
					}
					if (p.Deflate != nil) != (f.first&bitCompressed != 0) || !bytes.Equal(f.data, shared.Data) {
						t.Errorf("%d: %x, %d bytes", i, f.first, len(f.data))
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestDeflateUp(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, connect connectFunc) {
		client, server := connect(t, DuplexParams{Deflate: &Deflate{Threshold: 1024}}, "Sec-WebSocket-Extensions", offer)
		for _, want := range []string{"", "short", strings.Repeat("long ", 100_000)} {
			client.write(bitFin|bitCompressed|opText, deflate(t, []byte(want)))
			if m, err := server.next(); err != nil || m.data != want {
				t.Errorf("%d bytes: %d bytes, %v", len(want), len(m.data), err)
			}
		}
		b := deflate(t, []byte("in pieces"))
		client.write(bitCompressed|opBinary, b[:3])
		client.write(bitFin, b[3:])
		if m, err := server.next(); err != nil || m != (message{"in pieces", true}) {
			t.Errorf("in pieces: %+v, %v", m, err)
		}
		client.write(bitFin|opText, []byte("plain"))
		if m, err := server.next(); err != nil || m.data != "plain" {
			t.Errorf("plain: %+v, %v", m, err)
		}
		client.write(bitFin|bitCompressed|opText, []byte{0xff, 0xff, 0xff})
		if m, err := server.next(); err == nil {
			t.Errorf("garbage: %d bytes", len(m.data))
		}
	})
}

// TestDeflateBomb: the limit counts inflated bytes, and they are not collected
// before it is applied.
func TestDeflateBomb(t *testing.T) {
	// Each megabyte compresses alike, so one is made and repeated.
	bomb := bytes.Repeat(append(deflate(t, make([]byte, 1<<20)), tail...), 256)
	client, server := connect(t, DuplexParams{MaxMessage: 1 << 20, Deflate: &Deflate{}}, "Sec-WebSocket-Extensions", offer)
	go func() { _, _ = client.Write(rawFrame(bitFin|bitCompressed|opText, bomb)) }()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := server.next()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
		t.Errorf("%d MiB allocated for a limit of 1 MiB", n>>20)
	}
	server.Goodbye(CloseTooLarge)
	client.wantClose(1009)
	server.Terminate()
}
