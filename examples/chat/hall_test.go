package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain", "Ada", "Ada"},
		{"space around", "  Ada \n", "Ada"},
		{"line break inside", "a\nb", "a b"},
		{"control characters", "a\x00b\x1b", "ab"},
		{"nothing left", " \t\x07", ""},
		{"too long", strings.Repeat("é", 9), "éééééééé"},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := clean(tt.in, 8); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHallBounds(t *testing.T) {
	t.Parallel()
	h := newHall()
	for i := range maxJoined {
		if !h.join(fmt.Sprint("room ", i), "a") {
			t.Fatalf("room %d was refused", i)
		}
	}
	if h.join("one more", "a") {
		t.Error("a member got into more rooms than allowed")
	}
	for i := 0; len(h.rooms) < maxRooms; i++ {
		h.join(fmt.Sprint("other ", i), fmt.Sprint("b", i))
	}
	if h.join("yet another", "c") {
		t.Error("there are more rooms than allowed")
	}
	for i := range 2 * maxHistory {
		h.say(line{Room: "lobby", Text: fmt.Sprint(i)})
	}
	if got := h.history("lobby"); len(got) != maxHistory || got[maxHistory-1].Text != fmt.Sprint(2*maxHistory-1) {
		t.Errorf("history has %d lines", len(got))
	}
}

func TestHallForgets(t *testing.T) {
	t.Parallel()
	h := newHall()
	h.update(member{ID: "a", Nick: "Ada"})
	h.join("lobby", "a")
	h.join("tea", "a")
	if h.join("tea", "a") {
		t.Error("joined twice")
	}
	if _, ok := h.say(line{Room: "tea", ID: "b", Text: "hello"}); ok {
		t.Error("a stranger spoke")
	}
	if diff := cmp.Diff([]string{"lobby", "tea"}, h.remove("a")); diff != "" {
		t.Errorf("rooms left (-want +got):\n%s", diff)
	}
	want := []roomCount{{"lobby", 0}, {"every generation", 0}}
	if diff := cmp.Diff(want, h.overview().Rooms); diff != "" {
		t.Errorf("rooms (-want +got):\n%s", diff)
	}
}
