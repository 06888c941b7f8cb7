package interop

import (
	"bufio"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestFlash does by hand what the Flash bridge of 0.7 to 0.9 does: it asks for
// the policy where HTTP is spoken, and opens a flashsocket in the way of
// hixie-76. There is no Flash any more to do it.
func TestFlash(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out: building the contract server takes too long for -short")
	}
	_, addr := startContract(t, "-flash-policy", "-transports", "v0:flashsocket,v0:xhr-polling")

	t.Run("policy", func(t *testing.T) {
		conn := dialRaw(t, addr)
		write(t, conn, "<policy-file-request/>\x00")
		got, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		const want = `<?xml version="1.0"?><!DOCTYPE cross-domain-policy SYSTEM ` +
			`"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd"><cross-domain-policy>` +
			`<allow-access-from domain="*" to-ports="*"/></cross-domain-policy>`
		if string(got) != want {
			t.Errorf("the policy is %q, want %q", got, want)
		}
	})

	t.Run("flashsocket", func(t *testing.T) {
		sid := shakeHands(t, addr, "60:60:flashsocket,xhr-polling")
		conn := dialRaw(t, addr)
		// A vector of a genuine client; the nonce comes late, as through a proxy.
		write(t, conn, "GET /socket.io/1/flashsocket/"+sid+" HTTP/1.1\r\nHost: "+addr+"\r\n"+
			"Upgrade: WebSocket\r\nConnection: Upgrade\r\nOrigin: http://example.com\r\n"+
			"Sec-WebSocket-Key1: 3-18r  M8* pS =h24 21 qy \"  70\r\nSec-WebSocket-Key2: 2545 l53{f46X48\r\n\r\n")
		<-time.After(takeTime)
		nonce, _ := hex.DecodeString("e3ba4444f6891e6f")
		write(t, conn, string(nonce))

		from := bufio.NewReader(conn)
		res, err := http.ReadResponse(from, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Upgrade") != "WebSocket" {
			t.Fatalf("the answer is %s with %v", res.Status, res.Header)
		}
		want := "ws://" + addr + "/socket.io/1/flashsocket/" + sid
		if got := res.Header.Get("Sec-WebSocket-Location"); got != want {
			t.Errorf("the location is %q, want %q", got, want)
		}
		signature := make([]byte, 16)
		if _, err := io.ReadFull(from, signature); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(signature); got != "0fd0314125e67839f1a843ee8be52971" {
			t.Errorf("the signature is %s", got)
		}
		expectFrame(t, from, "1::")
		write(t, conn, "\x00"+`5:1+::{"name":"echo","args":["é € 😀"]}`+"\xff")
		expectFrame(t, from, `6:::1+["é € 😀"]`)
		write(t, conn, "\x000::\xff\xff\x00")
		if _, err := io.Copy(io.Discard, from); err != nil {
			t.Errorf("the connection does not end: %v", err)
		}
	})
}

// shakeHands opens a session and returns its id.
func shakeHands(t *testing.T, addr, want string) string {
	t.Helper()
	res, err := http.Get("http://" + addr + "/socket.io/1/?t=1")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	sid, rest, ok := strings.Cut(string(body), ":")
	if !ok || rest != want {
		t.Fatalf("the handshake is %q, want an id and %q", body, want)
	}
	return sid
}

func dialRaw(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(noticeLimit)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func write(t *testing.T, conn net.Conn, data string) {
	t.Helper()
	if _, err := io.WriteString(conn, data); err != nil {
		t.Fatal(err)
	}
}

// expectFrame reads one frame of the hixie drafts.
func expectFrame(t *testing.T, from *bufio.Reader, want string) {
	t.Helper()
	got, err := from.ReadString('\xff')
	if err != nil {
		t.Fatal(err)
	}
	if got != "\x00"+want+"\xff" {
		t.Fatalf("the frame is %q, want %q in 00 and ff", got, want)
	}
}
