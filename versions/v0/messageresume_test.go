package v0

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// TestUnansweredHeartbeatIsNoEnd: a client that the network has cut off comes back
// to its session, whoever notices first that its connection is dead.
func TestUnansweredHeartbeatIsNoEnd(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, func(p *MessageParams) {
		p.Dialect, p.StreamCloseTimeout = DialectFramed, 5*time.Second
	}, func(b *messageBubble) {
		c := b.open("")
		sid := b.id(c.taken()[0])
		conn := receive(t, b.h.conns)
		time.Sleep(DefaultMessageHeartbeatInterval + DefaultMessageHeartbeatTimeout)
		synctest.Wait()
		b.want(c.taken(), "~m~4~m~~h~1")
		<-c.over
		conn.send("missed")
		time.Sleep(4 * time.Second)
		c = b.open(sid)
		b.want(c.taken(), "~m~6~m~missed")
		if len(b.h.closings) != 0 {
			t.Error("the session has ended")
		}
		// Who does not come back is gone after both times.
		time.Sleep(DefaultMessageHeartbeatInterval + DefaultMessageHeartbeatTimeout + 5*time.Second)
		if r := receive(t, b.h.closings); r != versions.ReasonPingTimeout {
			t.Errorf("reason %q", r)
		}
	})
}

// TestResumeBeforeTheDialectIsKnown: clients of 0.1 to 0.4 say nothing until their
// page does, and may lose their connection before.
func TestResumeBeforeTheDialectIsKnown(t *testing.T) {
	t.Parallel()
	wait := func(p *MessageParams) { p.StreamCloseTimeout = 5 * time.Second }
	for _, tt := range []struct{ name, say, want string }{
		{"0.1-0.4, silent", "", `{"messages":["yes"]}`},
		{"0.1-0.4", "[]", `{"messages":["yes"]}`},
		{"0.5", "~m~4~m~~h~2", "~m~3~m~yes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inMessageBubble(t, wait, func(b *messageBubble) {
				b.h.connected = func(c versions.Conn) { c.(*conn).send("yes") }
				c := b.open("")
				sid := b.id(c.taken()[0])
				time.Sleep(2 * time.Second)
				c.Terminate()
				time.Sleep(4 * time.Second)
				if len(b.h.conns) != 0 {
					t.Fatal("accepted while it was away")
				}
				c = b.open(sid)
				b.want(c.taken(), "~m~4~m~~h~2") // and no second handshake
				if tt.say == "" {
					time.Sleep(decisionTimeout)
				} else {
					c.up <- tt.say
				}
				b.want(c.taken(), tt.want)
				if n := len(b.h.conns); n != 1 {
					t.Errorf("accepted %d times", n)
				}
			})
		})
	}
	inMessageBubble(t, wait, func(b *messageBubble) {
		c := b.open("")
		sid := b.id(c.taken()[0])
		c.Terminate()
		synctest.Wait()
		// A message of a page that sends by requests tells the dialect even then, and
		// is no reason to wait longer.
		b.do(http.MethodPost, "htmlfile/"+sid+"/send", `data=["a"]`)
		b.message(`message "a"`)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := len(b.h.closings); n != 1 {
			t.Errorf("%d sessions have ended in time", n)
		}
	})
	inMessageBubble(t, wait, func(b *messageBubble) { // who stays away is forgotten
		c := b.open("")
		sid := b.id(c.taken()[0])
		c.Terminate()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if w := b.do(http.MethodGet, "pipe/"+sid, "", "Upgrade", "websocket"); w.Code != aborted || b.srv.Sessions() != 0 {
			t.Errorf("too late: %d, %d sessions", w.Code, b.srv.Sessions())
		}
	})
}

// page opens a stream and returns its body once it has ended.
func (b *messageBubble) page(path string) <-chan string {
	done := make(chan string, 1)
	go func() { done <- b.do(http.MethodGet, path, "").Body.String() }()
	synctest.Wait()
	return done
}

