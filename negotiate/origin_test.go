package negotiate

import (
	"errors"
	"net/http"
	"testing"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		list    []string
		allowed []string
		refused []string
	}{
		{"default", nil, []string{"http://a.test", "https://b.test:1", "null", "", "no origin at all"}, nil},
		{"star", []string{"*"}, []string{"http://a.test", "null", "chrome-extension://abc"}, nil},
		{"two stars", []string{"http://x.test", "*:*"}, []string{"http://a.test", "null"}, nil},
		{
			"scheme and host",
			[]string{"https://foo.test"},
			[]string{"https://foo.test", "https://foo.test:443", "HTTPS://FOO.test", "foo.test:443"},
			[]string{
				"http://foo.test", "https://foo.test:444", "http://foo.test:443", "https://foo.test.evil.test", "https://xfoo.test",
				"https://foo.tes", "https://foo.test/", "https://foo.test:443/x", "https://foo.test@evil.test", "https://evil.test#foo.test",
				"https://foo.test,https://evil.test", "https://foo.test evil", "//foo.test", "foo.test", "null", "", "*", "https://*",
				"https://foo.test:", "https://foo.test:0443", "https://foo.test.", "https://foo.test:443:443",
			},
		},
		{"plain http", []string{"http://foo.test"}, []string{"http://foo.test", "http://foo.test:80"}, []string{"https://foo.test", "https://foo.test:80"}},
		{"with port", []string{"http://foo.test:8080"}, []string{"http://foo.test:8080", "foo.test:8080"}, []string{"http://foo.test", "http://foo.test:80800", "https://foo.test:8080"}},
		{"with any port", []string{"http://foo.test:*"}, []string{"http://foo.test", "http://foo.test:1"}, []string{"https://foo.test"}},
		{"host and port", []string{"foo.test:443"}, []string{"https://foo.test", "http://foo.test:443", "foo.test:443"}, []string{"http://foo.test", "https://foo.test:44"}},
		{"host", []string{"foo.test:*"}, []string{"https://foo.test", "http://foo.test:1234", "foo.test:99"}, []string{"http://bar.test", "null"}},
		{"port", []string{"*:8080"}, []string{"https://foo.test:8080", "http://bar.test:8080"}, []string{"http://foo.test", "null", ""}},
		{"any host over https", []string{"https://*"}, []string{"https://foo.test"}, []string{"http://foo.test", "https://foo.test:8443", "null"}},
		{
			"below a host",
			[]string{"https://*.example.com"},
			[]string{"https://a.example.com", "https://a.b.example.com"},
			[]string{"https://example.com", "https://.example.com", "https://.example.com.evil.test", "https://badexample.com", "http://a.example.com", "https://a.example.com:8443", "https://a.example.com.evil.test"},
		},
		{"below a host with any port", []string{"*.example.com:*"}, []string{"http://a.example.com:1"}, []string{"http://example.com:1"}},
		{"below a private suffix", []string{"http://*.internal"}, []string{"http://chat.internal"}, []string{"http://internal"}},
		{"several", []string{"http://a.test", "http://b.test:81"}, []string{"http://a.test", "http://b.test:81"}, []string{"http://b.test", "http://a.test:81"}},
		{"IPv4", []string{"http://127.0.0.1:3000"}, []string{"http://127.0.0.1:3000", "127.0.0.1:3000"}, []string{"http://127.0.0.1:30000", "http://127.0.0.10:3000"}},
		{"IPv6", []string{"http://[::1]:3000"}, []string{"http://[::1]:3000"}, []string{"http://[::1]", "http://::1:3000", "http://[::2]:3000"}},
		{"IPv6 without port", []string{"http://[::1]"}, []string{"http://[::1]", "http://[::1]:80"}, []string{"http://[::1]x"}},
		{"Unicode", []string{"https://bücher.example"}, []string{"https://xn--bcher-kva.example"}, []string{"https://bücher.example", "https://bucher.example"}},
		{"below a host in Unicode", []string{"https://*.bücher.example"}, []string{"https://a.xn--bcher-kva.example"}, nil},
		{"a scheme of its own", []string{"capacitor://localhost"}, []string{"capacitor://localhost"}, []string{"http://localhost", "capacitor://localhost:80"}},
		{"upper case", []string{"HTTP://Foo.Test"}, []string{"http://foo.test"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o, err := CompileOrigins(tt.list)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range tt.allowed {
				if !o.Allows(s) {
					t.Errorf("%q is refused", s)
				}
			}
			for _, s := range tt.refused {
				if o.Allows(s) {
					t.Errorf("%q is allowed", s)
				}
			}
		})
	}
}

func TestCompileOriginsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, entry string
		want        error
	}{
		{"empty", "", errOriginPort},
		{"host alone", "example.com", errOriginPort},
		{"null", "null", errOriginPort},
		{"path", "https://example.com/", errOriginPath},
		{"query", "https://example.com?x", errOriginPath},
		{"user", "https://me@example.com", errOriginPath},
		{"bad port", "example.com:http", errOriginForm},
		{"port 0", "example.com:0", errOriginForm},
		{"port too large", "example.com:65536", errOriginForm},
		{"no port", "http://example.com:", errOriginForm},
		{"no host", "http://", errOriginForm},
		{"no scheme", "://example.com", errOriginForm},
		{"bad scheme", "ht tp://example.com", errOriginForm},
		{"open bracket", "http://[::1", errOriginForm},
		{"behind the bracket", "http://[::1]80", errOriginForm},
		{"star inside", "https://a.*.example.com", errOriginForm},
		{"star glued to a name", "https://*example.com", errOriginForm},
		{"two origins in one", "http://a.test http://b.test", errOriginPath},
		{"below a top-level domain", "https://*.com", errOriginPublic},
		{"below a public suffix", "https://*.co.uk", errOriginPublic},
		{"below a public suffix of a company", "*.github.io:*", errOriginPublic},
		{"below a public suffix in Unicode", "https://*.公司.cn", errOriginPublic},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := CompileOrigins([]string{"http://good.test", tt.entry})
			oe, ok := errors.AsType[*OriginError](err)
			if !ok || !errors.Is(err, tt.want) || oe.Entry != tt.entry {
				t.Errorf("CompileOrigins(%q) = %v, want %v", tt.entry, err, tt.want)
			}
		})
	}
}

func TestOriginsCheck(t *testing.T) {
	t.Parallel()
	listed, err := CompileOrigins([]string{"https://page.test"})
	if err != nil {
		t.Fatal(err)
	}
	anyone, err := CompileOrigins(nil)
	if err != nil {
		t.Fatal(err)
	}
	const page, evil = "https://page.test", "https://evil.test"
	tests := []struct {
		name   string
		header http.Header
		script bool
		want   RefusalKind // with the list
	}{
		{"listed", http.Header{"Origin": {page}}, false, NotRefused},
		{"not listed", http.Header{"Origin": {evil}}, false, OriginForbidden},
		{"null", http.Header{"Origin": {"null"}}, false, OriginForbidden},
		{"referer", http.Header{"Referer": {page + "/chat?x=y#z"}}, false, NotRefused},
		{"referer without a path", http.Header{"Referer": {page}}, true, NotRefused},
		{"foreign referer", http.Header{"Referer": {evil + "/" + page}}, false, OriginForbidden},
		{"referer with a user", http.Header{"Referer": {page + ":443@evil.test/"}}, false, OriginForbidden},
		{"referer that is none", http.Header{"Referer": {"page.test:443"}}, false, OriginForbidden},
		{"origin counts before referer", http.Header{"Origin": {evil}, "Referer": {page}}, false, OriginForbidden},
		{"null counts before referer", http.Header{"Origin": {"null"}, "Referer": {page}}, false, OriginForbidden},
		{"draft 8, listed", http.Header{"Sec-Websocket-Origin": {page}}, false, NotRefused},
		{"draft 8, not listed", http.Header{"Sec-Websocket-Origin": {evil}}, false, OriginForbidden},
		{"a program", http.Header{}, false, NotRefused},
		{"a script without a page", http.Header{}, true, OriginForbidden},
		{"browser: another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, false, OriginForbidden},
		{"browser: another host of the site", http.Header{"Sec-Fetch-Site": {"same-site"}}, false, OriginForbidden},
		{"browser: the same origin", http.Header{"Sec-Fetch-Site": {"same-origin"}}, false, NotRefused},
		{"browser: address bar", http.Header{"Sec-Fetch-Site": {"none"}}, false, NotRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := listed.Check(tt.header, tt.script); got != tt.want {
				t.Errorf("with a list: %v, want %v", got, tt.want)
			}
			if got := anyone.Check(tt.header, tt.script); got != NotRefused {
				t.Errorf("without a list: %v", got)
			}
		})
	}
	for name, o := range map[string]*Origins{"list": listed, "no list": anyone} {
		if got := o.Check(http.Header{"Origin": {"http://a\x01b"}}, false); got != BadRequest {
			t.Errorf("illegal bytes, %s: %v, want %v", name, got, BadRequest)
		}
	}
}

// TestPageOf follows what origin functions are asked about.
func TestPageOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"origin", http.Header{"Origin": {"http://a.test"}, "Referer": {"http://b.test/"}}, "http://a.test"},
		{"draft", http.Header{"Sec-Websocket-Origin": {"http://a.test"}, "Referer": {"http://b.test/"}}, "http://a.test"},
		{"referer", http.Header{"Origin": {"null"}, "Referer": {"http://b.test/page"}}, "http://b.test/page"},
		{"none", http.Header{}, "*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := PageOf(test.header); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
