package v0

import (
	"testing"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
)

func TestEarly(t *testing.T) {
	t.Parallel()
	frames := make([]packet.Frame, 4)
	for i := range frames {
		frames[i].Data = make([]byte, 10)
	}
	at := func(i ...int) (out []*packet.Frame) {
		for _, i := range i {
			out = append(out, &frames[i])
		}
		return out
	}
	tests := []struct {
		name          string
		lim           outbox.Limits
		waiting, want []*packet.Frame
	}{
		{"all", outbox.Limits{Bytes: 30, Frames: 4}, at(3), at(0, 1, 2, 3)},
		{"too many frames", outbox.Limits{Bytes: 40, Frames: 3}, at(2, 3), at(0, 2, 3)},
		{"too many bytes", outbox.Limits{Bytes: 29, Frames: 4}, nil, at(0)},
		{"none sent yet", outbox.Limits{Bytes: 10, Frames: 4}, at(0, 1, 2, 3), at(0, 1, 2, 3)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var e early
			for i := range frames {
				e.add(frames[i:i+1:i+1], &tt.lim, nil)
			}
			got := e.replay(tt.waiting)
			if len(got) != len(tt.want) {
				t.Fatalf("%d frames, want %d", len(got), len(tt.want))
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("frame %d is another", i)
				}
			}
		})
	}
}
