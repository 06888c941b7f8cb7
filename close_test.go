package socketio

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heirloom-io/socketio/rooms"
)

func TestCloseWaitsForHandlers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, Config{})
		done := 0
		s.OnConnection(func(s *Socket) {
			s.OnDisconnect(func(Reason) { time.Sleep(time.Second); done++ })
			s.On("stuck", func(ctx context.Context) { <-ctx.Done() })
		})
		c, _ := join(t, s)
		c.event("/", "stuck", "")
		start := time.Now()
		for range 2 {
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if done != 1 || time.Since(start) != time.Second {
			t.Errorf("%d handlers for the end, after %v", done, time.Since(start))
		}
		if _, err := s.host().Accept(c); !errors.Is(err, ErrServerClosed) {
			t.Errorf("a new client got %v", err)
		}
	})
}

func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTestServer(t, Config{})
		s.OnConnection(func(s *Socket) {
			s.OnDisconnect(func(Reason) { time.Sleep(time.Hour) })
		})
		join(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		// The second one, by the end of the test, finds it done.
	})
}

type countingAdapter struct {
	rooms.Adapter
	closed int
}

func (a *countingAdapter) Close() error {
	a.closed++
	return a.Adapter.Close()
}

func TestAdapterIsMadeAndClosedOnce(t *testing.T) {
	t.Parallel()
	made := map[string]*countingAdapter{}
	s := newTestServer(t, Config{Adapter: func(ns *Namespace) rooms.Adapter {
		made[ns.Name()] = &countingAdapter{Adapter: rooms.NewStore()}
		return made[ns.Name()]
	}})
	if s.Of("chat") != s.Of("/chat") || s.Of("") != s.Of("/") || len(made) != 2 {
		t.Errorf("%d adapters for two namespaces", len(made))
	}
	join(t, s)
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for name, a := range made {
		if a.closed != 1 {
			t.Errorf("that of %s was closed %d times", name, a.closed)
		}
	}
}
