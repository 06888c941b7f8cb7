package negotiate

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/heirloom-io/socketio/compat"
)

func FuzzDetect(f *testing.F) {
	for _, tt := range detectTests {
		if len(tt.req.Query) > 500 {
			continue
		}
		h := tt.req.Header
		f.Add(tt.req.Method, tt.req.Path, tt.req.Query, h.Get("Upgrade"), h.Get("Sec-Websocket-Key"), h.Get("Origin"), h.Get("Cookie"))
	}
	reasons := map[string]bool{"no rule": true, "too many query parameters": true}
	for _, tt := range detectTests {
		reasons[tt.want.Reason] = true
	}
	f.Fuzz(func(t *testing.T, method, path, query, upgrade, key, origin, cookie string) {
		h := http.Header{
			"Connection": {"upgrade"}, "Upgrade": {upgrade},
			"Sec-Websocket-Key": {key}, "Origin": {origin}, "Cookie": {cookie},
		}
		req := Request{Method: method, Path: path, Query: query, Header: h}
		v := Detect(req)
		if again := Detect(req); again != v {
			t.Errorf("two verdicts: %+v and %+v", v, again)
		}
		if !reasons[v.Reason] {
			t.Errorf("reason %q has no test", v.Reason)
		}
		switch {
		case v.Kind == KindFile:
			if v != (Verdict{Kind: KindFile, Reason: v.Reason}) {
				t.Errorf("a file with more to it: %+v", v)
			}
		case v.Candidates == 0:
			if v.Refused == NotRefused || v.Generation != compat.Unknown {
				t.Errorf("no candidates: %+v", v)
			}
		case !v.Candidates.Has(v.Generation):
			t.Errorf("the guess is no candidate: %+v", v)
		}
		if v.Kind == KindSession && v.Session == "" && v.Refused != BadRequest && !v.Handshake {
			t.Errorf("neither a session nor a handshake: %+v", v)
		}
	})
}

// FuzzParseQuery compares with net/url, which everybody behind the door uses.
func FuzzParseQuery(f *testing.F) {
	f.Add("EIO=3&transport=polling&t=Q7w5LR8&b64=1")
	f.Add("EI%4F=3&EIO=4&%=1&sid=a;b&sid=%zz&sid=a+b&&=&t")
	f.Fuzz(func(t *testing.T, raw string) {
		q, ok := parseQuery(raw)
		if !ok {
			if strings.Count(raw, "&") < maxPairs {
				t.Errorf("gave up on a short query")
			}
			return
		}
		want, _ := url.ParseQuery(raw)
		for key, got := range map[string]string{
			"EIO": q.eio, "transport": q.transport, "sid": q.sid, "t": q.t, "j": q.j, "jsonp": q.jsonp,
		} {
			if got != want.Get(key) {
				t.Errorf("%s is %q, net/url has %q", key, got, want.Get(key))
			}
		}
		if q.hasEIO != want.Has("EIO") {
			t.Errorf("hasEIO = %v", q.hasEIO)
		}
	})
}

func FuzzOrigin(f *testing.F) {
	for _, s := range []string{"http://a", "https://a.example.com:8443", "127.0.0.1:80", "[::1]:3000", "null", "http://a:80@b", "HTTP://A:080", "chrome-extension://abc"} {
		f.Add(s)
	}
	list, err := CompileOrigins([]string{"https://*.example.com", "http://one.test", "two.test:81"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, ok := parseOrigin(s)
		if ok {
			text := o.host
			if o.port != "" {
				text += ":" + o.port
			}
			if o.scheme != "" {
				text = o.scheme + "://" + text
			}
			if again, ok := parseOrigin(text); !ok || again != o {
				t.Errorf("%q parses as %+v, written out as %+v, %v", s, o, again, ok)
			}
			// net/url reads what we read, wherever it can read it at all.
			if u, err := url.Parse(s); err == nil && o.scheme != "" && (!strings.EqualFold(u.Hostname(), strings.Trim(o.host, "[]")) || u.Path != "") {
				t.Errorf("%q has host %q, net/url says %q", s, o.host, u.Host)
			}
		}
		if list.Allows(s) && (!ok || !(strings.HasSuffix(o.host, ".example.com") || o.host == "one.test" || o.host == "two.test")) {
			t.Errorf("%q is allowed, parsed as %+v", s, o)
		}
	})
}
