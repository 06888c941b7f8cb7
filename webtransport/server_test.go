package webtransport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	socketio "github.com/heirloom-io/socketio"
)

// TestSession goes through a session of a client that begins with WebTransport.
func TestSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 0)
	c := s.mustDial("", "0")
	if open := c.expect(`0{"sid":"`); !strings.Contains(open, `"upgrades":[]`) {
		t.Errorf("open packet %s", open)
	}
	c.say("40")
	c.expect(`40{"sid":"`)
	socket := <-s.entered
	if info := socket.Conn().Info(); info.Transport != Name {
		t.Errorf("transport %q", info.Transport)
	}
	c.say(`42["echo","é😀"]`)
	c.expect(`42["echo","é😀"]`)
	for _, size := range []int{1, 125, 126, 65535, 65536, 900_000} {
		data := bytes.Repeat([]byte{0xfe}, size)
		c.say(`451-["echo",{"_placeholder":true,"num":0}]`)
		go c.sayBinary(data)
		c.expect(`451-["echo",{"_placeholder":true,"num":0}]`)
		if got := c.expect("\xfe"); got != string(data) {
			t.Errorf("%d bytes came back as %d", size, len(got))
		}
	}
	for range 500 {
		c.say(`42["echo",1]`)
	}
	for range 500 {
		c.expect(`42["echo",1]`)
	}
	_ = c.session.CloseWithError(0, "")
	s.wantReason(socketio.ReasonTransportClose)
}

// TestQuery: what a client gives in the URL reaches the application, but does not
// replace what the session says.
func TestQuery(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 0)
	c := s.mustDial("?user=a&sid=abc&transport=polling", "0")
	c.expect(`0{"sid":"`)
	c.say("40")
	socket := <-s.entered
	if got := socket.Handshake().Query.Get("user"); got != "a" {
		t.Errorf("user %q", got)
	}
}

// TestUpgrade moves a polling session, of which nothing is lost.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 0)
	open := s.poll("", "")
	if !strings.Contains(open, `"upgrades":["websocket","webtransport"]`) {
		t.Errorf("open packet %s", open)
	}
	sid := "&sid=" + sidForm.FindStringSubmatch(open)[1]
	s.poll(sid, "40")
	s.poll(sid, "")
	socket := <-s.entered
	c := s.mustDial("", `0{"sid":"`+sid[len("&sid="):]+`"}`)
	c.say("2probe")
	c.expect("3probe")
	_ = socket.Emit("waiting", 1)
	_ = socket.Emit("waiting", 2)
	c.say("5")
	c.expect(`42["waiting",1]`)
	c.expect(`42["waiting",2]`)
	if info := socket.Conn().Info(); info.Transport != Name {
		t.Errorf("transport %q", info.Transport)
	}
	// A second one is turned away, and does no harm.
	second := s.mustDial("", `0{"sid":"`+sid[len("&sid="):]+`"}`)
	second.wantEnd()
	c.say(`42["echo",1]`)
	c.expect(`42["echo",1]`)
}

// TestFirstPacket: what does not open a session ends it.
func TestFirstPacket(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 0)
	sid := "&sid=" + sidForm.FindStringSubmatch(s.poll("", ""))[1]
	for _, first := range []string{
		"2probe", "", "40", "0x", `0{"sid":"abc"}`, `0{"sid":""}`, "0" + strings.Repeat(" ", 2000),
	} {
		c := s.mustDial("", first)
		c.wantEnd()
	}
	s.poll(sid, "40") // the session is not hurt
	if got := s.io.Clients(); got != 1 {
		t.Errorf("%d clients, want the one that polls", got)
	}
}

// TestOpenTimeout: a session without a stream, or with a silent one, does not
// stay.
func TestOpenTimeout(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 200*time.Millisecond)
	none, _, err := s.dial("", nil)
	if err != nil {
		t.Fatal(err)
	}
	silent, _, err := s.dial("", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := silent.session.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stream.Write([]byte{5, '0'}) // a header, and less than it says
	for _, c := range []*client{none, silent} {
		select {
		case <-c.session.Context().Done():
		case <-time.After(patience):
			t.Error("the session goes on")
		}
	}
}

