package socketio_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/websocket"

	"github.com/heirloom-io/socketio"
	"github.com/heirloom-io/socketio/compat"
	"github.com/heirloom-io/socketio/packet"
)

// lockedBuffer is a log that is written and read at the same time.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer // under mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// spell and unspell are rules of an application's own: "name word".
func spell(p *packet.Packet) (compat.Message, error) {
	switch p.Name {
	case "panic":
		panic("while encoding")
	case "secret":
		return compat.Message{}, errors.New("not for these")
	case "table":
		return compat.MessageOf(p) // as usual
	}
	var word string
	if err := json.Unmarshal(p.Args, &word); err != nil {
		return compat.Message{}, err
	}
	return compat.Message{Text: p.Name + " " + word}, nil
}

func unspell(m compat.Message) (*packet.Packet, error) {
	if m.Text == "panic" {
		panic("while decoding")
	}
	name, word, ok := strings.Cut(m.Text, " ")
	if !ok {
		return nil, errors.New("no such message")
	}
	return &packet.Packet{Type: packet.Event, Name: name, Args: packet.AppendString(nil, word)}, nil
}

// TestMessageRules has rules of the application's own for messages, in a room with
// members that have events. Where they fail, by an error or a panic, it costs the one
// message, and nobody else.
func TestMessageRules(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	io, err := socketio.NewServer(socketio.Config{
		Logger:   slog.New(slog.NewTextHandler(&log, nil)),
		Messages: socketio.MessagesConfig{Decode: unspell, Encode: spell},
	})
	if err != nil {
		t.Fatal(err)
	}
	joined := make(chan bool, 3)
	io.OnConnection(func(s *socketio.Socket) {
		s.Join("hall")
		joined <- true
		s.On("say", func(word string) {
			for _, event := range []string{"panic", "secret", "said"} {
				if err := io.To("hall").Emit(event, word); err != nil {
					t.Errorf("%s: %v", event, err)
				}
			}
			if err := io.To("hall").Emit("table", word, []byte{1}); err != nil {
				t.Error(err)
			}
			panicked := (*socketio.PanicError)(nil)
			if err := s.Emit("panic", word); !errors.As(err, &panicked) || panicked.Value != "while encoding" {
				t.Errorf("to one alone: %v", err)
			}
		})
	})
	server, end := serveOldPages(io)
	defer end()
	ada, bob := openOldPage(server), openOldPage(server)
	ada.send("~h~1")
	bob.send("~h~1")
	eve, err := websocket.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/socket.io/?EIO=3&transport=websocket", "", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer eve.Close()
	for range 3 {
		<-joined
	}
	ada.send("panic")
	ada.send("nothing")
	ada.send("say hello")
	for name, page := range map[string]*oldPage{"ada": ada, "bob": bob} {
		for _, want := range []string{"said hello", `~j~{"name":"table","args":["hello",{"base64":true,"data":"AQ=="}]}`} {
			if got := page.next(); got != want {
				t.Errorf("%s got %s, want %s", name, got, want)
			}
		}
	}
	for _, want := range []string{`42["panic","hello"]`, `42["secret","hello"]`, `42["said","hello"]`} {
		var got string
		for !strings.HasPrefix(got, "42") {
			if err := websocket.Message.Receive(eve, &got); err != nil {
				t.Fatal(err)
			}
		}
		if got != want {
			t.Errorf("eve got %s, want %s", got, want)
		}
	}
	for _, rule := range []string{"Messages.Decode", "Messages.Encode"} {
		if !strings.Contains(log.String(), `msg="rule for messages panicked" rule=`+rule+` panic="while `) {
			t.Errorf("the log does not tell of the panic in %s: %s", rule, log.String())
		}
	}
}
