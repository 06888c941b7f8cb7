package transports

import (
	"bufio"
	"context"
	"crypto/md5" //nolint:gosec // the draft's proof that the server speaks websocket, not a secret
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"time"
)

// ErrHandshake is returned for an opening request that is malformed in the
// draft it is written in. It has been answered with status 400.
var ErrHandshake = errors.New("transports: malformed websocket handshake")

// Names of headers as net/http keeps them.
const (
	headerKey1 = "Sec-Websocket-Key1"
	headerKey2 = "Sec-Websocket-Key2"
)

// nonceSize is how many bytes follow the head of a hixie-76 request without
// being announced in it. A proxy may hold them back until it has seen the head
// of the answer.
const nonceSize = 8

// hixieDialect is what differs between the hixie drafts.
type hixieDialect struct {
	status   string // of the answer
	origin   string // names of headers, in the spelling that Flash looks for
	location string
	protocol string
	asked    string // protocol, as net/http keeps it
	keyed    bool   // the request has keys and a nonce, the answer a digest
	closes   bool   // either side says ff 00 at the end
}

var hixieDialects = map[Drafts]*hixieDialect{
	DraftHixie75: {
		status:   "101 Web Socket Protocol Handshake",
		origin:   "WebSocket-Origin",
		location: "WebSocket-Location",
		protocol: "WebSocket-Protocol",
		asked:    "Websocket-Protocol",
	},
	DraftHixie76: {
		status:   "101 WebSocket Protocol Handshake",
		origin:   "Sec-WebSocket-Origin",
		location: "Sec-WebSocket-Location",
		protocol: "Sec-WebSocket-Protocol",
		asked:    "Sec-Websocket-Protocol",
		keyed:    true,
		closes:   true,
	},
}

// acceptHixie answers an opening request of a hixie draft.
func acceptHixie(w http.ResponseWriter, r *http.Request, p DuplexParams, draft Drafts) (Conn, error) {
	d := hixieDialects[draft]
	if r.Method != http.MethodGet {
		return nil, refuseHixie(w, fmt.Errorf("%w: method is not GET", ErrHandshake))
	}
	var challenge [8 + nonceSize]byte
	if d.keyed {
		for i, name := range []string{headerKey1, headerKey2} {
			n, err := hixieNumber(r.Header.Get(name))
			if err != nil {
				return nil, refuseHixie(w, err)
			}
			binary.BigEndian.PutUint32(challenge[4*i:], n)
		}
	}
	p.Header = openingHeader(w, p.Header)
	head, err := appendHixieHead(nil, d, r, p)
	if err != nil {
		return nil, refuseHixie(w, err)
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2 has no such connection to give
		http.Error(w, "websocket needs HTTP/1.1", http.StatusInternalServerError)
		return nil, err
	}
	// net/http watches the connection no longer, but who cancels the request
	// still ends the wait for its nonce.
	stop := context.AfterFunc(r.Context(), func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = conn.SetDeadline(time.Now().Add(openTimeout))
	if err == nil {
		err = d.open(conn, rw.Reader, head, challenge)
	}
	if !stop() && err == nil {
		err = context.Cause(r.Context())
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return newHixieConn(conn, rw.Reader, d, p), nil
}

// refuseHixie answers a bad request. The connection ends with it, since what
// follows the head would be taken for another request.
func refuseHixie(w http.ResponseWriter, err error) error {
	w.Header().Set("Connection", "close")
	http.Error(w, "malformed websocket handshake", http.StatusBadRequest)
	return err
}

// open sends the answer. The head goes out before the nonce has come, because a
// proxy may wait for it; when the nonce is there already, head and digest leave
// in one write, as from servers up to 0.6.1.
func (d *hixieDialect) open(conn net.Conn, r *bufio.Reader, head []byte, challenge [8 + nonceSize]byte) error {
	if !d.keyed {
		_, err := conn.Write(head)
		return err
	}
	if r.Buffered() < nonceSize {
		if _, err := conn.Write(head); err != nil {
			return err
		}
		head = head[:0]
	}
	if _, err := io.ReadFull(r, challenge[8:]); err != nil {
		return err
	}
	digest := md5.Sum(challenge[:]) //nolint:gosec // see the import
	_, err := conn.Write(append(head, digest[:]...))
	return err
}

// hixieNumber returns the number that is hidden in a key of hixie-76: all its
// digits together, divided by the number of its spaces. The error is
// ErrHandshake where a client's mistake, or an attempt to make the server
// answer what is no websocket client, leaves no such number.
func hixieNumber(key string) (uint32, error) {
	var n, spaces uint64
	for _, c := range []byte(key) {
		switch {
		case c == ' ':
			spaces++
		case c >= '0' && c <= '9':
			if n > (math.MaxUint64-9)/10 {
				return 0, fmt.Errorf("%w: key has too many digits", ErrHandshake)
			}
			n = 10*n + uint64(c-'0')
		}
	}
	if spaces == 0 {
		return 0, fmt.Errorf("%w: key without spaces", ErrHandshake)
	}
	if n%spaces != 0 || n/spaces > math.MaxUint32 {
		return 0, fmt.Errorf("%w: key hides no 32-bit number", ErrHandshake)
	}
	return uint32(n / spaces), nil
}

// appendHixieHead appends the head of the answer. It is written by hand because
// Flash compares the names of headers with their case, and so for the names'
// sake net/http's own spelling will not do.
func appendHixieHead(dst []byte, d *hixieDialect, r *http.Request, p DuplexParams) ([]byte, error) {
	origin := r.Header.Get("Origin")
	secure := r.TLS != nil
	if p.MatchOriginScheme {
		secure = len(origin) >= 6 && strings.EqualFold(origin[:6], "https:")
	}
	scheme := "ws://"
	if secure {
		scheme = "wss://"
	}
	if origin == "" {
		origin = "null"
	}
	target := r.RequestURI
	if target == "" { // a request that middleware has made
		target = r.URL.RequestURI()
	}
	dst = append(dst, "HTTP/1.1 "+d.status+"\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"...)
	lines := [][2]string{{d.origin, origin}, {d.location, scheme + r.Host + target}}
	if protocol := r.Header.Get(d.asked); protocol != "" {
		lines = append(lines, [2]string{d.protocol, protocol})
	}
	for name, values := range p.Header {
		for _, v := range values {
			lines = append(lines, [2]string{name, v})
		}
	}
	for _, line := range lines {
		if strings.ContainsAny(line[0]+line[1], "\r\n") { // net/http lets none in, middleware might
			return nil, fmt.Errorf("%w: line break in a header", ErrHandshake)
		}
		dst = append(dst, line[0]+": "+line[1]+"\r\n"...)
	}
	return append(dst, "\r\n"...), nil
}
