package versions

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Handshake is what the request that opened a session said. Everyone shares it,
// nobody changes it.
//
// Sessions are many and most never look at it again, so headers and URL are kept
// as text and taken apart when they are asked for.
type Handshake struct {
	// Method, RequestURI and Host are those of the request.
	Method, RequestURI, Host string
	// RemoteAddr is the peer's network address, "IP:port".
	RemoteAddr string
	// Secure is set if the connection itself used TLS.
	Secure bool
	// CrossDomain is set if the request carried an Origin.
	CrossDomain bool
	// Issued is the time of the request.
	Issued time.Time

	header string // "Name: value\r\n" repeated
}

// NewHandshake returns what a session keeps of its first request.
func NewHandshake(r *http.Request, now time.Time) *Handshake {
	var b strings.Builder
	size := 0
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	b.Grow(size)
	for name, values := range r.Header {
		for _, v := range values {
			b.WriteString(name)
			b.WriteString(": ")
			b.WriteString(v)
			b.WriteString("\r\n")
		}
	}
	return &Handshake{
		Method:      r.Method,
		RequestURI:  r.URL.RequestURI(),
		Host:        r.Host,
		RemoteAddr:  r.RemoteAddr,
		Secure:      r.TLS != nil,
		CrossDomain: r.Header.Get("Origin") != "",
		Issued:      now,
		header:      b.String(),
	}
}

// Header returns the headers of the request. The caller owns the result.
func (h *Handshake) Header() http.Header {
	out := http.Header{}
	for line := range strings.SplitSeq(h.header, "\r\n") {
		// Values cannot hold a line end: net/http refuses such requests.
		if name, value, ok := strings.Cut(line, ": "); ok {
			out[name] = append(out[name], value)
		}
	}
	return out
}

// URL returns the URL of the request, path and query only. The caller owns the
// result.
func (h *Handshake) URL() *url.URL {
	u, err := url.ParseRequestURI(h.RequestURI)
	if err != nil {
		return &url.URL{Path: "/"} // cannot happen: it was written by net/url
	}
	return u
}
