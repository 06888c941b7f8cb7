package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// wireClient is a client that shows its packets as they are.
type wireClient struct {
	t         *testing.T
	ws        *websocket.Conn
	hello     string // what the server opened with
	namespace string
	id        string // of the last question of the server
}

// connect opens a websocket, which puts the client into "/".
func connect(t *testing.T, url string) *wireClient {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	if err := ws.SetReadDeadline(time.Now().Add(slow)); err != nil {
		t.Fatal(err)
	}
	c := &wireClient{t: t, ws: ws, namespace: "/"}
	c.hello = c.text()
	c.get("40")
	return c
}

// join brings a client that is in a namespace.
func join(t *testing.T, addr string, revision int, namespace string) *wireClient {
	t.Helper()
	c := connect(t, fmt.Sprintf("ws://%s/socket.io/?EIO=%d&transport=websocket", addr, revision))
	if namespace != "/" {
		c.send("40" + namespace)
		c.get("40" + namespace)
		c.namespace = namespace
	}
	return c
}

// fill puts into a packet what is this client's own.
func (c *wireClient) fill(packet string) string {
	prefix := ""
	if c.namespace != "/" {
		prefix = c.namespace + ","
	}
	return strings.NewReplacer("{ns}", prefix, "{name}", c.namespace, "{id}", c.id).Replace(packet)
}

func (c *wireClient) send(packet string, binary ...string) {
	c.t.Helper()
	err := c.ws.WriteMessage(websocket.TextMessage, []byte(c.fill(packet)))
	for _, b := range binary {
		if err == nil {
			// In a binary frame of these revisions the packet's type is a byte.
			err = c.ws.WriteMessage(websocket.BinaryMessage, []byte("\x04"+b))
		}
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// get reads a packet, which must be this one. An {id} in it is that of the
// server's question.
func (c *wireClient) get(packet string, binary ...string) {
	c.t.Helper()
	got := c.text()
	if before, after, asks := strings.Cut(packet, "{id}"); asks {
		id, begins := strings.CutPrefix(got, c.fill(before))
		id, ends := strings.CutSuffix(id, after)
		if !begins || !ends || id == "" || strings.Trim(id, "0123456789") != "" {
			c.t.Fatalf("got %q, want %q", got, c.fill(packet))
		}
		c.id = id
	}
	if want := c.fill(packet); canonical(got) != canonical(want) {
		c.t.Fatalf("got %q, want %q", got, want)
	}
	for _, want := range binary {
		if kind, b := c.read(); kind != websocket.BinaryMessage || string(b) != "\x04"+want {
			c.t.Fatalf("got %q, want the binary value %q", b, want)
		}
	}
}

// canonical writes the JSON of a packet in one way. There are several for the
// same text, and the server chooses by what it knows of the client.
func canonical(packet string) string {
	at := strings.IndexAny(packet, `[{"`)
	if at < 0 {
		return packet
	}
	var value any
	if err := json.Unmarshal([]byte(packet[at:]), &value); err != nil {
		return packet
	}
	b, err := json.Marshal(value)
	if err != nil {
		return packet
	}
	return packet[:at] + string(b)
}

// nothingElse holds the server to having sent no more: what it answers comes in
// order.
func (c *wireClient) nothingElse() {
	c.t.Helper()
	c.send(`42{ns}99["echo","the last"]`)
	c.get(`43{ns}99["the last"]`)
}

// gone waits for the end of the connection.
func (c *wireClient) gone() {
	c.t.Helper()
	if kind, b, err := c.ws.ReadMessage(); err == nil {
		c.t.Errorf("got a message of the kind %d, %q, want the end of the connection", kind, b)
	}
}

func (c *wireClient) text() string {
	c.t.Helper()
	kind, b := c.read()
	if kind != websocket.TextMessage {
		c.t.Fatalf("got the binary message %q, want text", b)
	}
	return string(b)
}

func (c *wireClient) read() (kind int, b []byte) {
	c.t.Helper()
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	return kind, b
}
