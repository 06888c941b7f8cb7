package negotiate

import (
	"net/http"
	"net/url"
	"strings"
)

// checkMounting warns, once, about a door that does not see requests first.
// Behind a ServeMux a path with a double slash never arrives, because the mux
// answers it with a redirect: most clients before 1.0 then never get through,
// and nothing else would tell why.
func (d *Door) checkMounting(r *http.Request) {
	if d.warned.Load() {
		return
	}
	var fault string
	switch {
	case r.Pattern != "":
		fault = "behind a ServeMux"
	case isRewritten(r):
		fault = "behind something that rewrites paths"
	default:
		return
	}
	if d.warned.Swap(true) {
		return
	}
	d.log.Warn("socket.io is mounted "+fault+", where clients of old generations do not get through: "+
		"wrap the mux instead, as in http.ListenAndServe(addr, io.Attach(mux))",
		"path", d.prefix)
}

// isRewritten reports whether the URL of a request is not that of its request
// line.
func isRewritten(r *http.Request) bool {
	if !strings.HasPrefix(r.RequestURI, "/") {
		return false
	}
	raw := rawPath(r)
	if raw == r.URL.Path {
		return false
	}
	decoded, err := url.PathUnescape(raw)
	return err == nil && decoded != r.URL.Path
}
