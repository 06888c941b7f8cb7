package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/heirloom-io/socketio/rooms"
)

// RemoteSocket is a socket as [Operator.FetchSockets] found it: what was known of
// it at that moment, and the means to act on it wherever in a cluster it is.
// Actions go by its id, through the adapter, and have no effect once it is gone
// or has left the room of its id.
type RemoteSocket struct {
	ns        *Namespace
	id        string
	rooms     []string
	handshake *Handshake
	data      map[string]any // json.RawMessage each, unless local
	local     *Socket        // nil for a socket of another node
}

// ID returns the socket's id.
func (r *RemoteSocket) ID() string { return r.id }

// Namespace returns the namespace.
func (r *RemoteSocket) Namespace() *Namespace { return r.ns }

// Handshake returns what the client said when it connected.
func (r *RemoteSocket) Handshake() *Handshake { return r.handshake }

// Rooms returns the rooms the socket was in, in alphabetical order.
func (r *RemoteSocket) Rooms() []string { return slices.Clone(r.rooms) }

// Data returns what was kept with the socket; see [Socket.Set]. The values of a
// socket of another node are those encoding/json makes of theirs.
func (r *RemoteSocket) Data() map[string]any {
	all := make(map[string]any, len(r.data))
	for key, v := range r.data {
		if raw, ok := v.(json.RawMessage); ok && r.local == nil {
			v = nil
			_ = json.Unmarshal(raw, &v) // it has been decoded once
		}
		all[key] = v
	}
	return all
}

// Operator returns an operator that means the socket.
func (r *RemoteSocket) Operator() Operator { return r.ns.To(r.id) }

// Emit sends an event to the client; see [Operator.Emit].
func (r *RemoteSocket) Emit(event string, args ...any) error {
	return r.Operator().Emit(event, args...)
}

// EmitWithAck sends an event to the client and waits for its answer. The errors
// are those of [Socket.EmitWithAck], but for a client whose release knows no
// acknowledgements, which gets the event before the error is returned. Since 4.6.
func (r *RemoteSocket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	got, err := r.Operator().EmitWithAcks(ctx, event, args...)
	switch {
	case err != nil:
		return Args{}, err
	case len(got.Answers) > 0:
		return got.Answers[0].Args, nil
	case got.NotAsked > 0:
		return Args{}, ErrAcksUnsupported
	}
	return Args{}, ErrDisconnected
}

// Join puts the socket into rooms.
func (r *RemoteSocket) Join(rooms ...string) error { return r.Operator().SocketsJoin(rooms...) }

// Leave takes the socket out of rooms.
func (r *RemoteSocket) Leave(rooms ...string) error { return r.Operator().SocketsLeave(rooms...) }

// Disconnect disconnects the socket; see [Socket.Disconnect].
func (r *RemoteSocket) Disconnect(closeConn bool) error {
	return r.Operator().DisconnectSockets(closeConn)
}

// FetchSockets returns everyone the operator means, those on other nodes of a
// cluster included unless it is local, in no order. When the context ends before
// every node has answered, those that are known are returned with its cause; a
// socket that another node describes wrongly is left out, with an error.
// Since 4.0.
func (o Operator) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	if o.self {
		o = o.ns.To(o.sender.id).with(o.flags)
	}
	var all []*RemoteSocket
	err := o.act("fetch", func(o Operator) error {
		list, err := o.ns.adapter.FetchSockets(ctx, o.target())
		for i := range list {
			r, bad := o.ns.remote(&list[i])
			if bad != nil {
				err = errors.Join(err, bad)
				continue
			}
			all = append(all, r)
		}
		return err
	})
	return all, err
}

// FetchSockets returns the sockets of the namespace; see [Operator.FetchSockets].
func (n *Namespace) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	return n.all().FetchSockets(ctx)
}

// FetchSockets is [Namespace.FetchSockets] of "/".
func (s *Server) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	return s.root.FetchSockets(ctx)
}

func (n *Namespace) remote(d *rooms.Details) (*RemoteSocket, error) {
	r := &RemoteSocket{ns: n, id: d.ID, rooms: d.Rooms}
	if m, ok := d.Member.(*member); ok {
		r.local = (*Socket)(m)
		r.handshake, r.data = r.local.Handshake(), r.local.Data()
		return r, nil
	}
	r.handshake = new(Handshake)
	if len(d.Handshake) > 0 {
		if err := json.Unmarshal(d.Handshake, r.handshake); err != nil {
			return nil, fmt.Errorf("handshake of another node: %w", err)
		}
	}
	raw := map[string]json.RawMessage{}
	if len(d.Data) > 0 {
		if err := json.Unmarshal(d.Data, &raw); err != nil {
			return nil, fmt.Errorf("data of another node: %w", err)
		}
	}
	r.data = make(map[string]any, len(raw))
	for key, v := range raw {
		r.data[key] = v
	}
	return r, nil
}

var _ rooms.Describer = (*member)(nil)

// Describe returns the socket's handshake and data as another node needs them.
func (m *member) Describe() (handshake, data json.RawMessage, err error) {
	s := (*Socket)(m)
	if handshake, err = json.Marshal(s.Handshake()); err != nil {
		return nil, nil, fmt.Errorf("socketio: handshake: %w", err)
	}
	if data, err = json.Marshal(s.Data()); err != nil {
		return nil, nil, fmt.Errorf("socketio: data: %w", err)
	}
	return handshake, data, nil
}
