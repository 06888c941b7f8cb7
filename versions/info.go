package versions

import (
	"net/http"
	"net/url"
	"time"
)

// Info tells what is known of a client and how it was recognised.
type Info struct {
	// Generation names the row of the catalogue in package compat: "1.x".
	Generation string `json:"generation"`
	// Dialect names the wire dialect within it, for example "1.0.3-1.0.6".
	Dialect string `json:"dialect"`
	// Transport is the registered name of the carrier in use: "polling".
	Transport string `json:"transport"`
	// Evidence lists what led to this answer, oldest first.
	Evidence []string `json:"evidence"`
}

// Handshake is a copy of what the request that opened a session said. Everyone
// shares it, nobody changes it.
type Handshake struct {
	// Method and URL are those of the request line; URL holds path and query.
	Method string
	URL    *url.URL
	// Header holds the request's headers, Host its host.
	Header http.Header
	Host   string
	// RemoteAddr is the peer's network address, "IP:port".
	RemoteAddr string
	// Secure is set if the connection itself used TLS.
	Secure bool
	// CrossDomain is set if the request carried an Origin.
	CrossDomain bool
	// Issued is the time of the request.
	Issued time.Time
}

// NewHandshake copies what a session keeps of its first request.
func NewHandshake(r *http.Request, now time.Time) *Handshake {
	u := *r.URL
	return &Handshake{
		Method:      r.Method,
		URL:         &u,
		Header:      r.Header.Clone(),
		Host:        r.Host,
		RemoteAddr:  r.RemoteAddr,
		Secure:      r.TLS != nil,
		CrossDomain: r.Header.Get("Origin") != "",
		Issued:      now,
	}
}
