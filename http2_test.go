package socketio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// http2Site is a server that echoes, over HTTP/2 alone.
type http2Site struct {
	t       *testing.T
	url     string
	client  *http.Client
	reasons chan socketio.Reason

	mu    sync.Mutex
	peers map[string]bool // under mu: the addresses of the connections
}

// newHTTP2Site starts one over TLS, or without (h2c).
func newHTTP2Site(t *testing.T, clear bool, config socketio.Config) *http2Site {
	t.Helper()
	io, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	s := &http2Site{t: t, reasons: make(chan socketio.Reason, 100), peers: map[string]bool{}}
	io.OnConnection(func(c *socketio.Socket) {
		for _, event := range []string{"echo", "message"} {
			c.On(event, func(e *socketio.Event) { _ = c.Emit(e.Name(), e.Args().Raw(0)) })
		}
		c.OnDisconnect(func(r socketio.Reason) { s.reasons <- r })
	})
	inner := io.Attach(nil)
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("a request came by %s", r.Proto)
		}
		s.mu.Lock()
		s.peers[r.RemoteAddr] = true
		s.mu.Unlock()
		inner.ServeHTTP(w, r)
	}))
	var protocols http.Protocols
	if clear {
		protocols.SetUnencryptedHTTP2(true)
		ts.Config.Protocols = &protocols
		ts.Start()
		s.client = &http.Client{Transport: &http.Transport{Protocols: &protocols}}
	} else {
		ts.EnableHTTP2 = true
		ts.StartTLS()
		s.client = ts.Client()
	}
	s.client.Timeout = 20 * time.Second
	s.url = ts.URL + "/socket.io/"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := io.Close(ctx); err != nil {
			t.Error(err)
		}
		s.client.CloseIdleConnections()
		ts.Close()
	})
	return s
}

// ask makes a request and returns the answer; a POST if there is a body.
func (s *http2Site) ask(path, body string) (string, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	if strings.HasPrefix(body, "data=") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, all)
	}
	return string(all), err
}

func (s *http2Site) mustAsk(path, body string) string {
	s.t.Helper()
	answer, err := s.ask(path, body)
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return answer
}

// oneConnection fails the test if there was more than one.
func (s *http2Site) oneConnection() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.peers) != 1 {
		s.t.Errorf("%d connections, want one that all requests share", len(s.peers))
	}
}

// frame0 frames a message as clients of 0.5 and 0.6 do.
func frame0(s string) string {
	return "data=" + url.QueryEscape(fmt.Sprintf("~m~%d~m~%s", len(s), s))
}

var sidForm = regexp.MustCompile(`"sid":"([^"]+)"`)

// pollers are clients that poll, in the words of their generation.
var pollers = []struct {
	name string
	// open starts a session and returns the path of its polls.
	open func(*http2Site) string
	// up is a body that makes the server send down.
	up, down string
}{
	{"0.5-0.6", func(s *http2Site) string {
		id := s.mustAsk("xhr-polling//1300000000000", "")
		return "xhr-polling/" + id[strings.LastIndex(id, "~")+1:] + "/send"
	}, frame0("hello"), "~m~5~m~hello"},
	{"0.7-0.9", func(s *http2Site) string {
		id, _, _ := strings.Cut(s.mustAsk("1/?t=1", ""), ":")
		if got := s.mustAsk("1/xhr-polling/"+id, ""); got != "1::" {
			s.t.Errorf("first poll: %q", got)
		}
		return "1/xhr-polling/" + id
	}, `5:::{"name":"echo","args":["é"]}`, `5:::{"name":"echo","args":["é"]}`},
	{"EIO 2", func(s *http2Site) string {
		return "?EIO=2&b64=1&transport=polling&sid=" + sidForm.FindStringSubmatch(s.mustAsk("?EIO=2&b64=1&transport=polling", ""))[1]
	}, `16:42["echo","abc"]`, `16:42["echo","abc"]`},
	{"EIO 3", func(s *http2Site) string {
		return "?EIO=3&transport=polling&sid=" + sidForm.FindStringSubmatch(s.mustAsk("?EIO=3&transport=polling", ""))[1]
	}, `16:42["echo","abc"]`, `16:42["echo","abc"]`},
	{"EIO 4", func(s *http2Site) string {
		path := "?EIO=4&transport=polling&sid=" + sidForm.FindStringSubmatch(s.mustAsk("?EIO=4&transport=polling", ""))[1]
		s.mustAsk(path, "40")
		if got := s.mustAsk(path, ""); !strings.HasPrefix(got, `40{"sid":`) {
			s.t.Errorf("first poll: %q", got)
		}
		return path
	}, `42["echo","é"]`, `42["echo","é"]`},
}

