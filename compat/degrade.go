package compat

import (
	"fmt"

	"github.com/heirloom-io/socketio/packet"
)

// UnsupportedError is the error for a packet that has no form at all for a
// dialect, or for a question that cannot be put in it.
type UnsupportedError struct {
	// Feature is what the dialect lacks.
	Feature packet.Feature
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	what := "a feature"
	switch e.Feature {
	case packet.FeatureEvents:
		what = "events"
	case packet.FeatureAcks:
		what = "acknowledgements"
	case packet.FeatureNamespaces:
		what = "namespaces"
	case packet.FeatureBinary:
		what = "binary values"
	case packet.FeatureOwnIDs:
		what = "ids of its namespaces' own"
	case packet.FeatureEventErrors:
		what = "errors of events"
	case packet.FeatureRecovery:
		what = "recovery of sessions"
	}
	return fmt.Sprintf("compat: the client's generation has no %s", what)
}

// Is makes errors.Is compare the features, so that a literal can be looked for.
func (e *UnsupportedError) Is(target error) bool {
	t, ok := target.(*UnsupportedError)
	return ok && t.Feature == e.Feature
}

// Degrade returns what a packet becomes for a dialect that has only the given
// features: p itself if it has nothing to lose, otherwise a copy that shares
// memory with it, or nil if the dialect has nothing to say for such a packet.
// p is not changed.
//
// Events stay events: for a dialect without them, [MessageOf] makes a message
// of the result.
//
// The error is an *[UnsupportedError] for a packet of a namespace that the
// client cannot be in, or that of packet.ReplacePlaceholders for arguments that
// do not fit their attachments.
func Degrade(p *packet.Packet, have packet.Feature) (*packet.Packet, error) {
	if !have.Has(packet.FeatureNamespaces) && p.Namespace != packet.DefaultNamespace {
		return nil, &UnsupportedError{Feature: packet.FeatureNamespaces}
	}
	if !have.Has(packet.FeatureEvents) && p.Type != packet.Event {
		return nil, nil
	}
	if !have.Has(packet.FeatureAcks) && p.HasID {
		if p.Type == packet.Ack {
			return nil, nil
		}
		mute := *p
		mute.ID, mute.HasID = 0, false
		p = &mute
	}
	if !have.Has(packet.FeatureBinary) && len(p.Attachments) > 0 {
		return asText(p)
	}
	return p, nil
}

// asText puts the attachments into the arguments.
func asText(p *packet.Packet) (*packet.Packet, error) {
	size := len(p.Args)
	for _, a := range p.Attachments {
		size += len(a)/3*4 + 4
	}
	args, err := packet.ReplacePlaceholders(make([]byte, 0, size), p.Args, len(p.Attachments),
		func(dst []byte, num int) []byte { return packet.AppendBase64(dst, p.Attachments[num]) })
	if err != nil {
		return nil, err
	}
	text := *p
	text.Args, text.Attachments = args, nil
	return &text, nil
}
