package v0

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/heirloom-io/socketio/compat"
)

// TestPollsAtTheSameTimeAreInARow: over HTTP/2 a client asks as often as it likes
// before it has an answer.
func TestPollsAtTheSameTimeAreInARow(t *testing.T) {
	t.Parallel()
	var gate chan struct{}
	inMessageBubble(t, func(p *MessageParams) {
		gate = make(chan struct{})
		p.GenerateID = func(*http.Request) (string, error) {
			<-gate
			return rand.Text(), nil
		}
	}, func(b *messageBubble) {
		const asked = 3 * maxRounds
		var wg sync.WaitGroup
		offered := make(chan byte, asked)
		for range asked {
			wg.Go(func() {
				if w := b.do(http.MethodGet, "xhr-polling//1", ""); w.Code != aborted {
					offered <- w.Body.String()[0]
				}
			})
			synctest.Wait()
		}
		close(gate)
		wg.Wait()
		close(offered)
		dialects := map[byte]int{}
		for c := range offered {
			dialects[c]++
		}
		if dialects['~'] != maxRounds/2 || dialects['{'] != maxRounds/2 {
			t.Errorf("offers by their first byte: %v", dialects)
		}
		if n := b.srv.Rehandshakes(); n != asked-1 {
			t.Errorf("%d counted", n)
		}
	})
}

// TestOffersThatAreNotMade leave nothing behind.
func TestOffersThatAreNotMade(t *testing.T) {
	t.Parallel()
	fail := false
	inMessageBubble(t, func(p *MessageParams) {
		p.GenerateID = func(*http.Request) (string, error) {
			if fail {
				return "", errors.New("no")
			}
			return rand.Text(), nil
		}
	}, func(b *messageBubble) {
		left := func(what string) {
			t.Helper()
			for _, c := range b.srv.core.offers.callers {
				if c.making != 0 {
					t.Errorf("%s: %d offers are being made", what, c.making)
				}
			}
		}
		fail = true
		if w := b.do(http.MethodGet, "xhr-polling//1", ""); w.Code != aborted || len(b.srv.core.offers.callers) != 0 {
			t.Errorf("without an id: %d, %d callers", w.Code, len(b.srv.core.offers.callers))
		}
		fail = false
		for range slowRound {
			b.do(http.MethodGet, "xhr-polling//1", "")
		}
		left("made")
		ctx, cancel := context.WithCancel(context.Background())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/socket.io/xhr-polling//1", nil)
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.srv.ServeHTTP(w, r, MessageRequest{Transport: nameXHRPolling, Handshake: true, Candidates: compat.SetOf(compat.V01, compat.V05), Guess: compat.V05})
		}()
		synctest.Wait()
		cancel()
		<-done
		left("client has gone")
		if w.Code != aborted || b.srv.Sessions() != slowRound {
			t.Errorf("after its client had gone: %d, %d sessions", w.Code, b.srv.Sessions())
		}
	})
}
