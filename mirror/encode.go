package mirror

import (
	"bytes"
	"encoding/json"

	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// features are what the form of a watcher has. Namespaces count as one of them:
// the mirror is in the one it was told.
const features = packet.FeatureEvents | packet.FeatureNamespaces

// encoder makes the JSON object of an event, {"name":"...","args":[...]}: the
// form in which compat shows events to clients that have none.
type encoder struct{}

var _ packet.Encoder = encoder{}

// Key names the form.
func (encoder) Key() packet.Key { return "mirror" }

// Encode returns one frame for an event, and none for other packets.
//
// The object is on one line. Arguments may hold line ends between their tokens if
// the application wrote JSON of its own, and a carriage return would cut the
// stream's line.
func (encoder) Encode(p *packet.Packet) ([]packet.Frame, error) {
	if p.Type != packet.Event {
		return nil, nil
	}
	p, err := compat.Degrade(p, features)
	if err != nil || p == nil {
		return nil, err
	}
	text := packet.AppendString([]byte(`{"name":`), p.Name)
	text = append(text, `,"args":[`...)
	text = append(append(text, p.Args...), ']', '}')
	if bytes.ContainsAny(p.Args, "\r\n") {
		var line bytes.Buffer
		if err := json.Compact(&line, text); err != nil {
			return nil, err
		}
		text = line.Bytes()
	}
	return []packet.Frame{{Data: text}}, nil
}
