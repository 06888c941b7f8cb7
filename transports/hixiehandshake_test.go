package transports

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Handshakes of hixie-76: three checked against genuine 0.9, two recorded with
// genuine 0.3.8 and 0.5.3, and the example of the draft itself.
var hixieVectors = []struct {
	name, key1, key2, nonce, digest string // the last two in hexadecimal
}{
	{"0.9, one", `3-18r  M8* pS =h24 21 qy "  70`, `2545 l53{f46X48`, "e3ba4444f6891e6f", "0fd0314125e67839f1a843ee8be52971"},
	{"0.9, two", `3    %4 56!4" D8Y9  e807C R`, "3>@7 296  q_5 N1c!EU39-6`", "d72cc724060edd30", "1275a6780a497d8152a5891858239fb2"},
	{"0.9, three", someKey1, someKey2, "5e6e3a64735b3455", "386a4b5327793a472a436f2c5778612d"},
	{"0.3.8", `*2q4K(7w4|4SU5f q+[360`, `B7 c50c_"V3    0v 9 05+6/"`, "7e7b5506fbcaf6fb", "5f48df171d9957570102b426b97fd1c1"},
	{"0.5.3", `30 06 q w675=+36 4`, `205508 q7V 4:o8 G Wz8^`, "3164057b3570bd8c", "d0b6fce2c6c72e152394e8d6a5c4a851"},
	{"the draft's", `18x 6]8vM;54 *(5:  {   U1]8  z [  8`, "1_ tx7X d  <  nw  334J702) 7]o}` 0", hex.EncodeToString([]byte("Tm[K T2u")), hex.EncodeToString([]byte("fQJ,fN/4F4!~K~MH"))},
}

