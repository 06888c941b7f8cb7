package outbox

import (
	"math/rand"
	"testing"

	"github.com/heirloom-io/socketio/packet"
)

// TestNothingLostOrReordered runs producers of one order each against drains
// that replace each other and put some frames back.
func TestNothingLostOrReordered(t *testing.T) {
	t.Parallel()
	const n = 5000
	o := box(1<<30, 1<<30)
	go func() {
		for i := range n {
			f := packet.Frame{Data: []byte{byte(i >> 8), byte(i)}}
			if i%3 == 0 {
				_ = o.PutControl(&f)
			} else {
				_ = o.Put([]packet.Frame{f2(i)}, false)
			}
		}
	}()
	rnd := rand.New(rand.NewSource(1))
	next := 0
	for next < n {
		wake := make(signal, 1)
		d := &wake
		o.Attach(d)
		for next < n {
			<-wake
			stop := false
			for {
				got := o.Take(d, nil, 1+rnd.Intn(20))
				if len(got) == 0 {
					break
				}
				if rnd.Intn(10) == 0 {
					o.PutBack(got)
					stop = true
					break
				}
				for _, f := range got {
					if v := int(f.Data[0])<<8 | int(f.Data[1]); v != next {
						t.Fatalf("got %d, want %d", v, next)
					}
					next++
				}
			}
			if stop {
				break
			}
		}
	}
}

func f2(i int) packet.Frame { return packet.Frame{Data: []byte{byte(i >> 8), byte(i)}} }

type signal chan struct{}

func (s *signal) Wake() {
	select {
	case *s <- struct{}{}:
	default:
	}
}
