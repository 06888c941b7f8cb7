package interop

import (
	"errors"
	"net/http"
	"strings"

	socketio "github.com/heirloom-io/socketio"
)

// apiOriginRows are about which pages may connect, as far as clients in node can
// pretend to be in one; those before 1.0 cannot. TestOriginsInBrowser has pages.
var apiOriginRows = []apiRow{
	{name: "origins", since: "2", config: socketio.Config{Origins: []string{"https://foo.example.com:443", "http://*.example.org:8080", "inside.example:*"}}, run: func(x *api) {
		for origin, admitted := range map[string]bool{
			"https://foo.example.com":          true,
			"http://a.b.example.org:8080":      true,
			"http://inside.example:99":         true,
			"http://foo.example.com":           false,
			"https://foo.example.com.evil.com": false,
			"http://example.org:8080":          false,
			"http://inside.example.evil.com":   false,
			"null":                             false,
		} {
			for _, transport := range []string{"websocket", "polling"} {
				g := x.dial("/", map[string]any{"transports": []string{transport}, "extraHeaders": map[string]string{"Origin": origin}})
				if admitted {
					g.want("connect()")
				} else {
					g.refused()
				}
			}
		}
		x.dial("/", nil).want("connect()") // a program, which needs no permission
	}},
	{name: "origin function", since: "2", run: func(x *api) {
		x.serve(socketio.Config{OriginFunc: func(origin string, r *http.Request) error {
			x.note(origin)
			if strings.HasSuffix(origin, ".evil.com") {
				return errors.New("origin not allowed")
			}
			return nil
		}})
		for _, transport := range []string{"websocket", "polling"} {
			page := func(origin string) *guest {
				return x.dial("/", map[string]any{"transports": []string{transport}, "extraHeaders": map[string]string{"Origin": origin}})
			}
			page("https://foo.example.com").want("connect()")
			x.noted("https://foo.example.com")
			page("https://www.evil.com").refused()
			x.noted("https://www.evil.com")
			x.dial("/", map[string]any{"transports": []string{transport}}).want("connect()")
			x.noted("*")
		}
		x.quiet()
	}},
	{name: "origin as a header of the handshake", since: "2", run: func(x *api) {
		_, s := x.visit("/", map[string]any{"extraHeaders": map[string]string{"Origin": "https://foo.example.com"}})
		if h := s.Handshake(); !h.CrossDomain || h.Header.Get("Origin") != "https://foo.example.com" {
			x.Errorf("handshake %+v", h)
		}
	}},
}
