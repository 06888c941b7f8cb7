package clientfiles

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// maxCached bounds the bytes that are kept, both forms of each file counted.
	maxCached = 16 << 20
	// maxFile is the largest file served; no client comes near it.
	maxFile = 8 << 20
	// overhead is counted for each file besides its content.
	overhead = 1 << 10
)

var errTooLarge = errors.New("clientfiles: file too large")

// content is a file that has been read. It never changes.
type content struct {
	plain []byte
	tag   string // entity tag, quoted
	// gzipped is the compressed form, nil where that is not worth it.
	gzipped []byte
	// gzipTag is the entity tag of the compressed form.
	gzipTag string
}

func (c *content) size() int { return overhead + len(c.plain) + len(c.gzipped) }

// entry is one file of the cache.
type entry struct {
	modified time.Time
	size     int64
	ready    chan struct{} // closed when content and err are set, for good
	content  *content
	err      error

	// Guarded by the cache's mutex:
	used uint64 // tick of the latest use
	cost int    // counted in cache.bytes; 0 until it is ready
}

// cache keeps the files that were asked for last. A file is read again when its
// time or its size has changed.
type cache struct {
	files fs.FS
	max   int
	slots chan struct{} // bounds how many files are read and compressed at a time

	mu sync.Mutex
	// Guarded by mu:
	entries map[string]*entry
	bytes   int
	tick    uint64
}

func newCache(files fs.FS, max int) *cache {
	return &cache{
		files:   files,
		max:     max,
		slots:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		entries: map[string]*entry{},
	}
}

// get returns the content of a file that info describes. Of several callers
// that come at once one reads, and the others wait for it or for their context.
func (c *cache) get(ctx context.Context, path string, info fs.FileInfo) (*content, error) {
	c.mu.Lock()
	c.tick++
	e := c.entries[path]
	if e != nil && e.size == info.Size() && e.modified.Equal(info.ModTime()) {
		e.used = c.tick
		c.mu.Unlock()
		select {
		case <-e.ready:
			return e.content, e.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	c.dropLocked(path)
	e = &entry{modified: info.ModTime(), size: info.Size(), ready: make(chan struct{}), used: c.tick}
	c.entries[path] = e
	c.mu.Unlock()

	c.slots <- struct{}{}
	c.fill(e, path)
	return e.content, e.err
}

// fill reads a file into its entry. A file system that panics leaves nobody
// waiting.
func (c *cache) fill(e *entry, path string) {
	e.err = errors.New("clientfiles: reading failed")
	defer func() {
		<-c.slots
		close(e.ready)
		c.account(e, path)
	}()
	e.content, e.err = read(c.files, path)
}

// account counts an entry that is ready, or forgets one that failed, and makes
// room.
func (c *cache) account(e *entry, path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[path] != e {
		return // replaced meanwhile
	}
	if e.err != nil {
		delete(c.entries, path)
		return
	}
	e.cost = e.content.size()
	c.bytes += e.cost
	for c.bytes > c.max {
		oldest := ""
		for p, other := range c.entries {
			if other.cost > 0 && (oldest == "" || other.used < c.entries[oldest].used) {
				oldest = p
			}
		}
		c.dropLocked(oldest)
	}
}

func (c *cache) dropLocked(path string) {
	if e := c.entries[path]; e != nil {
		c.bytes -= e.cost
		delete(c.entries, path)
	}
}

// read reads a file whole and prepares its forms.
func read(files fs.FS, path string) (*content, error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, errTooLarge
	}
	sum := sha256.Sum256(data)
	tag := hex.EncodeToString(sum[:16])
	c := &content{plain: slices.Clip(data), tag: `"` + tag + `"`}
	if c.gzipped, err = compress(data); err != nil {
		return nil, err
	}
	if c.gzipped != nil {
		c.gzipTag = `"` + tag + `-gzip"`
	}
	return c, nil
}
