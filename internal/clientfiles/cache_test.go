package clientfiles

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// countingFS counts how often files are opened to be read; a gate holds that up.
type countingFS struct {
	fstest.MapFS
	opened atomic.Int32
	gate   chan struct{}
}

func (c *countingFS) Open(name string) (fs.File, error) {
	c.opened.Add(1)
	if c.gate != nil {
		<-c.gate
	}
	return c.MapFS.Open(name)
}

func fetch(t *testing.T, c *cache, path string) string {
	t.Helper()
	info, err := fs.Stat(c.files, path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.get(t.Context(), path, info)
	if err != nil {
		t.Fatal(err)
	}
	return string(got.plain)
}

func TestCacheReadsAgainWhatChanged(t *testing.T) {
	t.Parallel()
	files := &countingFS{MapFS: fstest.MapFS{"a": {Data: []byte("one"), ModTime: when}}}
	c := newCache(files, maxCached)
	steps := []struct {
		name   string
		file   *fstest.MapFile
		want   string
		opened int32
	}{
		{"first", files.MapFS["a"], "one", 1},
		{"unchanged", files.MapFS["a"], "one", 1},
		{"later", &fstest.MapFile{Data: []byte("two"), ModTime: when.Add(time.Second)}, "two", 2},
		{"earlier", &fstest.MapFile{Data: []byte("six"), ModTime: when}, "six", 3},
		{"longer", &fstest.MapFile{Data: []byte("three"), ModTime: when}, "three", 4},
	}
	for _, step := range steps {
		files.MapFS["a"] = step.file
		if got := fetch(t, c, "a"); got != step.want || files.opened.Load() != step.opened {
			t.Errorf("%s: %q after %d readings", step.name, got, files.opened.Load())
		}
	}
	if want := len("three") + overhead; c.bytes != want || len(c.entries) != 1 {
		t.Errorf("%d bytes in %d entries, want %d", c.bytes, len(c.entries), want)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	files := &countingFS{MapFS: fstest.MapFS{}}
	for i := range 10 {
		files.MapFS[strconv.Itoa(i)] = &fstest.MapFile{Data: make([]byte, 1000)}
	}
	c := newCache(files, 3*(1000+overhead))
	for i := range 10 {
		fetch(t, c, strconv.Itoa(i))
		fetch(t, c, "0") // in constant use
		if c.bytes > c.max || len(c.entries) > 3 {
			t.Fatalf("%d bytes in %d entries", c.bytes, len(c.entries))
		}
	}
	if got := files.opened.Load(); got != 10 {
		t.Errorf("%d readings: the file in use was forgotten", got)
	}
	fetch(t, c, "1")
	if got := files.opened.Load(); got != 11 {
		t.Errorf("%d readings: an old file was kept", got)
	}
}

// TestCacheReadsOnce holds up the reading while others come: they wait for it
// and read nothing themselves, and one that cannot wait any longer goes.
func TestCacheReadsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		files := &countingFS{MapFS: fstest.MapFS{"a": {Data: []byte("one")}, "b": {Data: []byte("two")}}}
		c := newCache(files, maxCached)
		info, err := fs.Stat(files.MapFS, "a")
		if err != nil {
			t.Fatal(err)
		}
		files.gate = make(chan struct{})
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if got, err := c.get(t.Context(), "a", info); err != nil || string(got.plain) != "one" {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.get(ctx, "a", info); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if !c.mu.TryLock() {
			t.Fatal("the lock is held during the reading")
		}
		c.mu.Unlock()
		close(files.gate)
		wait.Wait()
		if got := files.opened.Load(); got != 1 {
			t.Errorf("%d readings", got)
		}
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	f := New(testFS())
	f.cache.max = len(large) + 2*overhead // so that files come and go
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				rest, want := "/socket.io.js", string(large)
				if i%2 == 0 {
					rest, want = "/2.5.0/socket.io.js", string(modern)
				}
				if w := get(f, "GET", rest); w.Code != 200 || w.Body.String() != want {
					t.Errorf("%s: %d, %d bytes", rest, w.Code, w.Body.Len())
				}
			}
		})
	}
	wait.Wait()
}
