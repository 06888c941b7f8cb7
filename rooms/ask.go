package rooms

import (
	"context"
	"sync"

	"github.com/heirloom-io/socketio/packet"
)

// Asker is a member that may answer an event.
type Asker interface {
	Member
	// Ask delivers an event that asks for an acknowledgement. Unless it returns
	// an error or false, tell is called once, with the member's id and what it
	// answered, or nil when it has gone without an answer; that may be before Ask
	// returns, and is not after Withdraw. A member whose release knows no
	// acknowledgements gets the event all the same, and asked is false.
	Ask(p *packet.Prepared, tell func(id string, answer *packet.Packet)) (asked bool, err error)
	// Withdraw ends the wait for the answer to the question of that id.
	Withdraw(id int64)
}

// Answers is what came of a broadcast that asked for acknowledgements.
type Answers struct {
	// Answered are the answers, in the order in which they came.
	Answered []Answer
	// Asked is the number of members that were asked, and NotAsked that of
	// members who got the event without the question, as their release knows no
	// acknowledgements. Members that could not take the event count in neither.
	Asked, NotAsked int
}

// Answer is the answer of one member.
type Answer struct {
	// ID is the member's id; empty if another node has kept it to itself.
	ID string
	// Packet is the acknowledgement.
	Packet *packet.Packet
}

// BroadcastWithAck delivers an event that asks for an acknowledgement to every
// member that a target selects, once each, and waits for the answers. It returns
// when everyone who was asked has answered or has gone, or with the context's
// cause and what had come by then. The packet has an id that no other question
// to these members has.
func (s *Store) BroadcastWithAck(ctx context.Context, p *packet.Prepared, t Target) (Answers, error) {
	q := &inquiry{done: make(chan struct{})}
	id := p.Packet().ID
	var asked []Asker
	err := s.onEach(t, func(m Member) {
		a, ok := m.(Asker)
		if !ok {
			if m.Deliver(p) == nil {
				q.passedOver()
			}
			return
		}
		q.begin()
		switch put, err := a.Ask(p, q.tell); {
		case err != nil:
			q.drop(0)
		case !put:
			q.drop(1)
		default:
			asked = append(asked, a)
		}
	})
	if err != nil {
		return Answers{}, err
	}
	q.seal()
	select {
	case <-q.done:
		return q.result(), nil
	case <-ctx.Done():
	}
	for _, a := range asked {
		a.Withdraw(id)
	}
	return q.result(), context.Cause(ctx)
}

// inquiry collects answers.
type inquiry struct {
	done chan struct{} // closed when no answer is due any more

	mu sync.Mutex
	// Guarded by mu:
	answers Answers
	open    int  // questions without an answer
	sealed  bool // all questions have been put
}

func (q *inquiry) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open++
	q.answers.Asked++
}

// drop takes back what begin has counted, for a member that was not asked.
func (q *inquiry) drop(passedOver int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	q.answers.Asked--
	q.answers.NotAsked += passedOver
}

func (q *inquiry) passedOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.answers.NotAsked++
}

// seal says that all questions have been put.
func (q *inquiry) seal() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sealed = true
	q.settleLocked()
}

func (q *inquiry) tell(id string, answer *packet.Packet) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open--
	if answer != nil {
		q.answers.Answered = append(q.answers.Answered, Answer{ID: id, Packet: answer})
	}
	q.settleLocked()
}

func (q *inquiry) settleLocked() {
	if q.sealed && q.open == 0 {
		select {
		case <-q.done: // by a member that told twice
		default:
			close(q.done)
		}
	}
}

// result returns what has come so far. Later answers do not change it.
func (q *inquiry) result() Answers {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.answers
}
