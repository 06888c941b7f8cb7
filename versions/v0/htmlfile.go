package v0

import (
	"net/http"
	"strings"

	"github.com/heirloom-io/socketio/packet"
)

const (
	// htmlfileScript defines what the scripts of packets call. The client looks
	// for the function by this name, and takes the text and the document.
	htmlfileScript = `<html><body><script>var _ = function (msg) { parent.s._(msg, document); };</script>`
	// htmlfilePreamble is how much a browser has to get before it begins to run
	// what it has.
	htmlfilePreamble = 256
)

// colonPage is the htmlfile of 0.7 to 0.9. Each payload is a script in it.
var colonPage = &streamStyle{
	header:   http.Header{"Content-Type": {typeHTML}},
	preamble: []byte(htmlfileScript + strings.Repeat(" ", htmlfilePreamble-len(htmlfileScript))),
	append: func(dst []byte, d *dialect, frames []*packet.Frame) []byte {
		dst = append(dst, "<script>_("...)
		dst = appendScriptString(dst, d.join(nil, frames))
		return append(dst, ");</script>"...)
	},
	form: colonPolls.form,
}