// TestWornStreamIsResumed: a stream that is too old or too long ends, its session
// does not.
func TestWornStreamIsResumed(t *testing.T) {
	t.Parallel()
	script := func(payload string) string {
		return "<script>parent.s._(" + string(appendScriptString(nil, []byte(payload))) + ", document);</script>"
	}
	opening := string(messagePage.preamble)
	for name, change := range map[string]func(*MessageParams){
		"aged": func(p *MessageParams) { p.StreamMaxAge = 3 * time.Second },
		"full": func(p *MessageParams) { p.StreamMaxBytes = 500 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMessageBubble(t, func(p *MessageParams) {
				p.Dialect, p.StreamCloseTimeout = DialectFramed, 5*time.Second
				change(p)
			}, func(b *messageBubble) {
				first := b.page("htmlfile//1")
				conn := receive(t, b.h.conns)
				long := strings.Repeat("x", 300)
				conn.send(long)
				time.Sleep(4 * time.Second)
				greeting := string(greetFramed(conn.ID()).Data)
				if got, want := <-first, opening+script(greeting)+script("~m~300~m~"+long); got != want {
					t.Fatalf("first page:\n%s, want\n%s", got, want)
				}
				conn.send("1")
				conn.send("2")
				second := b.page("htmlfile/" + conn.ID() + "/2")
				conn.send(long)
				time.Sleep(4 * time.Second)
				if got, want := <-second, opening+script("~m~1~m~1~m~1~m~2")+script("~m~300~m~"+long); got != want {
					t.Fatalf("second page:\n%s, want\n%s", got, want)
				}
				if len(b.h.closings) != 0 {
					t.Fatal("the session has ended")
				}
				time.Sleep(5 * time.Second)
				receive(t, b.h.closings)
			})
		})
	}
}

// TestStalledStreamIsResumed has a client stop reading until it is cut off. What
// it finds in its network then, and what it gets when it comes back, is each
// message once and in order, whatever the server was writing.
func TestStalledStreamIsResumed(t *testing.T) {
	t.Parallel()
	const count = 400
	for _, name := range []string{nameXHRMultipart, nameWebSocket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost()
			srv, addr := messageSite(t, h, func(p *MessageParams) {
				p.Dialect, p.StreamCloseTimeout = DialectFramed, time.Minute
				p.WriteTimeout = 2 * time.Second // no less, for machines that are busy
			})
			r := &reader{t: t, addr: addr, name: name}
			r.open("")
			conn := receive(t, h.conns)
			r.read() // the handshake
			for i := range count {
				conn.send(strconv.Itoa(i) + " " + strings.Repeat("x", 10_000))
			}
			s := &site{t: t}
			s.until("cut off", func() bool {
				session := srv.core.lookup(conn.ID())
				if session == nil {
					t.Fatal("the session has ended")
				}
				session.mu.Lock()
				defer session.mu.Unlock()
				return session.carrier == nil
			})
			var got []string
			for opens := 1; len(got) < count; {
				payload, err := r.read()
				if err == nil {
					bodies, err := DecodeFramed([]byte(payload), 0)
					if err != nil {
						t.Fatal(err)
					}
					for _, body := range bodies {
						number, _, _ := strings.Cut(string(body), " ")
						got = append(got, number)
					}
					continue
				}
				if opens++; opens > 50 {
					t.Fatalf("has %d messages after %d connections", len(got), opens)
				}
				r.open(conn.ID())
			}
			var want []string
			for i := range count {
				want = append(want, strconv.Itoa(i))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %s", got)
			}
			if len(h.closings) != 0 {
				t.Error("the session has ended")
			}
		})
	}
}

// reader is a client of a stream that reads when it is told to.
type reader struct {
	t          *testing.T
	addr, name string
	ws         *websocket.Conn
	body       *bufio.Reader
}

