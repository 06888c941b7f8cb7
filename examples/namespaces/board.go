package main

import (
	"regexp"
	"sync"

	socketio "github.com/heirloom-io/socketio"
)

const (
	// maxNotes and maxNote bound what a board keeps: notes, and bytes of each.
	maxNotes = 100
	maxNote  = 500
)

// The pattern is anchored: without that any name that contains a board's would do.
var boardName = regexp.MustCompile(`^/board-\d{1,6}$`)

// boards are the notes of each, by the name of the namespace. Clients of several
// namespaces come in at the same time.
type boards struct {
	mu    sync.Mutex
	notes map[string][]string // under mu
}

// serveBoards makes namespaces as clients ask for them.
func serveBoards(io *socketio.Server) {
	b := &boards{notes: make(map[string][]string)}
	parent := io.OfPattern(boardName)
	parent.OnConnection(b.welcome)
	io.OnConnection(func(s *socketio.Socket) {
		s.On("boards", func() []string {
			names := []string{}
			for _, n := range parent.Children() {
				names = append(names, n.Name())
			}
			return names
		})
	})
}

// welcome shows a client the board of its namespace. Notes outlive the namespace; it
// is the sockets and rooms that end with it.
func (b *boards) welcome(s *socketio.Socket) {
	name := s.Namespace().Name()
	_ = s.Emit("board", b.all(name))
	s.On("pin", func(text string) (int, error) {
		if text == "" || len(text) > maxNote {
			return 0, &socketio.Error{Message: "a note has 1 to 500 bytes"}
		}
		n, ok := b.pin(name, text)
		if !ok {
			return 0, &socketio.Error{Message: "the board is full"}
		}
		return n, s.Namespace().Emit("pinned", n, text)
	})
}

func (b *boards) all(name string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.notes[name]...)
}

func (b *boards) pin(name, text string) (int, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.notes[name]) == maxNotes {
		return 0, false
	}
	b.notes[name] = append(b.notes[name], text)
	return len(b.notes[name]), true
}
