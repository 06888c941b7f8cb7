// Package http2xconnect lets clients open websockets over HTTP/2 (RFC 8441).
// Import it for its effect, in the program:
//
//	import _ "github.com/heirloom-io/socketio/http2xconnect"
//
// The server is ready for such websockets, but net/http, as of Go 1.26, announces
// and admits the extended CONNECT they begin with only where the environment has
// GODEBUG=http2xconnect=1 when net/http is initialised; a //go:debug line is not
// taken. This package puts it there, unless http2xconnect has a value already.
// It imports next to nothing, and so is initialised before net/http, whose import
// path comes later in the order in which the language has packages initialised.
// Children of the process inherit the variable. Setting it oneself before the
// process starts does as well.
//
// It concerns every HTTP server of the process: browsers that have an HTTP/2
// connection to a server that announces the extended CONNECT open all websockets
// to it that way, those of other handlers too, and gorilla/websocket, for one,
// refuses them. That is why it has to be asked for.
package http2xconnect

import (
	"os"
	"strings"
)

const setting = "http2xconnect"

func init() {
	if value, changed := with(os.Getenv("GODEBUG")); changed {
		// Fails for no value without a zero byte.
		_ = os.Setenv("GODEBUG", value)
	}
}

// with returns the value of GODEBUG with the setting, and whether it is another
// than before.
func with(value string) (string, bool) {
	for pair := range strings.SplitSeq(value, ",") {
		if name, _, _ := strings.Cut(pair, "="); name == setting {
			return value, false
		}
	}
	if value != "" {
		value += ","
	}
	return value + setting + "=1", true
}
