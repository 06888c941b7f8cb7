package cors

import "net/http"

// Allow lets the page that asked read the answer, with its cookies: the origin is
// echoed. A request without an origin gets no headers, and Allow returns false.
func Allow(h http.Header, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Add("Vary", "Origin")
	return true
}

// AllowAny is like Allow, and lets any page read the answer to a request without
// an origin, as servers since 1.0 do.
func AllowAny(h http.Header, r *http.Request) {
	if !Allow(h, r) {
		h.Set("Access-Control-Allow-Origin", "*")
	}
}
