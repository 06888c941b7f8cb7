package socketio

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Set keeps a value with the socket, under a key of the application's choice.
// [Operator.FetchSockets] shows it, on other nodes of a cluster as JSON.
func (s *Socket) Set(key string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rareLocked()
	if r.data == nil {
		r.data = make(map[string]any)
	}
	r.data[key] = value
}

// Get returns the value kept under a key, nil if there is none.
func (s *Socket) Get(key string) any {
	v, _ := s.lookup(key)
	return v
}

// Has reports whether a value is kept under a key.
func (s *Socket) Has(key string) bool {
	_, ok := s.lookup(key)
	return ok
}

// Delete drops the value kept under a key.
func (s *Socket) Delete(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare != nil {
		delete(s.rare.data, key)
	}
}

// Data returns all that is kept with the socket, by key: a copy of the table with
// the values themselves. Since 4.0, where it is an object.
func (s *Socket) Data() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil || s.rare.data == nil {
		return map[string]any{}
	}
	return maps.Clone(s.rare.data)
}

func (s *Socket) lookup(key string) (any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rare == nil {
		return nil, false
	}
	v, ok := s.rare.data[key]
	return v, ok
}

// Key is a key for data of one type, so that the compiler knows what is kept:
//
//	var user = socketio.NewKey[User]("user")
//
//	user.Set(s, u)
//	u, ok := user.Get(s)
//
// Make it once, as a variable of the package.
type Key[T any] struct{ name string }

// NewKey returns the key of that name. It means the same value as [Socket.Set]
// under the name does.
func NewKey[T any](name string) Key[T] { return Key[T]{name} }

// Set keeps a value with the socket.
func (k Key[T]) Set(s *Socket, v T) { s.Set(k.name, v) }

// Get returns what is kept with the socket; ok is false if that is nothing, or
// nothing of the key's type.
func (k Key[T]) Get(s *Socket) (v T, ok bool) {
	kept, _ := s.lookup(k.name)
	v, ok = kept.(T)
	return v, ok
}

// Delete drops what is kept with the socket.
func (k Key[T]) Delete(s *Socket) { s.Delete(k.name) }

// Of returns what was kept with a socket when it was fetched; ok is false if that
// was nothing. The error is that of decoding the JSON of another node, or says
// that the value is of another type.
func (k Key[T]) Of(r *RemoteSocket) (v T, ok bool, err error) {
	kept, ok := r.data[k.name]
	if !ok {
		return v, false, nil
	}
	if raw, remote := kept.(json.RawMessage); remote && r.local == nil {
		if err := json.Unmarshal(raw, &v); err != nil {
			return v, true, fmt.Errorf("socketio: data %q: %w", k.name, err)
		}
		return v, true, nil
	}
	v, fits := kept.(T)
	if !fits {
		return v, true, fmt.Errorf("socketio: data %q: kept is a %T", k.name, kept)
	}
	return v, true, nil
}
