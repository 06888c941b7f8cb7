package v0

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestWasReset has clients close their connections with the answer read and not
// read.
func TestWasReset(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		read bool
	}{{"read", true}, {"not read", false}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			verdict := make(chan bool, 1)
			ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := answerPoll(w, r, typePlain, make([]byte, 100), time.Second); err != nil {
					verdict <- true // gone before all of it was written
					return
				}
				select {
				case <-r.Context().Done():
				case <-time.After(patience):
					t.Error("the end is not noticed")
				}
				verdict <- wasReset(http.NewResponseController(w))
			}))
			defer ts.Close()
			s := &site{t: t, addr: ts.Listener.Addr().String()}
			c := s.dial("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			if tt.read {
				resp, err := http.ReadResponse(c.r, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
			} else if _, err := io.ReadFull(c.Conn, make([]byte, 1)); err != nil { // the rest stays in the connection
				t.Fatal(err)
			}
			_ = c.Close()
			if got := receive(t, verdict); got == tt.read {
				t.Errorf("reset: %t", got)
			}
		})
	}
}

// TestAnswerPollForwarded resets the connection of a poll when its answer has been
// written. From the client itself it means that something was not read; from a proxy it
// means nothing.
func TestAnswerPollForwarded(t *testing.T) {
	t.Parallel()
	for header, gone := range map[string]bool{
		"Accept: */*": true, "X-Forwarded-For: 10.0.0.1": false, "X-Real-IP: 10.0.0.1": false,
		"Forwarded: for=10.0.0.1": false, "Via: 1.1 proxy": false,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			written, verdict := make(chan struct{}), make(chan error, 1)
			ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				flushes := 0
				verdict <- answerPoll(&flushHook{ResponseWriter: w, flushed: func() {
					if flushes++; flushes == 2 {
						close(written)
						<-r.Context().Done()
					}
				}}, r, typePlain, make([]byte, 100), time.Second)
			}))
			defer ts.Close()
			s := &site{t: t, addr: ts.Listener.Addr().String()}
			c := s.dial("GET / HTTP/1.1\r\nHost: h\r\n" + header + "\r\n\r\n")
			receive(t, written)
			if _, err := io.ReadFull(c.Conn, make([]byte, 1)); err != nil { // the rest stays in the connection
				t.Fatal(err)
			}
			_ = c.Close()
			if err := receive(t, verdict); gone != errors.Is(err, errPollGone) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// flushHook calls a func after each flush of a writer.
type flushHook struct {
	http.ResponseWriter
	flushed func()
}

func (w *flushHook) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *flushHook) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.flushed()
	return err
}

// TestAnswerPollHTTP2: over HTTP/2 a client that goes before the end of an answer
// has not got it, though all of the body has been written.
func TestAnswerPollHTTP2(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx)
		r.ProtoMajor = 2
		w := &flushCounter{ResponseRecorder: httptest.NewRecorder()}
		w.flushed = func() {
			if w.flushes == 2 && gone {
				cancel()
			}
		}
		if err := answerPoll(w, r, typePlain, []byte("x"), time.Second); gone != errors.Is(err, errPollGone) || w.flushes != 2 {
			t.Errorf("gone %t: %v after %d flushes", gone, err, w.flushes)
		}
		cancel()
	}
}

// flushCounter calls a func after each flush.
type flushCounter struct {
	*httptest.ResponseRecorder
	flushes int
	flushed func()
}

func (w *flushCounter) Flush() {
	w.flushes++
	w.flushed()
}