// TestPollingHTTP2: polls and posts of every generation that polls, side by side
// on one connection.
func TestPollingHTTP2(t *testing.T) {
	t.Parallel()
	for name, clear := range map[string]bool{"h2": false, "h2c": true} {
		for _, p := range pollers {
			t.Run(name+" "+p.name, func(t *testing.T) {
				t.Parallel()
				s := newHTTP2Site(t, clear, socketio.Config{})
				path := p.open(s)
				poll := strings.TrimSuffix(path, "/send")
				if poll != path {
					poll += "/1300000000001"
				}
				for range 3 {
					type answer struct {
						body string
						err  error
					}
					polled := make(chan answer, 1)
					go func() {
						body, err := s.ask(poll, "")
						polled <- answer{body, err}
					}()
					s.mustAsk(path, p.up)
					if got := <-polled; got.err != nil || got.body != p.down {
						t.Errorf("%q, %v; want %q", got.body, got.err, p.down)
					}
				}
				s.oneConnection()
			})
		}
	}
}

// TestStreamsHTTP2: what would take the connection over holds the stream instead,
// and its end is noticed.
func TestStreamsHTTP2(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, open, up string
		post           func(id string) string
		id             *regexp.Regexp
		want           string
	}{
		{"0.6 htmlfile", "htmlfile//1300000000000", frame0("hello"), func(id string) string { return "htmlfile/" + id + "/send" }, regexp.MustCompile(`~m~\d+~m~(\d+)`), "~m~5~m~hello"},
		{"0.6 xhr-multipart", "xhr-multipart/", frame0("hello"), func(id string) string { return "xhr-multipart/" + id + "/send" }, regexp.MustCompile(`~m~\d+~m~(\d+)`), "~m~5~m~hello"},
		{"0.2 server-events", "server-events", "data=" + url.QueryEscape(`["hello"]`), func(id string) string { return "server-events/" + id + "/send" }, regexp.MustCompile(`sessionid\D+(\d+)`), `{"messages":["hello"]}`},
		{"0.9 htmlfile", "1/htmlfile/", `5:::{"name":"echo","args":["hello"]}`, func(id string) string { return "1/htmlfile/" + id }, regexp.MustCompile(`(\d+)`), `\"args\":[\"hello\"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newHTTP2Site(t, true, socketio.Config{})
			id, open := "", tt.open
			if strings.HasPrefix(open, "1/") {
				id, _, _ = strings.Cut(s.mustAsk("1/?t=1", ""), ":")
				open += id
			}
			resp, err := s.client.Get(s.url + open)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			seen := &bytes.Buffer{}
			until := func(what *regexp.Regexp) []string {
				t.Helper()
				for b := make([]byte, 1024); ; {
					if m := what.FindStringSubmatch(seen.String()); m != nil {
						return m
					}
					n, err := resp.Body.Read(b)
					seen.Write(b[:n])
					if err != nil {
						t.Fatalf("%q, then %v", seen, err)
					}
				}
			}
			if id == "" {
				id = until(tt.id)[1]
			}
			s.mustAsk(tt.post(id), tt.up)
			until(regexp.MustCompile(regexp.QuoteMeta(tt.want)))
			s.oneConnection()
			_ = resp.Body.Close()
			select {
			case <-s.reasons:
			case <-time.After(30 * time.Second):
				t.Error("the end of the stream is not noticed")
			}
		})
	}
}

// TestAbortHTTP2: where servers of the time cut the connection, because clients
// would take any answer for one, the stream is reset, and the connection stays.
func TestAbortHTTP2(t *testing.T) {
	t.Parallel()
	reset := func(err error) bool {
		var failed *url.Error
		return errors.As(err, &failed) && strings.Contains(err.Error(), "stream error")
	}
	t.Run("session of 0.6 unknown", func(t *testing.T) {
		t.Parallel()
		s := newHTTP2Site(t, true, socketio.Config{})
		for range 2 {
			if got, err := s.ask("xhr-polling/12345/1300000000001", ""); !reset(err) {
				t.Errorf("%q, %v", got, err)
			}
		}
		s.oneConnection()
	})
	t.Run("0.6 not served", func(t *testing.T) {
		t.Parallel()
		s := newHTTP2Site(t, true, socketio.Config{Generations: ">= 1.0"})
		for range 2 {
			if got, err := s.ask("xhr-polling//1300000000001", ""); !reset(err) {
				t.Errorf("%q, %v", got, err)
			}
		}
		s.oneConnection()
	})
	t.Run("body of 2.x too large", func(t *testing.T) {
		t.Parallel()
		s := newHTTP2Site(t, true, socketio.Config{MaxPayload: 1000})
		other := pollers[3].open(s)
		path := pollers[3].open(s)
		if got, err := s.ask(path, strings.Repeat("x", 1001)); !reset(err) {
			t.Errorf("%q, %v", got, err)
		}
		if got, err := s.ask(path, ""); err == nil || !strings.Contains(got, `"code":1`) {
			t.Errorf("the session goes on: %q, %v", got, err)
		}
		s.mustAsk(other, pollers[3].up)
		s.oneConnection()
	})
}
