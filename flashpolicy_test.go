package socketio

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlashPolicy(t *testing.T) {
	t.Parallel()
	refuse := func(string, *http.Request) error { return errors.New("no") }
	for _, test := range []struct {
		name   string
		config Config
		want   []string
	}{
		{"default", Config{}, []string{"*:*"}},
		{"list", Config{Origins: []string{"https://a.test", "b.test:81"}}, []string{"a.test:*", "b.test:*"}},
		{"func", Config{Origins: []string{"https://a.test"}, OriginFunc: refuse}, []string{"*:*"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, test.config)
			if d := cmp.Diff(test.want, s.FlashPolicy().Origins); d != "" {
				t.Error(d)
			}
		})
	}
}
