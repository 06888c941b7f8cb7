package clientfiles

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"
)

const (
	cacheUnversioned = "public, max-age=0"
	cacheVersioned   = "public, max-age=31536000, immutable"

	// writeTimeout bounds one answer: it lets the largest client through at
	// modem speed, and ends a connection that takes nothing.
	writeTimeout = 60 * time.Second
)

// Files serves the client files of one file system. All methods may be called
// concurrently.
type Files struct {
	files fs.FS
	cache *cache
}

// New returns a handler for the client files in files. A top-level file serves
// the URL of its name; a directory named after a release holds the files of that
// release. With nil no file is found.
//
// Files are kept in memory, up to 16 MiB together, and read again when their
// time of modification or their size has changed.
func New(files fs.FS) *Files {
	return &Files{files: files, cache: newCache(files, maxCached)}
}

// Has reports whether the part of a path behind the resource names a client
// file that is there.
func (f *Files) Has(rest string) bool {
	n, ok := parse(rest)
	if !ok {
		return false
	}
	_, _, err := f.find(n)
	return err == nil
}

// ServeHTTP serves the request's path, from which http.StripPrefix or the like
// has removed the resource; see ServeFile.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.ServeFile(w, r, r.URL.Path)
}

// ServeFile answers a request for the file that rest names: the part of the
// decoded path behind the resource, with its leading slash. Anything but a
// client file is 404, any method but GET and HEAD 405. Unlike genuine servers,
// which compare If-None-Match byte for byte with the release in quotes, it has
// entity tags made from the content, and takes lists and weak tags.
func (f *Files) ServeFile(w http.ResponseWriter, r *http.Request, rest string) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	n, ok := parse(rest)
	if !ok {
		http.Error(w, "no such client file", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	at, info, err := f.find(n)
	var c *content
	if err == nil {
		c, err = f.cache.get(r.Context(), at, info)
	}
	if err != nil {
		status, text := failure(err)
		http.Error(w, text, status)
		return
	}
	f.describe(h, n, rest)
	serve(w, r, c, info.ModTime())
}

// failure turns an error into an answer, which says nothing of its cause.
func failure(err error) (status int, text string) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound, "no such client file"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, "try again later"
	default:
		return http.StatusInternalServerError, "client file cannot be read"
	}
}

// find returns where in the file system a file is.
func (f *Files) find(n name) (string, fs.FileInfo, error) {
	if f.files == nil {
		return "", nil, fs.ErrNotExist
	}
	info, err := f.stat(n.path)
	if err == nil || n.other == "" || !errors.Is(err, fs.ErrNotExist) {
		return n.path, info, err
	}
	info, err = f.stat(n.other)
	return n.other, info, err
}

// stat describes a regular file; everything else does not exist.
func (f *Files) stat(at string) (fs.FileInfo, error) {
	if !fs.ValidPath(at) {
		return nil, fs.ErrNotExist
	}
	info, err := fs.Stat(f.files, at)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fs.ErrNotExist
	case info.Size() > maxFile:
		return nil, errTooLarge
	}
	return info, nil
}

// describe sets the headers that follow from the name.
func (f *Files) describe(h http.Header, n name, rest string) {
	h.Set("Content-Type", n.contentType)
	h.Set("Cache-Control", cacheUnversioned)
	if n.release != "" {
		h.Set("Cache-Control", cacheVersioned)
	}
	if n.contentType == typeScript && f.Has(rest+".map") {
		// Relative to the script's own URL, so that it holds under any prefix. 1.7
		// sent the older name of the header.
		at := path.Base(n.path) + ".map"
		h["SourceMap"] = []string{at}
		h["X-SourceMap"] = []string{at}
	}
}

func serve(w http.ResponseWriter, r *http.Request, c *content, modified time.Time) {
	h := w.Header()
	data := c.plain
	h.Set("ETag", c.tag)
	if c.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		// Ranges are those of the plain file, whose bytes a client can join.
		if r.Header.Get("Range") == "" && acceptsGzip(r.Header) {
			data = c.gzipped
			h.Set("ETag", c.gzipTag)
			h.Set("Content-Encoding", "gzip")
			w = &lengthWriter{ResponseWriter: w, length: len(data)}
		}
	}
	ctl := http.NewResponseController(w)
	// Where deadlines or flushing are not supported the server's own must do.
	_ = ctl.SetWriteDeadline(time.Now().Add(writeTimeout))
	http.ServeContent(w, r, "", modified, bytes.NewReader(data))
	_ = ctl.Flush()
	_ = ctl.SetWriteDeadline(time.Time{})
}

// lengthWriter announces the length of an encoded answer, which ServeContent
// leaves open. Answers without the content have none.
type lengthWriter struct {
	http.ResponseWriter
	length int
}

// WriteHeader implements http.ResponseWriter.
func (w *lengthWriter) WriteHeader(status int) {
	if status == http.StatusOK {
		w.Header().Set("Content-Length", strconv.Itoa(w.length))
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what the writer below can do.
func (w *lengthWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
