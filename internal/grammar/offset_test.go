package grammar

import (
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// TestOffset writes the place of an event for those only who are to know it.
func TestOffset(t *testing.T) {
	t.Parallel()
	cases := []struct {
		offset      string
		args        string
		with, plain string
	}{
		{"m-1", `1,"x"`, `42["n",1,"x","m-1"]`, `42["n",1,"x"]`},
		{"m-2", "", `42["n","m-2"]`, `42["n"]`},
		{"", "1", `42["n",1]`, `42["n",1]`},
	}
	with, plain := NewEncoder(Style{MessagePrefix: '4', Offset: true}), NewEncoder(Style{MessagePrefix: '4'})
	if with.Key() == plain.Key() {
		t.Error("both forms share a key")
	}
	for _, c := range cases {
		p := &packet.Packet{Type: packet.Event, Namespace: "/", Name: "n", Args: []byte(c.args), Offset: c.offset}
		for e, want := range map[*Encoder]string{with: c.with, plain: c.plain} {
			got, err := e.AppendText(nil, p)
			if err != nil || string(got) != want {
				t.Errorf("%q: %v, want %q", got, err, want)
			}
		}
	}
}
