package main

import (
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	socketio "github.com/heirloom-io/socketio"
)

func TestParseOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want socketio.Config
		fail bool
	}{
		{name: "nothing"},
		{
			name: "plain values",
			args: []string{"-path", "/io", "-ping-interval", "300ms", "-ping-timeout", "200ms", "-max-payload", "1000", "-generations", ">= 1, < 3"},
			want: socketio.Config{
				Path: "/io", PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond,
				MaxPayload: 1000, Generations: ">= 1, < 3",
				V4: socketio.V4Config{PingTimeout: 200 * time.Millisecond, MaxPayload: 1000},
			},
		},
		{
			name: "transports for all",
			args: []string{"-transports", "polling,websocket"},
			want: socketio.Config{Transports: []string{"polling", "websocket"}},
		},
		{
			name: "transports for one",
			args: []string{"-transports", "polling,v1:websocket"},
			want: socketio.Config{
				V1: socketio.V1Config{Transports: []string{"websocket", "polling"}},
				V2: socketio.V2Config{Transports: []string{"polling"}},
				V4: socketio.V4Config{Transports: []string{"polling"}},
			},
		},
		{
			name: "transports for one only",
			args: []string{"-transports", "v2:polling"},
			want: socketio.Config{V2: socketio.V2Config{Transports: []string{"polling"}}},
		},
		{
			name: "transports for the oldest",
			args: []string{"-transports", "websocket,v0:flashsocket,xhr-polling,polling"},
			want: socketio.Config{
				V0: socketio.V0Config{Transports: []string{"flashsocket", "websocket", "xhr-polling"}},
				V1: socketio.V1Config{Transports: []string{"websocket", "polling"}},
				V2: socketio.V2Config{Transports: []string{"websocket", "polling"}},
				V4: socketio.V4Config{Transports: []string{"websocket", "polling"}},
			},
		},
		{name: "no such generation", args: []string{"-transports", "v9:polling"}, fail: true},
		{name: "no such flag", args: []string{"-port", "1"}, fail: true},
		{name: "an argument", args: []string{"3000"}, fail: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseOptions(tt.args, io.Discard)
			if tt.fail {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.config); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}
