package socketio_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio"
)

// polled is a client of 0.1 to 0.6 that polls, as far as these tests need one.
type polled struct {
	t      *testing.T
	server *httptest.Server
}

func (p polled) do(method, path, body string) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.server.URL+"/socket.io/xhr-polling/"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := p.server.Client().Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("%d %v", res.StatusCode, err)
	}
	return string(text)
}

func (p polled) handshake() string {
	p.t.Helper()
	return p.do(http.MethodGet, fmt.Sprintf("/%d", time.Now().UnixMilli()), "")
}

// TestStats has a client of 0.1 to 0.4 let an offer pass that it cannot read, and
// take the next, by polls that are counted.
func TestStats(t *testing.T) {
	t.Parallel()
	sio, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	connections := make(chan int, 1)
	sio.OnConnection(func(s *socketio.Socket) {
		_ = s.Send("welcome")
		s.On("message", func(string) { connections <- s.Conn().Connections() })
	})
	server := httptest.NewServer(sio.Attach(nil))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := sio.Close(ctx); err != nil {
			t.Error(err)
		}
		server.Client().CloseIdleConnections()
		server.Close()
	})
	p := polled{t, server}
	if got := p.handshake(); !strings.HasPrefix(got, "~m~") {
		t.Fatalf("first offer %q", got)
	}
	if got := sio.Stats().Rehandshakes; got != 0 {
		t.Errorf("%d handshakes again after the first", got)
	}
	offer := p.handshake()
	_, id, ok := strings.Cut(offer, `{"messages":["{\"sessionid\":\"`)
	if !ok {
		t.Fatalf("second offer %q", offer)
	}
	if got := sio.Clients(); got != 2 || len(sio.Sockets()) != 0 {
		t.Errorf("%d sessions for two offers, %d sockets", got, len(sio.Sockets()))
	}
	id, _, _ = strings.Cut(id, `\`)
	if got := sio.Stats().Rehandshakes; got != 1 {
		t.Errorf("%d handshakes again after the second", got)
	}
	if got := p.do(http.MethodGet, id+"/1", ""); got != `{"messages":["welcome"]}` {
		t.Fatalf("first poll %q", got)
	}
	if got := p.do(http.MethodPost, id+"/send", "data="+url.QueryEscape(`["hello"]`)); got != "ok" {
		t.Fatalf("post %q", got)
	}
	if got := <-connections; got != 2 {
		t.Errorf("%d connections, want that of the handshake and one poll", got)
	}
	if got := sio.Stats().Clients; got < 1 || got != sio.Clients() {
		t.Errorf("%d clients in the counters, %d by themselves", got, sio.Clients())
	}
}

// TestRequestsAreCounted over all handlers of a server.
func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	sio, err := socketio.NewServer(socketio.Config{Generations: ">= 1.0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sio.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if got := sio.Stats().Requests; got == nil || len(got) != 0 {
		t.Errorf("before the first request: %v", got)
	}
	for _, handler := range []http.Handler{sio.Attach(nil), sio.Attach(http.NotFoundHandler())} {
		for _, target := range []string{
			"/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=pigeon&sid=x",
			"/socket.io/1/", "/elsewhere",
		} {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
		}
	}
	want := []socketio.Tally{
		{Generation: "0.7-0.9", Transport: "", Outcome: "unsupported version", Count: 2},
		{Generation: "3.x-4.x", Transport: "other", Outcome: "transport unknown", Count: 2},
		{Generation: "3.x-4.x", Transport: "polling", Outcome: "admitted", Count: 2},
	}
	if diff := cmp.Diff(want, sio.Stats().Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
