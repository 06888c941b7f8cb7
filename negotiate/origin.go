package negotiate

import (
	"strconv"
	"strings"
)

// origin is a parsed origin. The scheme is empty if the client sent none, the
// port if the scheme has no default one.
type origin struct {
	scheme, host, port string
}

// parseOrigin parses the value of an Origin header: scheme://host[:port], or
// the host:port that node clients up to 1.3 send. It is strict, since the
// result decides who may come in: anything that is not exactly an origin is
// none.
func parseOrigin(s string) (origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	} else if !isScheme(scheme) {
		return origin{}, false
	}
	o := origin{scheme: strings.ToLower(scheme)}
	host, port, hasPort, ok := splitHostPort(rest)
	if !ok {
		return origin{}, false
	}
	o.host, o.port = strings.ToLower(host), port
	if !hasPort {
		o.port = defaultPort(o.scheme)
	}
	return o, isHost(o.host) && (!hasPort || isPort(o.port))
}

// refererOrigin returns the origin of a page's address.
func refererOrigin(s string) (origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return origin{}, false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return parseOrigin(scheme + "://" + rest)
}

// splitHostPort splits host[:port]; an address in brackets keeps them.
func splitHostPort(s string) (host, port string, hasPort, ok bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", false, false
		}
		host, s = s[:end+1], s[end+1:]
		if s == "" {
			return host, "", false, true
		}
		port, ok = strings.CutPrefix(s, ":")
		return host, port, true, ok
	}
	host, port, hasPort = strings.Cut(s, ":")
	return host, port, hasPort, true
}

func defaultPort(scheme string) string {
	switch scheme {
	case "https", "wss":
		return "443"
	case "http", "ws", "":
		return "80"
	}
	return ""
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || (s[i] < '0' || s[i] > '9') && s[i] != '+' && s[i] != '-' && s[i] != '.') {
			return false
		}
	}
	return s != ""
}

// isHost accepts names in lower case as the DNS carries them, and IP
// addresses, IPv6 ones in brackets.
func isHost(s string) bool {
	digits := "-_."
	if inner, ok := strings.CutPrefix(s, "["); ok {
		if s, ok = strings.CutSuffix(inner, "]"); !ok {
			return false
		}
		digits = ":."
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.Contains(digits, string(rune(c))) {
			return false
		}
	}
	return s != ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}
