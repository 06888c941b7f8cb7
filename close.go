package socketio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Close ends the server gracefully: it refuses new clients, ends every socket
// with [ReasonServerShutdown], and waits for the disconnect handlers and for
// everything else that was under way. Clients get no DISCONNECT packet; their
// connections are closed, as by servers of 2.x.
//
// When the context ends first, Close returns its error, wrapped, and what is
// left ends on its own. Further calls wait in the same way. A handler that calls
// Close waits for itself, so it must do so from another goroutine.
//
// The HTTP server is not touched. Close this one first, as its clients keep
// requests open.
func (s *Server) Close(ctx context.Context) error {
	clients, idle := s.beginClose()
	for _, c := range clients {
		c.close(ReasonServerShutdown)
	}
	err := s.front.Shutdown(ctx)
	select {
	case <-idle:
	case <-ctx.Done():
		return errors.Join(err, fmt.Errorf("socketio: close: %w", ctx.Err()))
	}
	return errors.Join(err, s.closeAdapters())
}

// beginClose closes the door and returns who is inside.
func (s *Server) beginClose() ([]*client, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	if s.idle == nil {
		s.idle = make(chan struct{})
		s.settleIdleLocked()
	}
	clients := make([]*client, 0, len(s.clients))
	for c := range s.clients {
		clients = append(clients, c)
	}
	return clients, s.idle
}

// forget drops a client that has ended. Nothing of it runs afterwards.
func (s *Server) forget(c *client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, c)
	if s.idle != nil {
		s.settleIdleLocked()
	}
}

// settleIdleLocked closes idle if the last client has gone. None comes any more
// by then, so that this happens once.
func (s *Server) settleIdleLocked() {
	if len(s.clients) == 0 {
		close(s.idle)
	}
}

func (s *Server) closeAdapters() error {
	s.mu.Lock()
	s.sealed = true
	namespaces := slices.Collect(maps.Values(s.namespaces))
	s.mu.Unlock()
	var errs []error
	for _, ns := range namespaces {
		errs = append(errs, ns.close())
	}
	return errors.Join(errs...)
}
