package v0

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/heirloom-io/socketio/internal/outbox"
	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/versions"
)

// newcomer is a carrier with an outbox of its own.
type newcomer struct {
	leaver
	out outbox.Outbox
}

func (c *newcomer) outbox() *outbox.Outbox { return &c.out }

// TestEndWhilePlacing ends sessions at every moment at which their client may be
// opening another carrier: either the carrier, or the client in its stead, hears
// of the end, and nothing stays on the account of what is kept for clients that
// were not heard.
func TestEndWhilePlacing(t *testing.T) {
	t.Parallel()
	for _, heard := range []bool{true, false} {
		name := map[bool]string{true: "heard", false: "not heard"}[heard]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rounds = 1500
			srv, err := NewServer(params(newHost()))
			if err != nil {
				t.Fatal(err)
			}
			for range rounds {
				s := newSession(srv, colon)
				s.id, s.handshake = "sid", &versions.Handshake{}
				srv.add(s)
				old := &newcomer{leaver: leaver{meanwhile: func(*leaver) {}}}
				old.out.Init(&srv.p.Outbox)
				s.place(old, "websocket")
				if heard {
					s.hear()
				}
				for range 3 {
					text(s, "x")
				}
				next := &newcomer{}
				next.out.Init(&srv.p.Outbox)
				var wg sync.WaitGroup
				wg.Go(func() { s.end(versions.ReasonServerDisconnect, endFlush) })
				wg.Go(func() {
					for range 3 {
						text(s, "y")
					}
				})
				var words []*packet.Frame
				in := s.place(next, "xhr-polling")
				if !in {
					words = srv.lastWords(s)
				}
				wg.Wait()
				if in {
					words = drainOutbox(s.out)
				}
				if len(words) == 0 || string(words[len(words)-1].Data) != "0::" {
					t.Fatalf("placed %t, the client hears %q", in, data(words))
				}
				s.forget()
			}
			if used := srv.early.Used(); used != 0 {
				t.Errorf("%d bytes are on the account", used)
			}
		})
	}
}

// TestMoveAfterEnd ends a session that was not heard just before its outbox is
// moved: the last words come along, instead of what was sent before, and nothing
// can be put behind them.
func TestMoveAfterEnd(t *testing.T) {
	t.Parallel()
	srv, err := NewServer(params(newHost()))
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(srv, colon)
	s.id, s.handshake = "sid", &versions.Handshake{}
	srv.add(s)
	text(s, "x")
	text(s, "y")
	s.end(versions.ReasonServerDisconnect, endFlush)
	next := &newcomer{}
	next.out.Init(&srv.p.Outbox)
	if s.replay(next) {
		t.Error("sent again what was sent before")
	}
	s.redirect(next)
	if err := s.Deliver(packet.Prepare(event("/", "late", ""))); !errors.Is(err, versions.ErrClosed) {
		t.Errorf("a late packet: %v", err)
	}
	if got := data(drainOutbox(&next.out)); !slices.Equal(got, []string{"3:::x", "3:::y", "0::"}) {
		t.Errorf("the client hears %q", got)
	}
	s.forget()
	if used := srv.early.Used(); used != 0 {
		t.Errorf("%d bytes are on the account", used)
	}
}

func data(frames []*packet.Frame) (all []string) {
	for _, f := range frames {
		all = append(all, string(f.Data))
	}
	return all
}
