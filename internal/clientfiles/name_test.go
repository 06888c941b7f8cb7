package clientfiles

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var accepted = []struct {
	rest string
	want name
}{
	{"/socket.io.js", name{path: "socket.io.js", contentType: typeScript}},
	{"/socket.io.js.map", name{path: "socket.io.js.map", contentType: typeMap}},
	{"/socket.io.min.js", name{path: "socket.io.min.js", contentType: typeScript}},
	{"/socket.io.min.js.map", name{path: "socket.io.min.js.map", contentType: typeMap}},
	{"/socket.io.slim.js", name{path: "socket.io.slim.js", contentType: typeScript}},
	{"/socket.io.slim.dev.js", name{path: "socket.io.slim.dev.js", contentType: typeScript}},
	{"/socket.io.msgpack.min.js", name{path: "socket.io.msgpack.min.js", contentType: typeScript}},
	{"/socket.io.esm.min.js", name{path: "socket.io.esm.min.js", contentType: typeScript}},
	{"/socket.io-2.5.0.js", name{"socket.io-2.5.0.js", "2.5.0", "2.5.0/socket.io.js", typeScript}},
	{"/socket.io-2.5.0.slim.js.map", name{"socket.io-2.5.0.slim.js.map", "2.5.0", "2.5.0/socket.io.slim.js.map", typeMap}},
	{"/socket.io.v0.9.17.js", name{"socket.io.v0.9.17.js", "0.9.17", "0.9.17/socket.io.js", typeScript}},
	{"/socket.io-4.0.0-alpha.1.min.js", name{"socket.io-4.0.0-alpha.1.min.js", "4.0.0-alpha.1", "4.0.0-alpha.1/socket.io.min.js", typeScript}},
	{"/socket.io-3.0.0-rc1.js", name{"socket.io-3.0.0-rc1.js", "3.0.0-rc1", "3.0.0-rc1/socket.io.js", typeScript}},
	{"/2.5.0/socket.io.js", name{path: "2.5.0/socket.io.js", release: "2.5.0", contentType: typeScript}},
	{"/1.0.0-pre/socket.io.min.js.map", name{path: "1.0.0-pre/socket.io.min.js.map", release: "1.0.0-pre", contentType: typeMap}},
	{"/socket.io+websocket+xhr-polling.js", name{path: "socket.io+websocket+xhr-polling.js", contentType: typeScript}},
	{"/socket.io+websocket.v0.9.17.js", name{"socket.io+websocket.v0.9.17.js", "0.9.17", "0.9.17/socket.io+websocket.js", typeScript}},
	{"/static/flashsocket/WebSocketMain.swf", name{path: "static/flashsocket/WebSocketMain.swf", contentType: typeFlash}},
	{"/lib/vendor/web-socket-js/WebSocketMain.swf", name{path: "lib/vendor/web-socket-js/WebSocketMain.swf", contentType: typeFlash}},
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range accepted {
		t.Run(tt.rest, func(t *testing.T) {
			t.Parallel()
			got, ok := parse(tt.rest)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(name{})); !ok || diff != "" {
				t.Errorf("accepted: %t (-want +got):\n%s", ok, diff)
			}
		})
	}
}

var refused = []string{
	"", "/", "socket.io.js", "//socket.io.js", "/socket.io", "/socket.io/", "/socket.io.", "/.js",
	"/socket.iojs", "/socket.iox.js", "/socket.io.js/", "/socket.io.map", "/socket.io.json", "/socket.io.js.map.map",
	"/socket.io..js", "/socket.io.MIN.js", "/SOCKET.IO.js", "/socket.io-.js", "/socket.io-2.js", "/socket.io-2.5.js",
	"/socket.io-2.5.0-2.4.0.js", "/2.5.0/socket.io-2.5.0.js", "/2.5.0/3.0.0/socket.io.js", "/2.5/socket.io.js",
	"/2.5.0//socket.io.js", "/2.5.0", "/2.5.0/", "/2.5.0/index.html", "/1/socket.io.js", "/socket.io-123456.0.0.js",
	"/../socket.io.js", "/2.5.0/../socket.io.js", "/2.5.0/../../etc/passwd", "/..%2fsocket.io.js", "/%2e%2e/socket.io.js",
	"/socket.io%2ejs", `/..\socket.io.js`, `/2.5.0\socket.io.js`, "/socket.io\x00.js", "/socket.io.js\x00", "/socket.io.js\x00.map",
	"/socket.io.js?x", "/socket.io.js#x", "/socket.io é.js", "/socket.io.é.js", "/socket.io\n.js", "/socket.io+.js", "/secret.js",
	"/static/flashsocket/", "/static/flashsocket/../../secret.swf", "/static/secret", "/other.swf",
	"/socket.io" + strings.Repeat(".a", maxName) + ".js",
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, rest := range refused {
		if Match(rest) {
			t.Errorf("%q is taken for a client file", rest)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.rest)
	}
	for _, rest := range refused {
		f.Add(rest)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		n, ok := parse(rest)
		if !ok {
			if n != (name{}) {
				t.Fatal("refused, but not empty")
			}
			return
		}
		if "/"+n.path != rest {
			t.Fatalf("%q became %q", rest, n.path)
		}
		for _, p := range []string{n.path, n.other} {
			if p != "" && (!fs.ValidPath(p) || slices.Contains(strings.Split(p, "/"), "..") || strings.ContainsAny(p, "\\%\x00?#: ")) {
				t.Fatalf("%q leads to %q", rest, p)
			}
		}
		if n.other != "" {
			again, ok := parse("/" + n.other)
			if !ok || again.release != n.release || again.contentType != n.contentType {
				t.Fatalf("%q leads to %q, which is %v, %t", rest, n.other, again, ok)
			}
		}
	})
}
