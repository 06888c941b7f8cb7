package v0

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// messageParams are 0.6's own, for a host.
func messageParams(h *host) MessageParams {
	p := params(h)
	return MessageParams{
		Registry:            p.Registry,
		Host:                h,
		Transports:          DefaultMessageTransports(),
		HeartbeatInterval:   DefaultMessageHeartbeatInterval,
		HeartbeatTimeout:    DefaultMessageHeartbeatTimeout,
		CloseTimeout:        DefaultMessageCloseTimeout,
		PollingDuration:     DefaultMessagePollingDuration,
		MaxPayload:          1 << 20,
		Drafts:              p.Drafts,
		UplinkTimeout:       p.UplinkTimeout,
		WriteTimeout:        p.WriteTimeout,
		Outbox:              p.Outbox,
		MaxUnclaimed:        p.MaxUnclaimed,
		MaxUnclaimedPerPeer: DefaultMaxUnclaimedPerPeer,
		Logger:              p.Logger,
	}
}

// messageBubble is a server of 0.1 to 0.6 without a network, in virtual time.
type messageBubble struct {
	t    *testing.T
	h    *host
	srv  *MessageServer
	pipe pipe
}

func inMessageBubble(t *testing.T, change func(*MessageParams), f func(*messageBubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &messageBubble{t: t, h: newHost(), pipe: pipe{make(chan *pipeConn, 10)}}
		p := messageParams(b.h)
		if err := p.Registry.Register(b.pipe); err != nil {
			t.Fatal(err)
		}
		p.Transports = append(p.Transports, "pipe")
		if change != nil {
			change(&p)
		}
		var err error
		if b.srv, err = NewMessageServer(p); err != nil {
			t.Fatal(err)
		}
		f(b)
		if err := b.srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour) // whatever lingers
		synctest.Wait()
		if n := b.srv.Sessions() + len(b.srv.core.offers.callers); n != 0 {
			t.Errorf("%d left", n)
		}
	})
}

// aborted is the status by which a test's writer, which has no connection, shows
// that it would have been closed.
const aborted = http.StatusRequestEntityTooLarge

// do serves a request, whose path begins with the transport.
func (b *messageBubble) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/socket.io/"+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "peer" {
			r.RemoteAddr = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	q := MessageRequest{Candidates: compat.SetOf(compat.V01, compat.V05), Guess: compat.V05, Evidence: "path"}
	var rest string
	var slash bool
	q.Transport, rest, slash = strings.Cut(path, "/")
	q.Session, _, _ = strings.Cut(rest, "/")
	q.Bare = !slash
	q.Handshake = q.Session == "" || len(q.Session) == 13
	switch {
	case q.Transport == "server-events", q.Transport == "xhr-polling" && q.Bare:
		q.Guess, q.Candidates = compat.V01, compat.SetOf(compat.V01)
	case q.Transport == "jsonp-polling":
		q.Candidates = compat.SetOf(compat.V05)
	}
	w := httptest.NewRecorder()
	b.srv.ServeHTTP(w, r, q)
	return w
}

// id returns the session id of a handshake in either dialect.
func (b *messageBubble) id(body string) string {
	b.t.Helper()
	if id, ok := strings.CutPrefix(body, "~m~37~m~"); ok && len(id) == idDigits {
		return id
	}
	id, opened := strings.CutPrefix(body, `{"messages":["{\"sessionid\":\"`)
	id, closed := strings.CutSuffix(id, `\"}"]}`)
	if !opened || !closed || len(id) != idDigits {
		b.t.Fatalf("no handshake: %q", body)
	}
	return id
}

// open opens the duplex transport, with a session or "".
func (b *messageBubble) open(sid string) *pipeConn {
	// The mechanism takes it for a websocket.
	b.do(http.MethodGet, "pipe/"+sid, "", "Upgrade", "websocket", "Connection", "Upgrade")
	return receive(b.t, b.pipe.conns)
}

func (b *messageBubble) want(got []string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Fatalf("(-want +got):\n%s", diff)
	}
}

func (b *messageBubble) message(want string) {
	b.t.Helper()
	p := receive(b.t, b.h.packets)
	if got := p.Name + " " + string(p.Args); p.Namespace != "/" || got != want {
		b.t.Fatalf("got %s, want %s", got, want)
	}
}

