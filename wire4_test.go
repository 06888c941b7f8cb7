package socketio_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	socketio "github.com/heirloom-io/socketio"
)

// wire4 is a client of Engine.IO 4 that knows no more than its frames.
type wire4 struct {
	*websocket.Conn
	t *testing.T
}

// dial4 opens a session and reads its open packet.
func dial4(t *testing.T, url string) *wire4 {
	t.Helper()
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	w := &wire4{c, t}
	if open := w.read(); !strings.HasPrefix(open, `0{"sid":`) {
		t.Fatalf("open packet %q", open)
	}
	return w
}

func (w *wire4) read() string {
	w.t.Helper()
	kind, b, err := w.ReadMessage()
	if err != nil {
		w.t.Fatal(err)
	}
	if kind == websocket.BinaryMessage {
		return "bin:" + string(b)
	}
	return string(b)
}

// say writes text frames, and binary ones for what starts with "bin:".
func (w *wire4) say(frames ...string) {
	w.t.Helper()
	for _, f := range frames {
		kind := websocket.TextMessage
		if data, ok := strings.CutPrefix(f, "bin:"); ok {
			kind, f = websocket.BinaryMessage, data
		}
		if err := w.WriteMessage(kind, []byte(f)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *wire4) want(frames ...string) {
	w.t.Helper()
	for _, f := range frames {
		if got := w.read(); got != f {
			w.t.Errorf("got %q, want %q", got, f)
		}
	}
}

// join enters a namespace, "" for the default one, and returns the socket id.
func (w *wire4) join(namespace, auth string) string {
	w.t.Helper()
	prefix := "40"
	if namespace != "" {
		prefix += namespace + ","
	}
	w.say(prefix + auth)
	answer, ok := strings.CutPrefix(w.read(), prefix)
	var hello map[string]string
	if err := json.Unmarshal([]byte(answer), &hello); !ok || err != nil || len(hello) != 1 || hello["sid"] == "" {
		w.t.Fatalf("joining %q: %q", namespace, answer)
	}
	return hello["sid"]
}

// wantEnd reads until the server has closed the connection in order.
func (w *wire4) wantEnd() {
	w.t.Helper()
	for {
		_, b, err := w.ReadMessage()
		if err == nil {
			w.t.Errorf("got %q", b)
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.CloseNoStatusReceived {
			w.t.Errorf("ended by %v, want a close frame without a status", err)
		}
		return
	}
}

// suite4 is the server that the public test suite of Socket.IO 5 asks for.
func suite4(t *testing.T, config socketio.Config) string {
	t.Helper()
	srv, err := socketio.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/", "/custom"} {
		srv.Of(name).OnConnection(func(s *socketio.Socket) {
			_ = s.Emit("auth", s.Handshake().Auth)
			s.On("message", func(ev *socketio.Event) { _ = s.Emit("message-back", echoed(ev)...) })
			s.On("message-with-ack", func(ev *socketio.Event) { _ = ev.Ack(echoed(ev)...) })
		})
	}
	srv.Of("/refuse").Use(func(*socketio.Socket) error {
		return &socketio.Error{Message: "not authorized", Data: map[string]string{"code": "E42"}}
	})
	srv.Of("/strict").OnConnection(func(s *socketio.Socket) {
		s.Use(func(*socketio.Event) error { return errors.New("no such event") })
		s.OnError(func(err error) { _ = s.Emit("heard", err.Error()) })
	})
	return startServer(t, srv, nil, nil)
}

func echoed(ev *socketio.Event) []any {
	args := make([]any, ev.Args().Len())
	for i := range args {
		_ = ev.Args().Decode(i, &args[i])
	}
	return args
}

// TestSuite4 goes through the cases of the public suite, and through what the
// specification adds to it.
func TestSuite4(t *testing.T) {
	t.Parallel()
	url := suite4(t, socketio.Config{})
	cases := []struct {
		name string
		run  func(*testing.T, *wire4)
	}{
		{"connect/nothing comes unasked", func(_ *testing.T, w *wire4) {
			w.join("/custom", "")
			w.want(`42/custom,["auth",{}]`)
		}},
		{"connect/with a payload", func(_ *testing.T, w *wire4) {
			w.join("", `{"token":"é"}`)
			w.want(`42["auth",{"token":"é"}]`)
		}},
		{"connect/ids are the namespace's own", func(t *testing.T, w *wire4) {
			root := w.join("", "")
			w.want(`42["auth",{}]`)
			custom := w.join("/custom", `{"token":"abc"}`)
			w.want(`42/custom,["auth",{"token":"abc"}]`)
			w.say("41/custom,")
			again := w.join("/custom", "")
			if root == custom || custom == again || len(root) != 20 {
				t.Errorf("ids %q, %q, %q", root, custom, again)
			}
		}},
		{"connect/a second request is ignored", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say("40", `42["message",1]`)
			w.want(`42["message-back",1]`)
		}},
		{"connect/unknown namespaces", func(_ *testing.T, w *wire4) {
			w.say("40/random", "40/custom?a=b,")
			w.want(`44/random,{"message":"Invalid namespace"}`, `44/custom?a=b,{"message":"Invalid namespace"}`)
			w.join("", "") // the connection stands
		}},
		{"connect/refused with data", func(_ *testing.T, w *wire4) {
			w.say("40/refuse,")
			w.want(`44/refuse,{"message":"not authorized","data":{"code":"E42"}}`)
			w.join("/custom", "")
		}},
		{"disconnect/of one namespace", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.join("/custom", "")
			w.want(`42/custom,["auth",{}]`)
			w.say("41/custom", `42["message","m"]`)
			w.want(`42["message-back","m"]`)
		}},
		{"event/echo", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say(`42["message",1,"2",{"3":[true]}]`)
			w.want(`42["message-back",1,"2",{"3":[true]}]`)
		}},
		{"event/acknowledgement", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say(`42456["message-with-ack",1,"2",{"3":[false]}]`)
			w.want(`43456[1,"2",{"3":[false]}]`)
		}},
		{"event/binary", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04")
			w.want(`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01\x02\x03", "bin:\x04")
			w.say(`452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01", "bin:\x02")
			w.want(`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:\x01", "bin:\x02")
		}},
		{"event/binary without a byte", func(_ *testing.T, w *wire4) {
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:", "bin:\x01")
			w.want(`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, "bin:", "bin:\x01")
		}},
		{"event/refused by a middleware of the socket", func(_ *testing.T, w *wire4) {
			w.join("/strict", "")
			w.say(`42/strict,["x"]`)
			w.want(`42/strict,["heard","no such event"]`)
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.run(t, dial4(t, url))
		})
	}
	for _, frames := range [][]string{
		{"4abc"},
		{"42{}"},
		{"42[]"},
		{`42["disconnect"]`},
		{`42abc["message-with-ack",1,"2"]`},
		{`42["x"]y`},
		{"41[]"},
		{"bin:\x01"},
		{`451-["message",{"_placeholder":true,"num":0}]`, `42["message"]`},
		{`450-["message"]`},
		{`45["message",{"_placeholder":true,"num":0}]`},
		{`4511-["message"]`},
		{`451-["message",{"_placeholder":true,"num":1}]`, "bin:\x01"},
		{`40/custom,[1]`},
	} {
		t.Run("closes/"+strings.Join(frames, " "), func(t *testing.T) {
			t.Parallel()
			w := dial4(t, url)
			w.join("", "")
			w.want(`42["auth",{}]`)
			w.say(frames...)
			w.wantEnd()
		})
	}
	for _, frame := range []string{`42["message"]`, "41", "430[]", "40null", `40"x"`} {
		t.Run("closes before the first namespace/"+frame, func(t *testing.T) {
			t.Parallel()
			w := dial4(t, url)
			w.say(frame)
			w.wantEnd()
		})
	}
}

