package transports

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// heldWays are the ways in which a response stays with net/http.
var heldWays = []struct {
	name    string
	prepare func(*httptest.Server, *http.Handler)
}{
	{"HTTP/2", func(srv *httptest.Server, _ *http.Handler) {
		srv.EnableHTTP2 = true
		srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}},
	{"HTTP/1, not to be hijacked", func(_ *httptest.Server, h *http.Handler) {
		inner := *h
		*h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(noHijack{w}, r) })
	}},
}

// noHijack is a response as middleware wraps it: it can do all but one thing.
type noHijack struct{ w http.ResponseWriter }

func (n noHijack) Header() http.Header         { return n.w.Header() }
func (n noHijack) Write(b []byte) (int, error) { return n.w.Write(b) }
func (n noHijack) WriteHeader(status int)      { n.w.WriteHeader(status) }
func (n noHijack) FlushError() error           { return http.NewResponseController(n.w).Flush() }
func (n noHijack) SetWriteDeadline(t time.Time) error {
	return http.NewResponseController(n.w).SetWriteDeadline(t)
}

func TestHeldStream(t *testing.T) {
	t.Parallel()
	type get func(ctx context.Context) (*Stream, *http.Response)
	tests := []struct {
		name string
		p    StreamParams
		run  func(t *testing.T, f *streamServer, get get)
	}{
		{"end", StreamParams{WriteTimeout: time.Second}, func(t *testing.T, f *streamServer, get get) {
			s, resp := get(t.Context())
			in := bufio.NewReader(resp.Body)
			want := func(text string) {
				t.Helper()
				if got, err := in.ReadString('\n'); got != text+"\n" {
					t.Fatalf("got %q, %v", got, err)
				}
			}
			want("hello")
			want("first")
			streamQuiet(t, s)
			time.Sleep(1500 * time.Millisecond) // a deadline that stayed would be over
			streamPut(s.out, "one", "two")
			want("one")
			want("two")
			streamQuiet(t, s)
			s.Comment([]byte("comment\n"))
			want("comment")
			s.End()
			want("bye")
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
			_ = f.wantEnd(t, StreamEnded)
			if ct := resp.Header; ct.Get("Content-Type") != "text/plain" || ct.Get("X-Content-Type-Options") != "nosniff" || ct.Get("Content-Length") != "" {
				t.Errorf("headers %v", ct)
			}
		}},
		{"full", StreamParams{MaxBytes: 12}, func(t *testing.T, f *streamServer, get get) {
			s, resp := get(t.Context())
			if got, err := io.ReadAll(resp.Body); string(got) != "hello\nfirst\nbye\n" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			_ = f.wantEnd(t, StreamFull)
			streamPut(s.out, "later")
			if got := streamLeft(s.out); got != "later" {
				t.Errorf("in the outbox: %q", got)
			}
		}},
		{"aged", StreamParams{MaxAge: time.Millisecond}, func(t *testing.T, f *streamServer, get get) {
			_, resp := get(t.Context())
			if got, err := io.ReadAll(resp.Body); !strings.HasSuffix(string(got), "bye\n") || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			_ = f.wantEnd(t, StreamAged)
		}},
		{"gone", StreamParams{}, func(t *testing.T, f *streamServer, get get) {
			ctx, cancel := context.WithCancel(t.Context())
			s, resp := get(ctx)
			if _, err := io.ReadFull(resp.Body, make([]byte, len("hello\nfirst\n"))); err != nil {
				t.Fatal(err)
			}
			streamQuiet(t, s)
			cancel()
			if err := f.wantEnd(t, StreamGone); err == nil {
				t.Error("no error")
			}
		}},
		{"stalled", StreamParams{WriteTimeout: time.Second}, func(t *testing.T, f *streamServer, get get) {
			s, _ := get(t.Context())
			block(s)
			_ = f.wantEnd(t, StreamStalled)
			s.Wait()
			if n, _ := s.out.Len(); n == 0 {
				t.Error("nothing is back")
			}
		}},
		{"released", StreamParams{}, func(t *testing.T, f *streamServer, get get) {
			s, _ := get(t.Context())
			block(s)
			s.Release()
			_ = f.wantEnd(t, StreamReleased)
			s.Wait()
			if n, _ := s.out.Len(); n == 0 {
				t.Error("nothing is back")
			}
		}},
		{"terminated", StreamParams{}, func(t *testing.T, f *streamServer, get get) {
			s, _ := get(t.Context())
			block(s)
			began := time.Now()
			s.Terminate()
			_ = f.wantEnd(t, StreamTerminated)
			s.Wait()
			if d := time.Since(began); d > 5*time.Second {
				t.Errorf("after %v", d)
			}
			s.Terminate()
			s.Release()
		}},
	}
	for _, way := range heldWays {
		for _, tt := range tests {
			t.Run(way.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				out := streamOutbox("first")
				p := tt.p
				p.Dress = lineDress
				f := serveStreams(t, out, p, way.prepare)
				tt.run(t, f, func(ctx context.Context) (*Stream, *http.Response) {
					req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
					if err != nil {
						t.Fatal(err)
					}
					resp, err := f.Client().Do(req)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = resp.Body.Close() })
					if want := map[bool]int{true: 2, false: 1}[way.name == "HTTP/2"]; resp.ProtoMajor != want {
						t.Fatalf("HTTP/%d", resp.ProtoMajor)
					}
					s := f.next()
					if _, ok := s.line.(*responseLine); !ok {
						t.Fatalf("carried by %T", s.line)
					}
					return s, resp
				})
			})
		}
	}
}

// block sends more than any buffer between here and the client holds, and
// returns when the writer waits for the client.
func block(s *Stream) {
	for range 40 {
		streamPut(s.out, strings.Repeat("x", 1<<20))
	}
	for last := -1; ; {
		n, _ := s.out.Len()
		if n == last {
			return
		}
		last = n
		time.Sleep(50 * time.Millisecond)
	}
}
