package transports

import (
	"sync"
	"testing"
)

func TestBudget(t *testing.T) {
	t.Parallel()
	b := NewBudget(100)
	steps := []struct {
		take, give int
		ok         bool
		used       int64
	}{
		{take: 60, ok: true, used: 60},
		{take: 41, ok: false, used: 60},
		{take: 40, ok: true, used: 100},
		{take: 1, ok: false, used: 100},
		{take: 0, ok: true, used: 100},
		{give: 100, take: 101, ok: false, used: 0},
		{take: 100, ok: true, used: 100},
	}
	for i, s := range steps {
		b.Release(s.give)
		if ok := b.Acquire(s.take); ok != s.ok || b.Used() != s.used {
			t.Errorf("step %d: %v, %d in use", i, ok, b.Used())
		}
	}
}

func TestBudgetNone(t *testing.T) {
	t.Parallel()
	var b *Budget
	if !b.Acquire(1<<62) || b.Used() != 0 {
		t.Error("a nil budget has a bound")
	}
	b.Release(1 << 62)
}

func TestBudgetConcurrent(t *testing.T) {
	t.Parallel()
	b := NewBudget(10)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if b.Acquire(3) {
					b.Release(3)
				}
			}
		})
	}
	wg.Wait()
	if n := b.Used(); n != 0 {
		t.Errorf("%d left in use", n)
	}
}
