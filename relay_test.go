package socketio

import (
	"context"
	"errors"

	"github.com/heirloom-io/socketio/packet"
	"github.com/heirloom-io/socketio/rooms"
)

// relay is an adapter of two nodes in one process: what a target selects on this
// node is left to the store, and the rest to the store of the other. It knows no
// more of the other node than what could be sent over a network.
type relay struct {
	rooms.Adapter
	ns    *Namespace
	other *relay
}

// twoNodes returns two servers whose namespaces "/" belong together.
func twoNodes(make func(config Config) *Server) (a, b *Server) {
	nodes := [2]*relay{}
	node := func(i int) *Server {
		return make(Config{Adapter: func(ns *Namespace) rooms.Adapter {
			nodes[i] = &relay{Adapter: rooms.NewStore(), ns: ns}
			return nodes[i]
		}})
	}
	a, b = node(0), node(1)
	nodes[0].other, nodes[1].other = nodes[1], nodes[0]
	return a, b
}

func (r *relay) both(t rooms.Target, do func(*relay) error) error {
	err := do(r)
	if !t.Local {
		err = errors.Join(err, do(r.other))
	}
	return err
}

func (r *relay) Broadcast(p *packet.Prepared, t rooms.Target) error {
	return r.both(t, func(n *relay) error { return n.Adapter.Broadcast(p, t) })
}

func (r *relay) AddSockets(t rooms.Target, names ...string) error {
	return r.both(t, func(n *relay) error { return n.Adapter.AddSockets(t, names...) })
}

func (r *relay) RemoveSockets(t rooms.Target, names ...string) error {
	return r.both(t, func(n *relay) error { return n.Adapter.RemoveSockets(t, names...) })
}

func (r *relay) DisconnectSockets(t rooms.Target, closeConn bool) error {
	return r.both(t, func(n *relay) error { return n.Adapter.DisconnectSockets(t, closeConn) })
}

func (r *relay) FetchSockets(ctx context.Context, t rooms.Target) ([]rooms.Details, error) {
	var all []rooms.Details
	err := r.both(t, func(n *relay) error {
		list, err := n.Adapter.FetchSockets(ctx, t)
		for _, d := range list {
			if n != r {
				d.Handshake, d.Data, err = d.Member.(rooms.Describer).Describe()
				d.Member = nil
			}
			all = append(all, d)
		}
		return err
	})
	return all, err
}

func (r *relay) BroadcastWithAck(ctx context.Context, p *packet.Prepared, t rooms.Target) (rooms.Answers, error) {
	var all rooms.Answers
	err := r.both(t, func(n *relay) error {
		question := p
		if n != r {
			own := *p.Packet()
			own.ID = n.ns.NextAckID()
			question = packet.Prepare(&own)
		}
		got, err := n.Adapter.BroadcastWithAck(ctx, question, t)
		all.Answered = append(all.Answered, got.Answered...)
		all.Asked += got.Asked
		all.NotAsked += got.NotAsked
		return err
	})
	return all, err
}

func (r *relay) ServerSideEmit(p *packet.Packet) error {
	return r.other.ns.ServerSide(p, nil)
}

func (r *relay) ServerSideEmitWithAck(ctx context.Context, p *packet.Packet) ([]*packet.Packet, error) {
	answer := make(chan *packet.Packet, 1)
	if err := r.other.ns.ServerSide(p, func(a *packet.Packet) { answer <- a }); err != nil {
		return nil, err
	}
	select {
	case a := <-answer:
		return []*packet.Packet{a}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