func TestStreamSpeaksBothDialects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, say, args, answer, generation string
	}{
		{"array", `["a"]`, `"a"`, `{"messages":["yes"]}`, "0.1-0.4"},
		{"framed", "~m~1~m~a", `"a"`, "~m~3~m~yes", "0.5-0.6"},
		{"echo", "~m~4~m~~h~1~m~1~m~a", `"a"`, "~m~3~m~yes", "0.5-0.6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inMessageBubble(t, nil, func(b *messageBubble) {
				c := b.open("")
				got := c.taken()
				if len(got) != 3 || b.id(got[0]) != b.id(got[1]) || got[0][0] != '{' || got[2] != "~m~4~m~~h~1" {
					t.Fatalf("greeting: %q", got)
				}
				c.up <- "nonsense"
				synctest.Wait()
				if len(b.h.conns) != 0 {
					t.Fatal("accepted before its dialect was known")
				}
				c.up <- tt.say
				b.message("message " + tt.args)
				conn := receive(t, b.h.conns)
				conn.send("yes")
				b.want(c.taken(), tt.answer)
				info := conn.Info()
				if info.Generation != tt.generation || info.Dialect != tt.generation || len(info.Evidence) != 2 {
					t.Errorf("info: %+v", info)
				}
			})
		})
	}
}

func TestSilentStreamIsOld(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		b.h.connected = func(c versions.Conn) { c.(*conn).send("welcome") }
		c := b.open("")
		c.taken()
		time.Sleep(decisionTimeout)
		b.want(c.taken(), `{"messages":["welcome"]}`)
		// Its heartbeats are no questions.
		for range 5 {
			time.Sleep(DefaultMessageHeartbeatInterval)
			b.want(c.taken(), `{"heartbeat":"1"}`)
		}
		c.Terminate()
		if r := receive(t, b.h.closings); r != versions.ReasonTransportClose {
			t.Errorf("reason %q", r)
		}
	})
}

func TestFramedHeartbeats(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		c := b.open("")
		c.taken()
		c.up <- "~m~4~m~~h~1"
		synctest.Wait()
		for _, beat := range []string{"~m~4~m~~h~2", "~m~4~m~~h~3"} {
			time.Sleep(DefaultMessageHeartbeatInterval)
			b.want(c.taken(), beat)
			c.up <- beat
			synctest.Wait()
		}
		time.Sleep(DefaultMessageHeartbeatInterval)
		b.want(c.taken(), "~m~4~m~~h~4")
		c.up <- "~m~4~m~~h~3" // not the latest
		time.Sleep(DefaultMessageHeartbeatTimeout)
		if r := receive(t, b.h.closings); r != versions.ReasonPingTimeout {
			t.Errorf("reason %q", r)
		}
		<-c.over
	})
}

func TestPollsTryOneDialectAfterTheOther(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		const first = "xhr-polling//1795196057866"
		framed := b.do(http.MethodGet, first, "").Body.String()
		b.id(framed)
		array := b.do(http.MethodGet, first, "").Body.String()
		sid := b.id(array)
		if framed[0] != '~' || array[0] != '{' || b.srv.Rehandshakes() != 1 {
			t.Fatalf("%s, then %s, %d again", framed, array, b.srv.Rehandshakes())
		}
		if len(b.h.conns) != 0 {
			t.Fatal("accepted before its client came")
		}
		w := b.do(http.MethodPost, "xhr-polling/"+sid+"/send", "data=%5B%22queued%22%2C5%5D", "Origin", "http://a.example")
		if w.Code != 200 || w.Body.String() != "ok" || w.Header().Get("Access-Control-Allow-Origin") != "http://a.example" {
			t.Fatalf("post: %+v", w)
		}
		b.message(`message "queued"`)
		b.message(`message 5`)
		conn := receive(t, b.h.conns)
		conn.send("one")
		conn.send("two")
		if w = b.do(http.MethodGet, "xhr-polling/"+sid+"/1795196057870", ""); w.Body.String() != `{"messages":["one","two"]}` {
			t.Fatalf("poll: %q", w.Body)
		}
		if got := w.Header(); got.Get("Content-Type") != typePlainUTF8 || got.Get("Content-Length") != "26" {
			t.Errorf("header: %v", got)
		}
		start := time.Now()
		w = b.do(http.MethodGet, "xhr-polling/"+sid+"/1795196057871", "")
		if took := time.Since(start); took != DefaultMessagePollingDuration || w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("idle poll: %d %q after %v", w.Code, w.Body, took)
		}
		if info := conn.Info(); info.Dialect != "0.3.4-0.4.1" || info.Transport != "xhr-polling" {
			t.Errorf("info: %+v", info)
		}
		time.Sleep(DefaultMessageCloseTimeout)
		if r := receive(t, b.h.closings); r != versions.ReasonPingTimeout {
			t.Errorf("reason %q", r)
		}
		// A client that has come makes room for the next page behind the connection.
		if body := b.do(http.MethodGet, first, "").Body.String(); body[0] != '~' {
			t.Errorf("next page: %s", body)
		}
	})
}

