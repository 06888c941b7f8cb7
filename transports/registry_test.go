package transports

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type named struct {
	name      string
	mechanism Mechanism
}

func (n named) Name() string         { return n.name }
func (n named) Mechanism() Mechanism { return n.mechanism }

type namedDuplex struct{ named }

func (namedDuplex) Accept(http.ResponseWriter, *http.Request, DuplexParams) (Conn, error) {
	return nil, errFake
}

func TestRegister(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		t    Transport
		err  error
	}{
		{"poll", named{"own-poll-2", MechanismPoll}, nil},
		{"stream", named{"own-stream", MechanismStream}, nil},
		{"duplex", namedDuplex{named{"own", MechanismDuplex}}, nil},
		{"longest name", named{strings.Repeat("x", 64), MechanismPoll}, nil},
		{"empty name", named{"", MechanismPoll}, ErrInvalid},
		{"name too long", named{strings.Repeat("x", 65), MechanismPoll}, ErrInvalid},
		{"capital letter", named{"Own", MechanismPoll}, ErrInvalid},
		{"slash", named{"own/poll", MechanismPoll}, ErrInvalid},
		{"not ASCII", named{"öwn", MechanismPoll}, ErrInvalid},
		{"duplex without Accept", named{"own", MechanismDuplex}, ErrInvalid},
		{"name of our own", named{"polling", MechanismPoll}, ErrDuplicate},
		{"name of our websocket", namedDuplex{named{"websocket", MechanismDuplex}}, ErrDuplicate},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := NewRegistry()
			before := r.Names()
			err := r.Register(tc.t)
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if tc.err != nil {
				if diff := cmp.Diff(before, r.Names()); diff != "" {
					t.Errorf("names (-before +after):\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(append(before, tc.t.Name()), r.Names()); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if got, ok := r.Lookup(tc.t.Name()); !ok || got != tc.t {
				t.Errorf("found %v, %v", got, ok)
			}
			if err := r.Register(tc.t); !errors.Is(err, ErrDuplicate) {
				t.Errorf("twice: %v", err)
			}
		})
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	r := NewRegistry()
	for name, mechanism := range map[string]Mechanism{"polling": MechanismPoll, "websocket": MechanismDuplex} {
		if got, ok := r.Lookup(name); !ok || got.Name() != name || got.Mechanism() != mechanism {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "tarot", "Polling", "constructor"} {
		if got, ok := r.Lookup(name); ok {
			t.Errorf("%q: found %v", name, got)
		}
	}
	r.Names()[0] = "changed"
	if r.Names()[0] == "changed" {
		t.Error("names are shared with the caller")
	}
}

func TestMechanismString(t *testing.T) {
	t.Parallel()
	for m, want := range map[Mechanism]string{MechanismDuplex: "duplex", MechanismStream: "stream", MechanismPoll: "poll", 9: "unknown"} {
		if got := m.String(); got != want {
			t.Errorf("%d: %q", m, got)
		}
	}
}
