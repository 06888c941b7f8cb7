package socketio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestData(t *testing.T) {
	t.Parallel()
	io := newTestServer(t, Config{})
	_, s := join(t, io)
	s.Delete("k")
	if s.Get("k") != nil || s.Has("k") || len(s.Data()) != 0 {
		t.Error("there is something under an unused key")
	}
	s.Set("k", 5)
	s.Set("nil", nil)
	if s.Get("k") != 5 || s.Get("other") != nil || !s.Has("nil") || s.Has("other") {
		t.Error("not what was set")
	}
	all := s.Data()
	if d := cmp.Diff(map[string]any{"k": 5, "nil": nil}, all); d != "" {
		t.Error(d)
	}
	all["k"] = 6
	if s.Get("k") != 5 {
		t.Error("a copy changed the data")
	}
	s.Delete("k")
	if s.Has("k") {
		t.Error("still there")
	}
}

func TestTypedData(t *testing.T) {
	t.Parallel()
	type user struct{ Name string }
	key := NewKey[user]("user")
	io := newTestServer(t, Config{})
	_, s := join(t, io)
	if _, ok := key.Get(s); ok {
		t.Error("there is something under an unused key")
	}
	key.Set(s, user{"ann"})
	if got, ok := key.Get(s); !ok || got.Name != "ann" {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := NewKey[int]("user").Get(s); ok {
		t.Error("a value of another type was got")
	}
	list, err := io.FetchSockets(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	key.Delete(s)
	if _, ok := key.Get(s); ok {
		t.Error("still there")
	}
	if got, ok, err := key.Of(list[0]); got.Name != "ann" || !ok || err != nil {
		t.Errorf("fetched %v, %v, %v", got, ok, err)
	}
	if _, ok, err := NewKey[int]("user").Of(list[0]); !ok || err == nil {
		t.Error("a value of another type was fetched")
	}
	if _, ok, err := NewKey[int]("other").Of(list[0]); ok || err != nil {
		t.Error("fetched what was not there")
	}
}
