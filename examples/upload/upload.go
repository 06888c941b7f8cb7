package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"log"
	"os"

	socketio "github.com/heirloom-io/socketio"
)

const (
	// maxPart is the largest part, and maxFile the largest file, in bytes.
	maxPart = 64 << 10
	maxFile = 1 << 30
	// maxMessage leaves room for a part in base64, which is how it travels over polling
	// and in 0.9, and for what JSONP makes of that.
	maxMessage = 2 * maxPart
	// maxName bounds what a client may call a file, in bytes.
	maxName = 200
)

// upload is one file under way. The handlers of a client run one after another, so
// nothing else touches it.
type upload struct {
	name     string
	size     int64
	received int64
	file     *os.File
	sum      hash.Hash
}

// announcement is what a client says of its file.
type announcement struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

var (
	errNone  = &socketio.Error{Message: "begin first"}
	errBusy  = &socketio.Error{Message: "another file is under way"}
	errSize  = &socketio.Error{Message: "the size does not fit"}
	errWrite = &socketio.Error{Message: "the file cannot be written"}
)

// receive adds the handlers of one client.
func receive(s *socketio.Socket, dir string) {
	var u *upload
	s.On("watch", func() bool {
		s.Join("progress")
		return true
	})
	s.On("begin", func(a announcement) (map[string]int, error) {
		if u != nil {
			return nil, errBusy
		}
		if a.Size < 0 || a.Size > maxFile || len(a.Name) > maxName {
			return nil, errSize
		}
		// The name is the client's, so it is shown and never part of a path.
		file, err := os.CreateTemp(dir, "upload-*")
		if err != nil {
			return nil, errors.Join(errWrite, err)
		}
		u = &upload{name: a.Name, size: a.Size, file: file, sum: sha256.New()}
		return map[string]int{"part": maxPart}, nil
	})
	// The answer is the brake: it goes out when the part has been written.
	s.On("part", func(data []byte) (map[string]int64, error) {
		if u == nil {
			return nil, errNone
		}
		if len(data) > maxPart || u.received+int64(len(data)) > u.size {
			return nil, errSize
		}
		if _, err := u.file.Write(data); err != nil {
			return nil, errors.Join(errWrite, err)
		}
		u.sum.Write(data)
		u.received += int64(len(data))
		// Whoever cannot keep up misses some of these, and gets a later one.
		_ = s.Server().To("progress").Volatile().Emit("progress", u.name, u.received, u.size)
		return map[string]int64{"received": u.received}, nil
	})
	s.On("finish", func() (map[string]any, error) {
		if u == nil {
			return nil, errNone
		}
		if u.received != u.size {
			return nil, errSize
		}
		done := u
		u = nil
		if err := done.file.Close(); err != nil {
			return nil, errors.Join(errWrite, err, os.Remove(done.file.Name()))
		}
		return map[string]any{"size": done.size, "sha256": hex.EncodeToString(done.sum.Sum(nil))}, nil
	})
	s.OnDisconnect(func(socketio.Reason) {
		if u != nil {
			if err := errors.Join(u.file.Close(), os.Remove(u.file.Name())); err != nil {
				log.Println("upload:", err)
			}
		}
	})
}
