package transports

import (
	"bytes"
	"compress/flate"
	"runtime"
	"sync"

	"github.com/heirloom-io/socketio/packet"
)

// deflater compresses messages as RFC 7692 does without context takeover. A
// writer of compress/flate takes about a megabyte, so at most one for each
// processor works at a time, and idle connections hold none.
type deflater struct {
	threshold int
	level     int
	slots     chan struct{}
	pool      sync.Pool
}

var deflaters sync.Map // of Deflate to *deflater: one pool for equal settings

func deflaterFor(d *Deflate) *deflater {
	if d == nil {
		return nil
	}
	if v, ok := deflaters.Load(*d); ok {
		return v.(*deflater)
	}
	level := d.Level
	if level == 0 {
		level = flate.BestSpeed
	}
	v, _ := deflaters.LoadOrStore(*d, &deflater{
		threshold: d.Threshold,
		level:     level,
		slots:     make(chan struct{}, runtime.GOMAXPROCS(0)),
	})
	return v.(*deflater)
}

// wire returns the compressed websocket frame of f, or nil if f is to be sent
// as it is. The result is kept with the frame, so that a broadcast is
// compressed once.
func (d *deflater) wire(f *packet.Frame) []byte {
	if d == nil || f.NoCompress || len(f.Data) < d.threshold {
		return nil
	}
	b, _ := f.Extra(func(f *packet.Frame) any { return d.compress(f) }).([]byte)
	return b
}

// tail is what a sync flush ends with and RFC 7692 section 7.2.1 leaves out.
var tail = []byte{0, 0, 0xff, 0xff}

func (d *deflater) compress(f *packet.Frame) []byte {
	d.slots <- struct{}{}
	defer func() { <-d.slots }()
	var out bytes.Buffer
	w, ok := d.pool.Get().(*flate.Writer)
	if ok {
		w.Reset(&out)
	} else {
		var err error
		if w, err = flate.NewWriter(&out, d.level); err != nil {
			return nil // an impossible level: send plain
		}
	}
	defer d.pool.Put(w)
	if _, err := w.Write(f.Data); err != nil {
		return nil
	}
	if err := w.Flush(); err != nil {
		return nil
	}
	body := bytes.TrimSuffix(out.Bytes(), tail)
	if len(body) >= len(f.Data) {
		return nil
	}
	dst := make([]byte, 0, maxFrameHeader+len(body))
	return append(appendFrameHeader(dst, firstByte(f)|bitCompressed, len(body)), body...)
}
