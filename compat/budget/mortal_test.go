package budget

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// mortal is a client with bare connections.
type mortal struct {
	addr  string
	sid   string
	conns []net.Conn
	r     *bufio.Reader // of the last connection
}

// live brings a client to its death.
func live(addr string, d death, reset bool) (err error) {
	c := &mortal{addr: addr}
	for _, next := range d.steps {
		if err = next(c); err != nil {
			break
		}
	}
	// What was written last may have arrived, or not.
	time.Sleep(rand.N(3 * time.Millisecond))
	for _, conn := range c.conns {
		if reset {
			err = errors.Join(err, conn.(*net.TCPConn).SetLinger(0))
		}
		err = errors.Join(err, conn.Close())
	}
	return err
}

// request opens a connection and sends the beginning of a request.
func (c *mortal) request(method, query, rest string) error {
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	c.conns = append(c.conns, conn)
	c.r = bufio.NewReader(conn)
	if c.sid != "" {
		query += "&sid=" + c.sid
	}
	return write(method + " /socket.io/?EIO=3&" + query + " HTTP/1.1\r\nHost: " + c.addr + "\r\n" + rest)(c)
}

// answer reads the answer to the last request.
func (c *mortal) answer(status int) (body string, err error) {
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != status {
		return "", fmt.Errorf("status %d, want %d", resp.StatusCode, status)
	}
	if status == http.StatusSwitchingProtocols {
		return "", nil
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// write sends bytes on the last connection.
func write(s string) step {
	return func(c *mortal) error {
		_, err := io.WriteString(c.conns[len(c.conns)-1], s)
		return err
	}
}

// poll asks for packets, and does not wait for the answer.
func poll(c *mortal) error { return c.request("GET", "transport=polling&b64=1", "\r\n") }

// post sends the end of the headers and some of the body of a POST.
func post(rest string) step {
	return func(c *mortal) error { return c.request("POST", "transport=polling&b64=1", rest) }
}

// whole is the rest of a POST with one packet.
func whole(packet string) string {
	body := fmt.Sprintf("%d:%s", len(packet), packet)
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// posted waits for the answer to a POST.
func posted(c *mortal) error {
	_, err := c.answer(http.StatusOK)
	return err
}

// handshake opens a session over polling.
func handshake(c *mortal) error {
	if err := poll(c); err != nil {
		return err
	}
	body, err := c.answer(http.StatusOK)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(body, `"sid":"`)
	sid, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return errors.New("no session id in the handshake")
	}
	c.sid = sid
	return nil
}

// websocket opens a websocket, for a new session or the one there is.
func websocket(c *mortal) error {
	err := c.request("GET", "transport=websocket", "Upgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	if err != nil {
		return err
	}
	if _, err := c.answer(http.StatusSwitchingProtocols); err != nil || c.sid != "" {
		return err
	}
	if err := expect("0{")(c); err != nil {
		return err
	}
	return expect("40")(c)
}

// frame sends a message, whole.
func frame(s string) step {
	return func(c *mortal) error { return (&peer{conn: c.conns[len(c.conns)-1]}).write(s) }
}

// expect reads a message that begins with prefix.
func expect(prefix string) step {
	return func(c *mortal) error {
		b, err := (&peer{r: c.r}).read(nil)
		if err == nil && !strings.HasPrefix(string(b), prefix) {
			err = fmt.Errorf("got %.20q, want %q", b, prefix)
		}
		return err
	}
}
