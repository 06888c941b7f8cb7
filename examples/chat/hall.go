package main

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what clients may make the program remember.
const (
	maxName    = 32   // runes of a nickname or a room's name
	maxText    = 2000 // runes of a message
	maxRooms   = 100
	maxJoined  = 16 // rooms a member may be in at a time
	maxHistory = 50 // lines of a room that newcomers see
)

// standing are the rooms that stay when the last member has left.
var standing = []string{"lobby", "every generation"}

// line is one entry of a room's log. From is empty for what the program itself
// has to say.
type line struct {
	Room string `json:"room"`
	ID   string `json:"id"`
	From string `json:"from"`
	Text string `json:"text"`
	At   int64  `json:"at"` // milliseconds since 1970
}

// member is what everybody may see of a client.
type member struct {
	ID         string `json:"id"`
	Nick       string `json:"nick"`
	Generation string `json:"generation"`
	Transport  string `json:"transport"`
}

// presence lists who is in a room. Rev grows with every change of the hall:
// lists made by different goroutines may arrive in any order, and a page keeps
// the highest.
type presence struct {
	Rev     uint64   `json:"rev"`
	Room    string   `json:"room"`
	Members []member `json:"members"`
}

// overview lists the rooms; Rev is as in presence.
type overview struct {
	Rev   uint64      `json:"rev"`
	Rooms []roomCount `json:"rooms"`
}

type roomCount struct {
	Name    string `json:"name"`
	Members int    `json:"members"`
}

// hall is the memory of the chat: who is there and what was said. All methods
// may be called concurrently; none of them sends anything.
type hall struct {
	mu      sync.Mutex
	rev     uint64
	members map[string]member
	rooms   map[string]*room
}

type room struct {
	ids     []string // in order of arrival
	history []line
}

func newHall() *hall {
	h := &hall{members: map[string]member{}, rooms: map[string]*room{}}
	for _, name := range standing {
		h.rooms[name] = &room{}
	}
	return h
}

// update enters a member or what has changed of it. It reports whether that
// was news, and the rooms that should hear of it.
func (h *hall) update(m member) (rooms []string, news bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.members[m.ID] == m {
		return nil, false
	}
	h.members[m.ID] = m
	return h.joinedLocked(m.ID), true
}

// remove forgets a member and returns the rooms it was in.
func (h *hall) remove(id string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	joined := h.joinedLocked(id)
	for _, name := range joined {
		h.leaveLocked(name, id)
	}
	delete(h.members, id)
	return joined
}

// join puts a member into a room and reports whether it was not there already
// and there was space for it.
func (h *hall) join(name, id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.joinedLocked(id)) >= maxJoined {
		return false
	}
	r := h.rooms[name]
	if r == nil {
		if len(h.rooms) >= maxRooms {
			return false
		}
		r = &room{}
		h.rooms[name] = r
	}
	if slices.Contains(r.ids, id) {
		return false
	}
	r.ids = append(r.ids, id)
	return true
}

// leave takes a member out of a room and reports whether it was there.
func (h *hall) leave(name, id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leaveLocked(name, id)
}

func (h *hall) leaveLocked(name, id string) bool {
	r := h.rooms[name]
	if r == nil {
		return false
	}
	i := slices.Index(r.ids, id)
	if i < 0 {
		return false
	}
	r.ids = slices.Delete(r.ids, i, i+1)
	if len(r.ids) == 0 && !slices.Contains(standing, name) {
		delete(h.rooms, name)
	}
	return true
}

// say adds a line to a room's history and reports whether its author is there.
// A line without an author is always welcome.
func (h *hall) say(l line) (line, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[l.Room]
	if r == nil || l.ID != "" && !slices.Contains(r.ids, l.ID) {
		return line{}, false
	}
	l.From = h.members[l.ID].Nick
	l.At = time.Now().UnixMilli()
	if len(r.history) == maxHistory {
		r.history = slices.Delete(r.history, 0, 1)
	}
	r.history = append(r.history, l)
	return l, true
}

// history returns what was last said in a room, oldest first.
func (h *hall) history(name string) []line {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[name]; r != nil {
		return append([]line{}, r.history...)
	}
	return []line{}
}

func (h *hall) presence(name string) presence {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rev++
	p := presence{Rev: h.rev, Room: name, Members: []member{}}
	if r := h.rooms[name]; r != nil {
		for _, id := range r.ids {
			p.Members = append(p.Members, h.members[id])
		}
	}
	return p
}

func (h *hall) overview() overview {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rev++
	o := overview{Rev: h.rev, Rooms: []roomCount{}}
	for name, r := range h.rooms {
		o.Rooms = append(o.Rooms, roomCount{name, len(r.ids)})
	}
	slices.SortFunc(o.Rooms, func(a, b roomCount) int {
		if x, y := slices.Index(standing, a.Name), slices.Index(standing, b.Name); x >= 0 && y >= 0 {
			return x - y
		} else if x >= 0 || y >= 0 {
			return y - x // one that stands comes first
		}
		return strings.Compare(a.Name, b.Name)
	})
	return o
}

func (h *hall) joinedLocked(id string) []string {
	var joined []string
	for name, r := range h.rooms {
		if slices.Contains(r.ids, id) {
			joined = append(joined, name)
		}
	}
	slices.Sort(joined)
	return joined
}

// clean makes one printable line of what a client sent, at most limit runes
// long. It is empty if nothing is left.
func clean(text string, limit int) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > limit {
		text = strings.TrimSpace(string(runes[:limit]))
	}
	return text
}