func (r *reader) open(sid string) {
	r.t.Helper()
	path := "/socket.io/" + r.name + "/" + sid
	if r.name == nameWebSocket {
		ws, resp, err := websocket.DefaultDialer.DialContext(r.t.Context(), "ws://"+r.addr+path, nil)
		if err != nil {
			r.t.Fatal(err)
		}
		_ = resp.Body.Close()
		r.t.Cleanup(func() { _ = ws.Close() })
		_ = ws.SetReadDeadline(time.Now().Add(patience))
		r.ws = ws
		return
	}
	s := &site{t: r.t, addr: r.addr}
	c := s.dial("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.body = bufio.NewReader(resp.Body)
	r.part() // before the first boundary
}

// read returns the next payload that has arrived whole.
func (r *reader) read() (string, error) {
	if r.ws != nil {
		_, b, err := r.ws.ReadMessage()
		return string(b), err
	}
	part, err := r.part()
	_, payload, _ := strings.Cut(part, "\n\n")
	return payload, err
}

// part returns what stands before the next boundary.
func (r *reader) part() (string, error) {
	var part strings.Builder
	for {
		line, err := r.body.ReadString('\n')
		switch {
		case err != nil:
			return "", err
		case line == multipartBoundary+"\n":
			return strings.TrimSuffix(part.String(), "\n"), nil
		}
		part.WriteString(line)
	}
}

// slowHost takes its time to accept a client.
type slowHost struct {
	*host
	asked, gate chan struct{}
}

func (h slowHost) Accept(c versions.Conn) (versions.Receiver, error) {
	close(h.asked)
	<-h.gate
	return h.host.Accept(c)
}

// TestMessageWhileAccepting: what a client sends while the server above is being
// told of it waits for that.
func TestMessageWhileAccepting(t *testing.T) {
	t.Parallel()
	h := slowHost{newHost(), make(chan struct{}), make(chan struct{})}
	srv, _ := messageSite(t, h.host, func(p *MessageParams) { p.Host = h })
	r := httptest.NewRequest(http.MethodGet, "/socket.io/websocket", nil)
	s, err := srv.newSession(r, MessageRequest{Transport: nameWebSocket}, undecided)
	if err != nil || !srv.core.add(s) {
		t.Fatal(err)
	}
	go s.despair()
	receive(t, h.asked)
	received := make(chan struct{})
	go func() {
		s.receive([]byte(`["a"]`))
		close(received)
	}()
	select {
	case <-received:
		t.Error("nobody is there to receive it")
	case <-time.After(50 * time.Millisecond):
	}
	close(h.gate)
	if p := receive(t, h.packets); string(p.Args) != `"a"` {
		t.Errorf("got %s", p.Args)
	}
	receive(t, received)
}

// TestLateAnswer: the page of a client of 0.5 or 0.6 that is busy for long answers
// when it has been taken for an older one.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	inMessageBubble(t, nil, func(b *messageBubble) {
		c := b.open("")
		c.taken()
		time.Sleep(decisionTimeout)
		conn := receive(t, b.h.conns)
		conn.send("1")
		b.want(c.taken(), `{"messages":["1"]}`)
		time.Sleep(2 * time.Second)
		c.up <- "~m~4~m~~h~1"
		synctest.Wait()
		conn.send("2")
		b.want(c.taken(), "~m~1~m~2")
		c.up <- "~m~1~m~a"
		b.message(`message "a"`)
		if info := conn.Info(); info.Generation != "0.5-0.6" || info.Dialect != "0.5-0.6" || !slices.Contains(info.Evidence, decidedLate) {
			t.Errorf("info: %+v", info)
		}
		time.Sleep(DefaultMessageHeartbeatInterval)
		b.want(c.taken(), "~m~4~m~~h~2")
		time.Sleep(DefaultMessageHeartbeatTimeout)
		if r := receive(t, b.h.closings); r != versions.ReasonPingTimeout {
			t.Errorf("reason %q", r)
		}
	})
	inMessageBubble(t, nil, func(b *messageBubble) { // who has spoken keeps its dialect
		c := b.open("")
		c.taken()
		c.up <- `["a"]`
		b.message(`message "a"`)
		c.up <- "~m~1~m~b"
		synctest.Wait()
		receive(t, b.h.conns).send("1")
		b.want(c.taken(), `{"messages":["1"]}`)
	})
}

// TestGreetingIsPassedOver: where a greeting in both dialects leaves only when the
// dialect has become known, clients get the part of it that they can read.
func TestGreetingIsPassedOver(t *testing.T) {
	t.Parallel()
	envelope, framed := (&MessageParams{}).dialects()
	frames := []*packet.Frame{greetEnvelope("1"), greetFramed("1"), framedHeartbeat(1)}
	for d, want := range map[*dialect]string{envelope: string(greetEnvelope("1").Data), framed: "~m~1~m~1~m~4~m~~h~1"} {
		if got := string(d.unite(frames)[0].Data); got != want {
			t.Errorf("%s: %s, want %s", d.generation, got, want)
		}
	}
}
