package transports

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long enough ", 100)
	tests := []struct {
		name, body, accept string
		compress           int
		encoding           string
	}{
		{"plain", "hello", "", -1, ""},
		{"empty", "", "gzip", 0, "gzip"},
		{"never", long, "gzip", -1, ""},
		{"below the threshold", long, "gzip", len(long) + 1, ""},
		{"at the threshold", long, "gzip", len(long), "gzip"},
		{"not accepted", long, "", 10, ""},
		{"deflate", long, "deflate", 10, "deflate"},
		{"gzip on a tie", long, "deflate, gzip", 10, "gzip"},
		{"any", long, "*", 10, "gzip"},
		{"others", long, "br, zstd", 10, ""},
		{"among others", long, "br;q=1.0, GZIP;q=0.8", 10, "gzip"},
		{"refused", long, "gzip;q=0", 10, ""},
		{"refused in digits", long, "gzip; q=0.000, deflate", 10, "deflate"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			errs := make(chan error, 1)
			ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Set-Before", "kept")
				errs <- Answer(w, r, []byte(tc.body), AnswerParams{
					Status: http.StatusAccepted, ContentType: "text/plain; charset=UTF-8", Timeout: patience, Compress: tc.compress,
				})
			}))
			defer ts.Close()
			tr := &http.Transport{DisableCompression: true}
			defer tr.CloseIdleConnections()
			r, _ := http.NewRequest(http.MethodGet, ts.URL, nil)
			if tc.accept != "" {
				r.Header.Set("Accept-Encoding", tc.accept)
			}
			resp, err := tr.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			h := resp.Header
			if resp.StatusCode != http.StatusAccepted || h.Get("Content-Type") != "text/plain; charset=UTF-8" ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Set-Before") != "kept" || h.Get("Content-Encoding") != tc.encoding {
				t.Errorf("%d %v", resp.StatusCode, h)
			}
			body := io.Reader(resp.Body)
			switch tc.encoding {
			case "":
				if h.Get("Content-Length") != fmt.Sprint(len(tc.body)) || h.Get("Vary") != "" {
					t.Errorf("header %v", h)
				}
			case "gzip":
				body, err = gzip.NewReader(body)
			case "deflate":
				body, err = zlib.NewReader(body)
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(body)
			if err != nil || string(b) != tc.body {
				t.Errorf("%d bytes, %v", len(b), err)
			}
			if tc.encoding != "" && h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("header %v", h)
			}
			if err := <-errs; err != nil {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestAnswerNoContentType(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := Answer(w, httptest.NewRequest(http.MethodGet, "/", nil), nil, AnswerParams{Status: 500, Timeout: patience, Compress: -1}); err != nil {
		t.Error(err)
	}
	if h := w.Header(); w.Code != 500 || h.Get("Content-Type") != "" || h.Get("Content-Length") != "0" {
		t.Errorf("%d %v", w.Code, h)
	}
}

// TestAnswerStalled: a client that does not read its answer holds up nobody for
// longer than the timeout.
func TestAnswerStalled(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("x", 32<<20))
	errs := make(chan error, 1)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		errs <- Answer(w, r, body, AnswerParams{Status: 200, Timeout: 50 * time.Millisecond, Compress: -1})
	}))
	defer ts.Close()
	c := dialBody(t, ts.Listener.Addr().String())
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-errs:
		if err == nil {
			t.Error("the answer was taken")
		}
	case <-time.After(patience):
		t.Fatal("still writing")
	}
}

// TestAnswerGone: a small answer that nobody can have got is an error too.
func TestAnswerGone(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 1)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		errs <- Answer(w, r, []byte("x"), AnswerParams{Status: 200, Timeout: patience, Compress: -1})
	}))
	defer ts.Close()
	c := dialBody(t, ts.Listener.Addr().String())
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	time.Sleep(10 * time.Millisecond)
	(&peer{Conn: c}).reset()
	if err := <-errs; err == nil || errors.Is(err, http.ErrNotSupported) {
		t.Errorf("error %v", err)
	}
}