func TestConfusedClientIsBounded(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, func(p *MessageParams) { p.MaxUnclaimedPerPeer = 10 }, func(b *messageBubble) {
		const first = "xhr-polling//1795196057866"
		start, n := time.Now(), 0
		for b.do(http.MethodGet, first, "").Code != aborted {
			n++
		}
		if took := time.Since(start); n != maxRounds || took != slowStep+2*slowStep+4*slowStep {
			t.Errorf("%d rounds in %v", n, took)
		}
		for i := range 200 { // with a connection for each
			b.do(http.MethodGet, first, "", "peer", "192.0.2.1:"+strconv.Itoa(i))
			if n := b.srv.Sessions(); n > 10 {
				t.Fatalf("%d sessions", n)
			}
		}
		if again := b.srv.Rehandshakes(); again < 150 {
			t.Errorf("counted %d", again)
		}
		time.Sleep(messageClaim)
		synctest.Wait()
		if n := b.srv.Sessions(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		if len(b.h.conns) != 0 {
			t.Error("one of them was accepted")
		}
	})
}

func TestBrokenStreamIsResumed(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, func(p *MessageParams) { p.StreamCloseTimeout = 5 * time.Second }, func(b *messageBubble) {
		c := b.open("")
		sid := b.id(c.taken()[0])
		c.up <- "~m~1~m~a"
		conn := receive(t, b.h.conns)
		conn.send("1")
		b.want(c.taken(), "~m~1~m~1")
		for range 3 {
			c.Terminate()
			synctest.Wait()
			conn.send("2")
			volatile := *event("/", "message", `"lost"`)
			volatile.Volatile = true
			if err := conn.Deliver(packet.Prepare(&volatile)); !errors.Is(err, versions.ErrDropped) {
				t.Errorf("volatile: %v", err)
			}
			conn.send("3")
			time.Sleep(4 * time.Second)
			c = b.open(sid)
			b.want(c.taken(), "~m~1~m~2~m~1~m~3")
			conn.send("4")
			b.want(c.taken(), "~m~1~m~4")
		}
		c.Terminate()
		time.Sleep(5 * time.Second)
		if r := receive(t, b.h.closings); r != versions.ReasonPingTimeout {
			t.Errorf("reason %q", r)
		}
		if w := b.do(http.MethodGet, "pipe/"+sid, "", "Upgrade", "websocket"); w.Code != aborted {
			t.Errorf("afterwards: %d", w.Code)
		}
	})
}

func TestMessageRequests(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		time.Sleep(3 * 365 * 24 * time.Hour) // tests begin in 2000, when it had 12 digits
		sid := b.id(b.do(http.MethodGet, "xhr-polling//1795196057866", "").Body.String())
		now := time.Now().UnixMilli()
		stamp := func(ms int64) string { return "xhr-polling/" + strconv.FormatInt(ms, 10) }
		for _, tt := range []struct {
			name, method, path string
			status             int
			body               string
		}{
			{"unknown session", http.MethodGet, "xhr-polling/1234/1", aborted, ""},
			{"unknown session, post", http.MethodPost, "xhr-polling/1234/send", aborted, ""},
			{"post of nobody", http.MethodPost, "xhr-polling//send", 200, "ok"},
			{"session of another transport", http.MethodGet, "jsonp-polling/" + sid + "/1/0", aborted, ""},
			{"post by another transport", http.MethodPost, "htmlfile/" + sid + "/send", 200, "ok"},
			{"unknown transport", http.MethodGet, "carrier-pigeon", aborted, ""},
			{"websocket without an upgrade", http.MethodGet, "websocket", 400, "not a websocket"},
			{"no index", http.MethodGet, "jsonp-polling//x", 400, "no index"},
			{"method", http.MethodPut, "xhr-polling/" + sid, 405, ""},
			{"preflight", http.MethodOptions, "xhr-polling/" + sid, 200, ""},
			{"stamp of long ago", http.MethodGet, stamp(now - 8*24*3600*1000), aborted, ""},
		} {
			w := b.do(tt.method, tt.path, "")
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%s: %d %q", tt.name, w.Code, w.Body)
			}
		}
		b.id(b.do(http.MethodGet, stamp(now), "", "peer", "192.0.2.9:1").Body.String())
		if w := b.do(http.MethodGet, "xhr-polling/"+sid, "", "Upgrade", "websocket"); w.Code != aborted {
			t.Errorf("upgrade of a poll: %d", w.Code)
		}
	})
}