// TestRefused: a session that may not come in ends; over anything but HTTP/3 there
// is none.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{Origins: []string{"https://a.example"}}, 0)
	origin := http.Header{"Origin": {"https://a.example"}}
	for from, admitted := range map[string]bool{"https://a.example": true, "https://b.example": false} {
		c, _, err := s.dial("", http.Header{"Origin": {from}})
		if err != nil {
			t.Fatal(err)
		}
		c.begin("0")
		if admitted {
			c.expect(`0{"sid"`)
			continue
		}
		c.wantEnd()
	}
	plain := "http://" + s.address + "/socket.io/?EIO=4&transport=webtransport"
	r, _ := http.NewRequest(http.MethodGet, plain, nil)
	r.Header, r.Close = origin, true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("over TCP: %s", resp.Status)
	}
}

// TestFaults of clients that are in.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{MaxPayload: 10_000}, 0)
	enter := func() *client {
		c := s.mustDial("", "0")
		c.expect("0{")
		c.say("40")
		c.expect("40{")
		<-s.entered
		return c
	}
	for _, tt := range []struct {
		name string
		wire []byte
		want []socketio.Reason
	}{
		{"too large", appendHeader(nil, false, 10_001), []socketio.Reason{socketio.ReasonTransportError}},
		{"a length beyond all memory", appendHeader(nil, true, 1<<62), []socketio.Reason{socketio.ReasonTransportError}},
		{"not UTF-8", []byte{2, '4', 0xff}, []socketio.Reason{socketio.ReasonTransportError}},
		{"empty", []byte{0}, []socketio.Reason{socketio.ReasonParseError}},
		{"no packet", []byte{1, 'x'}, []socketio.Reason{socketio.ReasonParseError}},
	} {
		c := enter()
		if _, err := c.stream.Write(tt.wire); err != nil {
			t.Error(err)
		}
		c.wantEnd()
		t.Log(tt.name)
		s.wantReason(tt.want...)
	}
	c := enter()
	_ = c.stream.Close() // no more from it, which is an end as well
	s.wantReason(socketio.ReasonTransportClose)
	c = enter()
	c.stream.CancelWrite(1)
	s.wantReason(socketio.ReasonTransportError)
}

// TestDisconnect: what was sent before the end arrives.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{}, 0)
	c := s.mustDial("", "0")
	c.expect("0{")
	c.say("40")
	c.expect("40{")
	socket := <-s.entered
	last := strings.Repeat("x", 200_000)
	_ = socket.Emit("last", last)
	socket.Disconnect(true)
	if got := c.expect(`42["last"`); len(got) < len(last) {
		t.Errorf("%d bytes", len(got))
	}
	c.wantEnd()
}

// TestSlow: a client that does not read is given up, and nobody waits for it.
func TestSlow(t *testing.T) {
	t.Parallel()
	s := newSite(t, socketio.Config{MaxOutboxBytes: 1 << 20, WriteTimeout: time.Second}, 0)
	c := s.mustDial("", "0")
	c.expect("0{")
	c.say("40")
	c.expect("40{")
	socket := <-s.entered
	data := strings.Repeat("x", 100_000)
	began := time.Now()
	var err error
	for n := 0; err == nil && n < 10_000; n++ {
		err = socket.Emit("much", data)
	}
	if err == nil || time.Since(began) > patience {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	s.wantReason(socketio.ReasonSlowConsumer, socketio.ReasonTransportError)
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, config := range []Config{{}, {TLS: &tls.Config{}}} {
		if _, err := New(config); !errors.Is(err, ErrNoTLS) {
			t.Errorf("%v", err)
		}
	}
	certificate, _ := selfSigned(t)
	s, err := New(Config{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.ListenAndServe("127.0.0.1:0", http.NotFoundHandler()); !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("after Close: %v", err)
	}
}
