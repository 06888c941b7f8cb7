package negotiate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"
)

// Causes of an OriginError.
var (
	errOriginForm   = errors.New("write scheme://host, scheme://host:port, host:port, host:*, *:port or *")
	errOriginPort   = errors.New("without a scheme a port is needed: write host:* for any")
	errOriginPath   = errors.New("an origin has no path")
	errOriginPublic = errors.New("everybody can have a host under this public suffix")
)

// OriginError is the error for an entry of a list of origins.
type OriginError struct {
	// Entry is the entry as given.
	Entry string
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *OriginError) Error() string {
	return fmt.Sprintf("negotiate: origin %.80q: %v", e.Entry, e.Err)
}

// Unwrap returns the cause.
func (e *OriginError) Unwrap() error {
	return e.Err
}

// Origins decides which pages may connect. It may be used concurrently.
type Origins struct {
	any      bool
	patterns []pattern
}

// pattern is one entry. An empty scheme fits any.
type pattern struct {
	scheme  string
	host    string // without the wildcard
	anyHost bool
	below   bool // any host below host, not host itself
	port    string
	anyPort bool
}

// CompileOrigins compiles a list of origins. An entry is one of
//
//   - *:*                     any origin
//     https://example.com        that origin, on the scheme's default port
//     https://example.com:8443   that origin
//     https://example.com:*      any port
//     https://*.example.com      any host below example.com, however deep
//     example.com:8443           any scheme
//     example.com:*              any scheme and port
//     *:8443                     any host
//
// These are the forms of 2.x, and wildcards. A host may be written in Unicode.
// A wildcard under a public suffix (*.co.uk, *.github.io) is refused, since
// anybody can have a host there. An empty list means any origin, the default of
// all generations.
//
// Origins are parsed and compared part by part; 2.x looked for them in a string
// and so admitted prefixes. The error is an *[OriginError].
func CompileOrigins(list []string) (*Origins, error) {
	o := &Origins{any: len(list) == 0}
	for _, entry := range list {
		if entry == "*" || entry == "*:*" {
			o.any = true
			continue
		}
		p, err := compilePattern(entry)
		if err != nil {
			return nil, &OriginError{Entry: entry, Err: err}
		}
		o.patterns = append(o.patterns, p)
	}
	return o, nil
}

func compilePattern(entry string) (pattern, error) {
	var p pattern
	scheme, rest, hasScheme := strings.Cut(entry, "://")
	if !hasScheme {
		scheme, rest = "", entry
	} else if !isScheme(scheme) {
		return p, errOriginForm
	}
	if strings.ContainsAny(rest, "/?#@") {
		return p, errOriginPath
	}
	host, port, hasPort, ok := splitHostPort(rest)
	p.scheme, p.port = strings.ToLower(scheme), port
	switch {
	case !ok:
		return p, errOriginForm
	case !hasPort && !hasScheme:
		return p, errOriginPort
	case !hasPort:
		p.port = defaultPort(p.scheme)
	case port == "*":
		p.port, p.anyPort = "", true
	case !isPort(port):
		return p, errOriginForm
	}
	if host == "*" {
		p.anyHost = true
		return p, nil
	}
	host, p.below = strings.CutPrefix(host, "*.")
	host, err := httpguts.PunycodeHostPort(host)
	p.host = strings.ToLower(host)
	if err != nil || !isHost(p.host) {
		return p, errOriginForm
	}
	if p.below && isPublicSuffix(p.host) {
		return p, errOriginPublic
	}
	return p, nil
}

// isPublicSuffix leaves out suffixes of a single label that are on no list,
// such as .internal: they exist in private networks only.
func isPublicSuffix(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix == host && (icann || strings.Contains(suffix, "."))
}

// fits compares a pattern with an origin. An origin without a scheme fits a
// pattern with one: only programs send such, browsers never do.
func (p *pattern) fits(o origin) bool {
	if p.scheme != "" && o.scheme != "" && p.scheme != o.scheme {
		return false
	}
	if !p.anyPort && p.port != o.port {
		return false
	}
	switch {
	case p.anyHost:
		return true
	case p.below:
		return strings.HasSuffix(o.host, "."+p.host) && len(o.host) > len(p.host)+1
	}
	return o.host == p.host
}

// Allows reports whether a page of that origin, as in an Origin header, may
// connect. What is not an origin, "null" for instance, may only if any may.
func (o *Origins) Allows(value string) bool {
	if o.any {
		return true
	}
	parsed, ok := parseOrigin(value)
	return ok && o.allows(parsed)
}

func (o *Origins) allows(parsed origin) bool {
	return slices.ContainsFunc(o.patterns, func(p pattern) bool { return p.fits(parsed) })
}

// Check judges the page that a request comes from: the Origin, else the
// Sec-WebSocket-Origin of websocket drafts 7 to 12, else that of the Referer,
// as the genuine servers do. An origin with bytes that no header may have is a
// BadRequest.
//
// The genuine servers take a request without any of them for the origin "*",
// and so lock programs out wherever a list is set. A list is there to keep
// foreign pages from using the visitor's cookies, and browsers do name the page
// on whatever a page can read, save for one case: a script. So here such a
// request may pass, unless its answer is a script or the browser says itself
// that the request comes from another site.
func (o *Origins) Check(h http.Header, script bool) RefusalKind {
	value := h.Get("Origin")
	if value == "" {
		value = h.Get("Sec-Websocket-Origin")
	}
	if !httpguts.ValidHeaderFieldValue(value) {
		return BadRequest
	}
	allowed := o.any
	switch referer := h.Get("Referer"); {
	case allowed:
	case value != "":
		allowed = o.Allows(value)
	case referer != "":
		page, ok := refererOrigin(referer)
		allowed = ok && o.allows(page)
	default:
		allowed = !script && !crossSite(h.Get("Sec-Fetch-Site"))
	}
	if !allowed {
		return OriginForbidden
	}
	return NotRefused
}

func crossSite(fetchSite string) bool {
	return fetchSite != "" && fetchSite != "same-origin" && fetchSite != "none"
}

// PageOf returns what funcs are told of the page that a request comes from, as by
// 2.x: its Origin, which drafts 7 to 12 of the websocket protocol called by another
// name, else its Referer, else "*".
func PageOf(h http.Header) string {
	for _, name := range []string{"Origin", "Sec-Websocket-Origin", "Referer"} {
		if v := h.Get(name); v != "" && v != "null" {
			return v
		}
	}
	return "*"
}
