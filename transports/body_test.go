package transports

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// result is what became of a body.
type result struct {
	data string
	err  error
	used int64 // of the budget, while the body was open
}

// bodyServer reads bodies and answers with their length, or not at all.
func bodyServer(t *testing.T, p UplinkParams) (addr string, results <-chan result) {
	t.Helper()
	c := make(chan result, 10)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := ReadBody(w, r, p)
		if err != nil {
			Abort(w)
			c <- result{err: err}
			return
		}
		res := result{data: string(b.Data), used: p.Budget.Used()}
		b.Close()
		b.Close()
		_, _ = fmt.Fprint(w, len(res.data))
		c <- res
	}))
	t.Cleanup(ts.Close)
	return ts.Listener.Addr().String(), c
}

func dialBody(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func withLength(body string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func inChunks(body string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	const limit = 200_000
	for name, dress := range map[string]func(string) string{"length": withLength, "chunks": inChunks} {
		for _, n := range []int{1, 1023, 1024, 1025, 65535, 65536, 65537, limit, limit + 1} {
			t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
				t.Parallel()
				budget := NewBudget(1 << 20)
				addr, results := bodyServer(t, UplinkParams{Max: limit, Timeout: patience, Budget: budget})
				c := dialBody(t, addr)
				body := strings.Repeat("x", n)
				go func() { _, _ = io.WriteString(c, dress(body)) }()
				res := <-results
				if n > limit {
					if !errors.Is(res.err, ErrTooLarge) {
						t.Errorf("error %v", res.err)
					}
					if _, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
						t.Error("an answer to an aborted request")
					}
				} else if res.err != nil || res.data != body {
					t.Errorf("%d bytes, %v", len(res.data), res.err)
				}
				if budget.Used() != 0 {
					t.Errorf("%d bytes still in use", budget.Used())
				}
			})
		}
	}
}

// TestReadBodyKeepsConnection: deadlines of one request do not reach into the
// next.
func TestReadBodyKeepsConnection(t *testing.T) {
	t.Parallel()
	addr, results := bodyServer(t, UplinkParams{Max: 100, Timeout: 50 * time.Millisecond})
	c := dialBody(t, addr)
	r := bufio.NewReader(c)
	for range 3 {
		_, _ = io.WriteString(c, withLength("hello"))
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		if string(b) != "5" || (<-results).err != nil {
			t.Errorf("answer %q", b)
		}
		time.Sleep(80 * time.Millisecond)
	}
}

func TestReadBodyHalf(t *testing.T) {
	t.Parallel()
	const timeout = 50 * time.Millisecond
	for name, half := range map[string]string{
		"length": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
		"chunks": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
		"none":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
	} {
		for _, how := range []string{"silent", "closed", "reset", "drop by drop"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				p := UplinkParams{Max: 1000, Timeout: patience}
				if how == "silent" || how == "drop by drop" {
					p.Timeout = timeout
				}
				addr, results := bodyServer(t, p)
				c := dialBody(t, addr)
				_, _ = io.WriteString(c, half)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				switch how {
				case "closed":
					_ = c.Close()
				case "reset":
					_ = c.(*net.TCPConn).SetLinger(0)
					_ = c.Close()
				case "drop by drop": // the time is for the whole body
					dripped := make(chan struct{})
					defer func() { cancel(); <-dripped }()
					go func() {
						defer close(dripped)
						for ctx.Err() == nil {
							_, _ = io.WriteString(c, "x")
							time.Sleep(timeout / 5)
						}
					}()
				}
				select {
				case res := <-results:
					if res.err == nil || errors.Is(res.err, ErrTooLarge) {
						t.Errorf("%q, %v", res.data, res.err)
					}
				case <-time.After(patience / 2):
					t.Error("still reading")
				}
			})
		}
	}
}

func TestReadBodyBudget(t *testing.T) {
	t.Parallel()
	budget := NewBudget(300_000)
	p := UplinkParams{Max: 10 << 20, Timeout: patience, Budget: budget}
	addr, results := bodyServer(t, p)
	c := dialBody(t, addr)
	_, _ = io.WriteString(c, inChunks(strings.Repeat("x", 150_000)))
	if res := <-results; res.err != nil || res.used < 100_000 || budget.Used() != 0 {
		t.Errorf("%v; %d bytes while open, %d after", res.err, res.used, budget.Used())
	}
	if !budget.Acquire(250_000) { // others have taken most of it
		t.Fatal("no budget")
	}
	c = dialBody(t, addr)
	go func() { _, _ = io.WriteString(c, inChunks(strings.Repeat("x", 1_000_000))) }()
	if res := <-results; !errors.Is(res.err, ErrBusy) {
		t.Errorf("error %v", res.err)
	}
	if budget.Used() != 250_000 {
		t.Errorf("%d bytes in use", budget.Used())
	}
}

// TestAbort: over HTTP/2, or whatever cannot be taken over, a status says it.
func TestAbort(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Abort(w)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", w.Code)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		size, length int
		left         int
	}{
		{"small", 1000, 1000, 0},
		{"at the limit", drainLimit, drainLimit, 0},
		{"large", drainLimit + 1, drainLimit + 1, drainLimit + 1},
		{"of unknown length", 2 * drainLimit, -1, drainLimit},
	} {
		body := strings.NewReader(strings.Repeat("x", tc.size))
		r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(body))
		r.ContentLength = int64(tc.length)
		Drain(r)
		if body.Len() != tc.left {
			t.Errorf("%s: %d bytes left, want %d", tc.name, body.Len(), tc.left)
		}
	}
	Drain(&http.Request{})
}
