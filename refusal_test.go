package socketio

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// textless is an error that needs its value, as most do.
type textless struct{ text string }

func (e *textless) Error() string { return e.text }

// unspeakable panics when it is encoded.
type unspeakable struct{}

func (unspeakable) MarshalJSON() ([]byte, error) { panic("a secret of the server") }

// TestRefusal holds both kinds of middleware to one rendering, and to staying
// alive whatever the application returns.
func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"text", errors.New(`no "entry"`), `"no \"entry\""`},
		{"message", &Error{Message: "m"}, `"m"`},
		{"data", &Error{Message: "m", Data: []int{1}}, `[1]`},
		{"data that cannot be encoded", &Error{Message: "m", Data: func() {}}, `"m"`},
		{"binary data", &Error{Message: "m", Data: []byte("b")}, `"m"`},
		{"no slice at all", &Error{Message: "m", Data: []int(nil)}, `[]`},
		{"wrapped", errors.Join(&Error{Message: "m"}), `"m"`},
		{"typed nil", (*textless)(nil), `"Internal error"`},
		{"nil of the package's own", (*Error)(nil), `"Internal error"`},
		{"data that panics", &Error{Message: "m", Data: unspeakable{}}, `"Internal error"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, Config{})
			s.Of("/chat").Use(func(*Socket) error { return test.err })
			c, socket := join(t, s)
			socket.Use(func(*Event) error { return test.err })
			c.connect("/chat")
			c.event("/", "ev", "")
			c.wait()
			want := []string{"connect /", "error /chat" + test.want, "error /" + test.want}
			if d := cmp.Diff(want, c.log()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