// TestRefusalInTheRoot concerns nobody but the root, since 3.0.
func TestRefusalInTheRoot(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	srv.Use(func(*socketio.Socket) error { return errors.New("not here") })
	srv.Of("/custom")
	w := dial4(t, startServer(t, srv, nil, nil))
	w.say("40")
	w.want(`44{"message":"not here"}`)
	w.join("/custom", "")
}

// TestTellsOfRelease narrows the release down by the first request.
func TestTellsOfRelease(t *testing.T) {
	t.Parallel()
	srv, err := socketio.NewServer(socketio.Config{})
	if err != nil {
		t.Fatal(err)
	}
	infos := make(chan socketio.Info, 1)
	srv.OnConnection(func(s *socketio.Socket) {
		infos <- s.Conn().Info()
		if auth := string(s.Handshake().Auth); auth != "{}" {
			t.Errorf("auth %q of a client that sent none", auth)
		}
	})
	url := startServer(t, srv, nil, nil) + polling4
	for query, want := range map[string]string{
		"&t=9otfgkhg":       "4.8",
		"&t=Q7w3V1n":        "3.0-4.7",
		"&t=Q7w3V1n.0&j=0":  "3.0-4.2",
		"":                  "3.0-4.8",
		"&t=1795197040665-": "3.0-4.7",
	} {
		_, body, header := fetch(t, http.MethodGet, url+query)
		if cookie := header.Get("Set-Cookie"); cookie != "" {
			t.Errorf("%q: cookie %q", query, cookie)
		}
		_, rest, _ := strings.Cut(strings.ReplaceAll(body, `\"`, `"`), `"sid":"`)
		sid, _, _ := strings.Cut(rest, `"`)
		connect := "40"
		if strings.Contains(query, "j=") {
			connect = "d=40"
		}
		resp, err := http.Post(url+query+"&sid="+sid, "text/plain", strings.NewReader(connect))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		info := <-infos
		want := socketio.Info{Generation: "3.x-4.x", Dialect: want, Transport: "polling", Evidence: []string{"EIO=4"}}
		if diff := cmp.Diff(want, info); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

// TestCookieOf4x is sent only if that was asked for, and then once.
func TestCookieOf4x(t *testing.T) {
	t.Parallel()
	url := start(t, socketio.Config{V4: socketio.V4Config{SendCookie: true}}, nil, nil)
	_, _, header := fetch(t, http.MethodGet, url+polling4)
	if cookie := header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "io=") {
		t.Errorf("cookie %q", cookie)
	}
}

// TestConnectTimeout ends those who join nothing, refused or not, and nobody else.
func TestConnectTimeout(t *testing.T) {
	t.Parallel()
	url := suite4(t, socketio.Config{V4: socketio.V4Config{ConnectTimeout: 2 * time.Second}})
	inside := dial4(t, url)
	inside.join("/custom", "")
	inside.want(`42/custom,["auth",{}]`)
	inside.say("41/custom,") // the first success counts, whatever follows
	idle, refused := dial4(t, url), dial4(t, url)
	refused.say("40/refuse,")
	refused.want(`44/refuse,{"message":"not authorized","data":{"code":"E42"}}`)
	refused.wantEnd()
	idle.wantEnd()
	inside.join("", "")
}