func unhex(t *testing.T, s string) string {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const hixie76Head = "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Origin: http://Example.com\r\nSec-WebSocket-Location: ws://example.com:81/socket.io/1/websocket/7?a=b\r\n\r\n"

// The nonce may come in any pieces at any time: with the head, behind it, or
// not before the head of the answer.
func TestHixieNonce(t *testing.T) {
	t.Parallel()
	const frame = "\x002::\xff"
	ways := map[string]func(t *testing.T, c *draftClient, head, nonce string){
		"together": func(t *testing.T, c *draftClient, head, nonce string) {
			c.send(t, head+nonce)
			c.expect(t, hixie76Head)
		},
		"together with a frame": func(t *testing.T, c *draftClient, head, nonce string) {
			c.send(t, head+nonce+frame)
			c.expect(t, hixie76Head)
		},
		"after the answer's head": func(t *testing.T, c *draftClient, head, nonce string) {
			c.send(t, head)
			c.expect(t, hixie76Head)
			c.send(t, nonce)
		},
		"200 ms late": func(t *testing.T, c *draftClient, head, nonce string) {
			c.send(t, head)
			time.Sleep(200 * time.Millisecond)
			c.send(t, nonce)
			c.expect(t, hixie76Head)
		},
		"split": func(t *testing.T, c *draftClient, head, nonce string) {
			c.send(t, head+nonce[:3])
			c.expect(t, hixie76Head)
			c.send(t, nonce[3:]+frame)
		},
		"byte by byte": func(t *testing.T, c *draftClient, head, nonce string) {
			for _, b := range []byte(head + nonce) {
				c.send(t, string([]byte{b}))
			}
			c.expect(t, hixie76Head)
		},
	}
	for _, v := range hixieVectors {
		for name, way := range ways {
			t.Run(v.name+", "+name, func(t *testing.T) {
				t.Parallel()
				s := serveDrafts(t, WebSocket{}, DuplexParams{Drafts: AllDrafts})
				c := s.dial(t)
				way(t, c, openingRequest("Upgrade: WebSocket\nConnection: Upgrade\nSec-WebSocket-Key1: "+v.key1+
					"\nSec-WebSocket-Key2: "+v.key2), unhex(t, v.nonce))
				c.expect(t, unhex(t, v.digest))
				conn := s.conn(t)
				if !strings.Contains(name, "frame") && name != "split" {
					c.send(t, frame)
				}
				if got := readText(t, conn); got != "2::" {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

func TestHixieNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key  string
		want uint32
		bad  bool
	}{
		"the draft's first":     {key: hixieVectors[5].key1, want: 155712099},
		"the draft's second":    {key: hixieVectors[5].key2, want: 173347027},
		"three, first":          {key: someKey1, want: 829309203},
		"three, second":         {key: someKey2, want: 259970620},
		"largest":               {key: "4294967295 ", want: 4294967295},
		"large before division": {key: "429496 72950 a b c d e f g h ", want: 4294967295},
		"no digits":             {key: "a b", want: 0},
		"no spaces":             {key: "123", bad: true},
		"not divisible":         {key: "12 3 ", bad: true},
		"too large":             {key: "4294967296 ", bad: true},
		"far too large":         {key: strings.Repeat("9", 300) + " ", bad: true},
		"empty":                 {key: "", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := hixieNumber(c.key)
			if got != c.want || errors.Is(err, ErrHandshake) != c.bad {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
}

func TestHixieHead(t *testing.T) {
	t.Parallel()
	const start76 = "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
	const start75 = "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
	const target = "h:80/socket.io/1/websocket/7\r\n"
	for name, c := range map[string]struct {
		draft  Drafts
		head   string
		tls    bool
		params DuplexParams
		want   string // empty for a refusal
	}{
		"75": {
			draft: DraftHixie75, head: "Origin: http://A:1",
			want: start75 + "WebSocket-Origin: http://A:1\r\nWebSocket-Location: ws://" + target,
		},
		"75 with protocol": {
			draft: DraftHixie75, head: "Origin: http://a\nWebSocket-Protocol: x  y",
			want: start75 + "WebSocket-Origin: http://a\r\nWebSocket-Location: ws://" + target + "WebSocket-Protocol: x  y\r\n",
		},
		"76": {
			draft: DraftHixie76, head: "Origin: http://A:1",
			want: start76 + "Sec-WebSocket-Origin: http://A:1\r\nSec-WebSocket-Location: ws://" + target,
		},
		"76 with protocol": {
			draft: DraftHixie76, head: "Origin: http://a\nSec-WebSocket-Protocol: x  y",
			want: start76 + "Sec-WebSocket-Origin: http://a\r\nSec-WebSocket-Location: ws://" + target + "Sec-WebSocket-Protocol: x  y\r\n",
		},
		"no origin": {
			draft: DraftHixie76,
			want:  start76 + "Sec-WebSocket-Origin: null\r\nSec-WebSocket-Location: ws://" + target,
		},
		"TLS": {
			draft: DraftHixie76, head: "Origin: http://a", tls: true,
			want: start76 + "Sec-WebSocket-Origin: http://a\r\nSec-WebSocket-Location: wss://" + target,
		},
		"by the origin, secure": {
			draft: DraftHixie76, head: "Origin: HTTPS://a", params: DuplexParams{MatchOriginScheme: true},
			want: start76 + "Sec-WebSocket-Origin: HTTPS://a\r\nSec-WebSocket-Location: wss://" + target,
		},
		"by the origin, not secure": {
			draft: DraftHixie76, head: "Origin: http://a", tls: true, params: DuplexParams{MatchOriginScheme: true},
			want: start76 + "Sec-WebSocket-Origin: http://a\r\nSec-WebSocket-Location: ws://" + target,
		},
		"further headers": {
			draft: DraftHixie76, head: "Origin: http://a",
			params: DuplexParams{Header: http.Header{"Set-Cookie": {"a=b", "c=d"}}},
			want: start76 + "Sec-WebSocket-Origin: http://a\r\nSec-WebSocket-Location: ws://" + target +
				"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n",
		},
		"line break": {
			draft:  DraftHixie76,
			params: DuplexParams{Header: http.Header{"X": {"a\r\nb: c"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := parseRequest(t, "GET", c.head)
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if c.want != "" {
				c.want += "\r\n"
			}
			got, err := appendHixieHead(nil, hixieDialects[c.draft], r, c.params)
			if diff := cmp.Diff(c.want, string(got)); diff != "" || errors.Is(err, ErrHandshake) != (c.want == "") {
				t.Error(err, diff)
			}
		})
	}
	r := parseRequest(t, "GET", "")
	r.RequestURI = ""
	if got, err := appendHixieHead(nil, hixieDialects[DraftHixie75], r, DuplexParams{}); err != nil || !strings.Contains(string(got), "ws://"+target) {
		t.Errorf("a request of middleware: %q, %v", got, err)
	}
}

// A refusal is an ordinary answer, and the end of the connection: its nonce is
// not taken for a request.
func TestHixieRefused(t *testing.T) {
	t.Parallel()
	const upgrade = "Upgrade: WebSocket\nConnection: Upgrade\n"
	for name, request := range map[string]string{
		"a key is missing":    openingRequest(upgrade + "Sec-WebSocket-Key1: " + someKey1),
		"a key has no spaces": openingRequest(upgrade + "Sec-WebSocket-Key1: " + someKey1 + "\nSec-WebSocket-Key2: 12"),
		"POST": strings.Replace(openingRequest(upgrade+"Content-Length: 0\nSec-WebSocket-Key1: "+someKey1+
			"\nSec-WebSocket-Key2: "+someKey2), "GET", "POST", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveDrafts(t, WebSocket{}, DuplexParams{Drafts: AllDrafts})
			c := s.dial(t)
			c.send(t, request+someNonce)
			resp := c.response(t)
			if resp.StatusCode != http.StatusBadRequest || !resp.Close {
				t.Errorf("status %d, close %t", resp.StatusCode, resp.Close)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Error(err)
			}
			// What the client sent after the head is unread when the connection
			// ends, so the end may be a reset.
			if rest, _ := io.ReadAll(c.r); len(rest) != 0 {
				t.Errorf("got %q", rest)
			}
			if err := <-s.errs; !errors.Is(err, ErrHandshake) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("no connection to take over", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		_, err := WebSocket{}.Accept(w, parseRequest(t, "GET", upgrade), DuplexParams{Drafts: AllDrafts})
		if err == nil || w.Code != http.StatusInternalServerError {
			t.Errorf("status %d, %v", w.Code, err)
		}
	})
}

// pipeWriter gives away one end of a pipe, which has virtual time.
type pipeWriter struct {
	http.ResponseWriter
	conn net.Conn
}

func (w pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// Whoever never sends the nonce, or the rest of it, is let go after a while, or
// when the request is cancelled.
func TestHixieNonceNeverComes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cancel time.Duration // 0 for never
		nonce  string
		want   time.Duration
	}{
		"silence":   {want: openTimeout},
		"a part":    {nonce: "1234567", want: openTimeout},
		"cancelled": {cancel: time.Second, want: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.cancel > 0 {
					time.AfterFunc(c.cancel, cancel)
				}
				go func() {
					_, _ = io.ReadFull(client, make([]byte, len(hixie76Head)))
					_, _ = io.WriteString(client, c.nonce)
				}()
				r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(openingRequest(
					"Upgrade: WebSocket\nConnection: Upgrade\nSec-WebSocket-Key1: " + someKey1 + "\nSec-WebSocket-Key2: " + someKey2))))
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				conn, err := WebSocket{}.Accept(pipeWriter{httptest.NewRecorder(), server}, r.WithContext(ctx), DuplexParams{Drafts: AllDrafts})
				if conn != nil || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v, %v", conn, err)
				}
				if took := time.Since(start); took != c.want {
					t.Errorf("took %s, want %s", took, c.want)
				}
				if _, err := client.Write([]byte{0}); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("the connection is open: %v", err)
				}
			})
		})
	}
}

// The oracle has no bounds of its own.
func FuzzHixieNumber(f *testing.F) {
	for _, v := range hixieVectors {
		f.Add(v.key1)
		f.Add(v.key2)
	}
	f.Add("18446744073709551616 ")
	f.Fuzz(func(t *testing.T, key string) {
		digits := strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, "0"+key)
		want, _ := new(big.Int).SetString(digits, 10)
		rest := big.NewInt(1)
		if spaces := int64(strings.Count(key, " ")); spaces > 0 {
			want.QuoRem(want, big.NewInt(spaces), rest)
		}
		valid := rest.Sign() == 0 && want.BitLen() <= 32
		n, err := hixieNumber(key)
		switch {
		case valid && (err != nil || want.Uint64() != uint64(n)):
			t.Errorf("got %d, %v, want %s", n, err, want)
		case !valid && !errors.Is(err, ErrHandshake):
			t.Errorf("got %d, %v, want a refusal", n, err)
		}
	})
}
