package socketio

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// Response is what one client answered to a broadcast.
type Response struct {
	// SocketID is the id of its socket; empty if another node of a cluster has
	// kept it to itself.
	SocketID string
	// Args are the arguments of the answer. Clients of 3.x and 4.x send one.
	Args Args
}

// Responses is what came of a broadcast that asked for acknowledgements.
type Responses struct {
	// Answers are those that came, in that order.
	Answers []Response
	// Asked is the number of clients that were asked. NotAsked is that of clients
	// that got the event without the question, as their release knows no
	// acknowledgements. Clients that were gone, too slow, or not ready for a
	// volatile event are in neither.
	Asked, NotAsked int
}

// UnansweredError says that not everyone who was asked has answered. It is the
// cause of the context, or ErrDisconnected, in the sense of errors.Is.
type UnansweredError struct {
	// Responses is what came until then.
	Responses Responses
	// Err is the cause of the context if its end was the reason, and
	// ErrDisconnected if those who did not answer have gone.
	Err error
}

// Error returns a text with the numbers and the reason.
func (e *UnansweredError) Error() string {
	return fmt.Sprintf("socketio: acknowledgements: %d of %d asked have answered: %v",
		len(e.Responses.Answers), e.Responses.Asked, e.Err)
}

// Unwrap returns the reason.
func (e *UnansweredError) Unwrap() error { return e.Err }

// EmitWithAcks sends an event to everyone the operator means and waits for their
// acknowledgements; set a time limit in the context. It returns as soon as all
// who were asked have answered, so at once if nobody was.
//
// When the context ends, or a client goes before it has answered, the error is
// an *UnansweredError with the answers there are, which are returned as well.
// Otherwise the errors are those of [Operator.Emit]. All receivers are asked
// under one id, counted by the namespace, as by servers of 4.x. Since 4.5.
//
// It may be called by a handler; see [Socket.EmitWithAck].
func (o Operator) EmitWithAcks(ctx context.Context, event string, args ...any) (Responses, error) {
	switch {
	case o.parent != nil:
		return o.askChildren(ctx, event, args)
	case callbackOf(args) != nil:
		return Responses{}, errCallbackAndWait
	case o.self:
		o = o.ns.To(o.sender.id).with(o.flags)
	}
	if err := context.Cause(ctx); err != nil {
		return Responses{}, fmt.Errorf("socketio: acknowledgements: %w", err)
	}
	p, err := eventPacket(o.ns, event, args, o.flags)
	if err != nil {
		return Responses{}, err
	}
	p.ID, p.HasID = o.ns.NextAckID(), true
	got, err := o.ns.adapter.BroadcastWithAck(ctx, packet.Prepare(p), o.target())
	all := responsesOf(got)
	switch {
	case err != nil && ctx.Err() == nil:
		return all, fmt.Errorf("socketio: broadcast: %w", err)
	case err == nil && len(all.Answers) < all.Asked:
		err = ErrDisconnected
	case err == nil:
		return all, nil
	}
	return all, &UnansweredError{Responses: all, Err: err}
}

// EmitWithAcks asks every socket of the namespace; see [Operator.EmitWithAcks].
func (n *Namespace) EmitWithAcks(ctx context.Context, event string, args ...any) (Responses, error) {
	return n.all().EmitWithAcks(ctx, event, args...)
}

// EmitWithAcks is [Namespace.EmitWithAcks] of "/".
func (s *Server) EmitWithAcks(ctx context.Context, event string, args ...any) (Responses, error) {
	return s.root.EmitWithAcks(ctx, event, args...)
}

// responsesOf leaves out answers whose arguments are none.
func responsesOf(got rooms.Answers) Responses {
	all := Responses{Asked: got.Asked, NotAsked: got.NotAsked}
	for _, a := range got.Answered {
		if args, err := argsOf(a.Packet, nil); err == nil {
			all.Answers = append(all.Answers, Response{SocketID: a.ID, Args: args})
		}
	}
	return all
}

// askChildren asks in every namespace of a parent at once.
func (o Operator) askChildren(ctx context.Context, event string, args []any) (Responses, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all Responses
	var errs []error
	for _, child := range o.parent.Children() {
		wg.Go(func() {
			got, err := o.in(child).EmitWithAcks(ctx, event, args...)
			mu.Lock()
			defer mu.Unlock()
			all.Answers = append(all.Answers, got.Answers...)
			all.Asked += got.Asked
			all.NotAsked += got.NotAsked
			errs = append(errs, o.parent.unlessRemoved(child, err))
		})
	}
	wg.Wait()
	err := errors.Join(errs...)
	if un := (*UnansweredError)(nil); errors.As(err, &un) {
		return all, &UnansweredError{Responses: all, Err: un.Err}
	}
	return all, err
}

// NextAckID returns an id for a question to sockets of the namespace that no
// other question has. It is for adapters that deliver a question of another
// node.
func (n *Namespace) NextAckID() int64 { return n.acks.Add(1) - 1 }

var _ rooms.Asker = (*member)(nil)

// Ask delivers an event of a broadcast that asks for an acknowledgement.
func (m *member) Ask(p *packet.Prepared, tell func(id string, answer *packet.Packet)) (bool, error) {
	s := (*Socket)(m)
	if !s.client.conn.Can(packet.FeatureAcks) {
		return false, m.Deliver(p)
	}
	id := p.Packet().ID
	if err := s.expect(id, pendingAck{tell: tell}); err != nil {
		return false, err
	}
	err := m.Deliver(p)
	if err == nil {
		return true, nil
	}
	if _, ok := s.withdraw(id); !ok {
		// It has been told already that none can come.
		return true, nil
	}
	return false, err
}

// Withdraw ends the wait for an answer.
func (m *member) Withdraw(id int64) { (*Socket)(m).withdraw(id) }
