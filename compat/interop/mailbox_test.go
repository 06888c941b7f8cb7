package interop

import (
	"encoding/json"
	"net/http"
	"sync"
)

// mailbox takes the results that pages post, by the tag of their task.
type mailbox struct {
	mu    sync.Mutex
	boxes map[string]chan result // under mu
}

func newMailbox() *mailbox {
	return &mailbox{boxes: make(map[string]chan result)}
}

// open returns the results that will come for a tag. The channel is closed
// when the page says that it is done.
func (m *mailbox) open(tag string) <-chan result {
	m.mu.Lock()
	defer m.mu.Unlock()
	box := make(chan result, 1024)
	m.boxes[tag] = box
	return box
}

// post is the handler behind the pages' reports.
func (m *mailbox) post(w http.ResponseWriter, r *http.Request) {
	var got result
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&got); err != nil {
		http.Error(w, "not a result", http.StatusBadRequest)
		return
	}
	tag := r.URL.Query().Get("tag")
	m.mu.Lock()
	defer m.mu.Unlock()
	box, ok := m.boxes[tag]
	switch {
	case !ok:
		// A page that outlives its test.
	case got.Check == "done":
		close(box)
		delete(m.boxes, tag)
	default:
		select {
		case box <- got:
		default:
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