func TestJSONPMessages(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		body := b.do(http.MethodGet, "jsonp-polling//1795197105140/7", "").Body.String()
		body, ok := strings.CutPrefix(body, `io.JSONP[7]._("`)
		body, ok2 := strings.CutSuffix(body, `");`)
		if !ok || !ok2 {
			t.Fatalf("handshake: %s", body)
		}
		path := "jsonp-polling/" + b.id(body) + "/1795197105180/7"
		b.do(http.MethodPost, path, "data=%7Em%7E11%7Em%7Eline1%0D%0Aline2")
		b.message(`message "line1\nline2"`)
		conn := receive(t, b.h.conns)
		conn.send("</script>")
		if w := b.do(http.MethodGet, path, ""); w.Body.String() != `io.JSONP[7]._("~m~9~m~\u003c/script\u003e");` {
			t.Errorf("poll: %s", w.Body)
		}
		if w := b.do(http.MethodGet, path, ""); w.Body.String() != `io.JSONP[7]._("");` || w.Header().Get("Content-Type") != typeScript {
			t.Errorf("idle poll: %s", w.Body)
		}
		if info := conn.Info(); info.Dialect != "0.6.0-0.6.18" {
			t.Errorf("info: %+v", info)
		}
		conn.Close(versions.ReasonServerDisconnect)
		if w := b.do(http.MethodGet, path, ""); w.Code != aborted {
			t.Errorf("after the end: %d", w.Code)
		}
	})
}

func TestPinnedDialect(t *testing.T) {
	t.Parallel()
	choose := func(r *http.Request) MessageDialect {
		if r.Header.Get("Referer") == "http://old.example/" {
			return DialectJSON
		}
		return DialectAuto
	}
	inMessageBubble(t, func(p *MessageParams) { p.Dialect, p.ChooseDialect = DialectFramed, choose }, func(b *messageBubble) {
		c := b.open("")
		if got := c.taken(); len(got) != 1 || got[0][0] != '~' || len(b.h.conns) != 1 {
			t.Errorf("pinned stream: %q", got)
		}
		if body := b.do(http.MethodGet, "xhr-polling//1", "", "Referer", "http://old.example/").Body.String(); body[0] != '{' {
			t.Errorf("chosen: %s", body)
		}
		if body := b.do(http.MethodGet, "xhr-polling", "").Body.String(); body[0] != '{' {
			t.Errorf("certain: %s", body)
		}
	})
}

func TestOwnMapping(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, func(p *MessageParams) {
		p.Dialect = DialectFramed
		p.Decode = func(m compat.Message) (*packet.Packet, error) {
			switch m.Text {
			case "bad":
				return nil, errors.New("no")
			case "nil":
				return nil, nil
			case "not an event":
				return &packet.Packet{Type: packet.Disconnect}, nil
			}
			return &packet.Packet{Type: packet.Event, Namespace: "/x", Name: "said", Args: packet.AppendString(nil, m.Text), HasID: true}, nil
		}
		p.Encode = func(p *packet.Packet) (compat.Message, error) {
			if p.Name == "broken" {
				return compat.Message{JSON: []byte("{")}, nil
			}
			return compat.Message{Text: p.Name + ":" + string(p.Args)}, nil
		}
	}, func(b *messageBubble) {
		c := b.open("")
		c.taken()
		c.up <- "~m~3~m~bad~m~3~m~nil~m~12~m~not an event~m~1~m~a"
		b.message(`said "a"`)
		conn := receive(t, b.h.conns)
		if err := conn.Deliver(packet.Prepare(event("/", "broken", ""))); err == nil {
			t.Error("JSON that is none was sent")
		}
		conn.deliver(event("/", "news", `1`))
		b.want(c.taken(), "~m~6~m~news:1")
	})
}

func TestMessageCheck(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*MessageParams){
		"HeartbeatInterval":   func(p *MessageParams) { p.HeartbeatInterval = 0 },
		"HeartbeatTimeout":    func(p *MessageParams) { p.HeartbeatTimeout = -1 },
		"CloseTimeout":        func(p *MessageParams) { p.CloseTimeout = 0 },
		"StreamCloseTimeout":  func(p *MessageParams) { p.StreamCloseTimeout = -1 },
		"PollingDuration":     func(p *MessageParams) { p.PollingDuration = 0 },
		"Dialect":             func(p *MessageParams) { p.Dialect = "colon" },
		"MaxUnclaimedPerPeer": func(p *MessageParams) { p.MaxUnclaimedPerPeer = 0 },
		"Transports":          func(p *MessageParams) { p.Transports = nil },
		"carrier-pigeon":      func(p *MessageParams) { p.Transports = []string{"carrier-pigeon"} },
	} {
		p := messageParams(newHost())
		spoil(&p)
		if _, err := NewMessageServer(p); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
