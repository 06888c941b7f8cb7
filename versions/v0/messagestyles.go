package v0

import (
	"net/http"
	"strings"

	"github.com/heirloom-io/socketio/internal/engine"
	"github.com/heirloom-io/socketio/packet"
)

// messagePolls are the polls of 0.1 to 0.6. Only 0.6 has JSONP.
var messagePolls = &pollStyle{
	form:      messageForm,
	jsonpForm: func(body []byte) ([]byte, bool) { return DecodeMessageTextArea(body), false },
	index: func(r *http.Request) string {
		index, _ := messageIndex(r)
		return index
	},
	call: "io.JSONP[", member: "]._(",
	keepAlive: false,
}

func messageForm(body []byte) ([]byte, bool) { return DecodeMessageForm(body), false }

// messageIndex returns the index of a JSONP request, which ends its path.
func messageIndex(r *http.Request) (string, bool) {
	path := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	return engine.JSONPIndex(path[strings.LastIndexByte(path, '/')+1:])
}

// multipartBoundary parts a multipart response.
const multipartBoundary = "--socketio"

// units makes a style that puts frames that leave together into one unit, as
// genuine servers did: if the stream breaks meanwhile the client has got all of
// them or none, and all go out again when it comes back. What a stream says while
// it speaks two dialects has a unit for every frame, of which the client skips
// those that it does not understand.
func units(before string, data func(dst, data []byte) []byte, after string) func([]byte, *dialect, []*packet.Frame) []byte {
	return func(dst []byte, d *dialect, frames []*packet.Frame) []byte {
		if !d.undecided {
			frames = d.unite(frames)
		}
		for _, f := range frames {
			dst = append(data(append(dst, before...), f.Data), after...)
		}
		return dst
	}
}

func verbatim(dst, data []byte) []byte { return append(dst, data...) }

var (
	// messagePage is the htmlfile of 0.3.4 to 0.6. Clients of 0.2.3 and 0.2.4 take a
	// string as well as the object that servers before 0.5 wrote. Those before have
	// no htmlfile that works.
	messagePage = &streamStyle{
		header:   http.Header{"Content-Type": {typeHTML}},
		preamble: []byte("<html><body>" + strings.Repeat(" ", 244)),
		append:   units("<script>parent.s._(", appendScriptString, ", document);</script>"),
		form:     messageForm,
		pulse:    []byte("<!-- heartbeat -->"),
	}

	// multipart is for Firefox, whose XMLHttpRequest showed each part as a document
	// of its own. The genuine server named no charset for the parts, which spoiled
	// what is not ASCII.
	multipart = &streamStyle{
		header:    http.Header{"Content-Type": {`multipart/x-mixed-replace;boundary="socketio"`}},
		unchunked: true,
		preamble:  []byte(multipartBoundary + "\n"),
		append:    units("Content-Type: text/plain; charset=UTF-8\n\n", verbatim, "\n"+multipartBoundary+"\n"),
		form:      messageForm,
		pulse:     []byte("Content-Type: text/plain; charset=us-ascii\n\n\x06\n" + multipartBoundary + "\n"),
		cors:      true,
	}

	// domEvents is the stream of Opera's event-source element, as servers up to
	// 0.2.3 meant it. They wrote no line ends, so no browser could read it.
	domEvents = &streamStyle{
		header: http.Header{"Content-Type": {"application/x-dom-event-stream"}, "Cache-Control": {"no-cache"}},
		append: units("Event: socket.io\ndata: ", verbatim, "\n\n"),
		form:   messageForm,
		cors:   true,
	}

	// eventStream is the same for what has become of it, the EventSource of
	// today's browsers; no release had it.
	eventStream = &streamStyle{
		header: http.Header{"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-cache"}},
		append: units("data: ", verbatim, "\n\n"),
		form:   messageForm,
		pulse:  []byte(":\n\n"),
		cors:   true,
	}
)

// serverEvents is the transport server-events, which the client's Accept header
// gives one of two forms. Its payloads are those of 0.1 to 0.4 and have no line
// ends.
type serverEvents struct{ streaming }

func (m *serverEvents) open(w http.ResponseWriter, r *http.Request, s *session) {
	form := m.streaming
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		form.style = eventStream
	}
	form.open(w, r, s)
}

// messageMechanism returns the mechanism of a transport of 0.1 to 0.6.
func (s *Server) messageMechanism(name string) mechanism {
	switch name {
	case nameXHRPolling:
		return &polling{srv: s, name: name, style: messagePolls}
	case nameJSONPPolling:
		return &polling{srv: s, name: name, style: messagePolls, jsonp: true}
	case nameHTMLFile:
		return &streaming{srv: s, name: name, style: messagePage}
	case nameXHRMultipart:
		return &streaming{srv: s, name: name, style: multipart}
	case nameServerEvents:
		return &serverEvents{streaming{srv: s, name: name, style: domEvents}}
	}
	return s.mechanism(name) // a duplex one
}
