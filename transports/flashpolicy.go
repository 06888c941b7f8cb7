package transports

import (
	"bytes"
	"encoding/xml"
	"io"
	"net"
	"strings"
	"time"
)

// PolicyParams configures what answers Flash when it asks whether it may open
// connections.
type PolicyParams struct {
	// Origins lists, as host:port, where pages that may connect come from, and
	// to which ports. Either part may be * for any, a host may begin with *.,
	// and a missing port is any. Default: *:*, as in genuine servers.
	Origins []string
	// Timeout bounds the time in which a new connection must show whether it
	// asks for the policy, and the time for sending the policy. Default: 5 s.
	Timeout time.Duration
	// MaxPending is how many connections may be in either state at once.
	// Default: 1024.
	MaxPending int
}

const (
	defaultPolicyTimeout = 5 * time.Second
	defaultPolicyPending = 1024
)

func (p PolicyParams) withDefaults() PolicyParams {
	if len(p.Origins) == 0 {
		p.Origins = []string{"*:*"}
	}
	if p.Timeout <= 0 {
		p.Timeout = defaultPolicyTimeout
	}
	if p.MaxPending <= 0 {
		p.MaxPending = defaultPolicyPending
	}
	return p
}

// policyRequest is what Flash sends to ask for the policy.
var policyRequest = []byte("<policy-file-request/>\x00")

// appendPolicy appends the policy document, in the one-line form of 0.7 to 0.9.
func appendPolicy(dst []byte, origins []string) []byte {
	dst = append(dst, `<?xml version="1.0"?>`+
		`<!DOCTYPE cross-domain-policy SYSTEM "http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd">`+
		`<cross-domain-policy>`...)
	for _, origin := range origins {
		host, port := origin, "*"
		if i := strings.LastIndexByte(origin, ':'); i >= 0 && !strings.HasSuffix(origin, "]") {
			host, port = origin[:i], origin[i+1:]
		}
		if port == "" {
			port = "*"
		}
		dst = append(dst, `<allow-access-from domain="`...)
		dst = appendEscaped(dst, host)
		dst = append(dst, `" to-ports="`...)
		dst = appendEscaped(dst, port)
		dst = append(dst, `"/>`...)
	}
	return append(dst, `</cross-domain-policy>`...)
}

func appendEscaped(dst []byte, s string) []byte {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes everything
	return append(dst, b.Bytes()...)
}

// maxAfterPolicy is how many bytes are read after the policy has been sent:
// room for a request, in case it comes late.
const maxAfterPolicy = 1024

// sendPolicy sends the policy and closes the connection. The end follows the
// document, since Flash waits for it. The connection is read to its own end
// before it is closed: one that is closed with bytes unread is reset, and the
// reset can overtake the document.
func sendPolicy(conn net.Conn, document []byte, timeout time.Duration) {
	defer func() { _ = conn.Close() }()
	if conn.SetDeadline(time.Now().Add(timeout)) != nil {
		return
	}
	if _, err := conn.Write(document); err != nil {
		return
	}
	half, ok := conn.(interface{ CloseWrite() error })
	if ok && half.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, conn, maxAfterPolicy)
	}
}
