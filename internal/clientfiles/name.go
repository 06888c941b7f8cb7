package clientfiles

import "strings"

// maxName bounds what is looked at; the longest genuine name, one of 0.9 with
// every transport in it, has about a hundred bytes.
const maxName = 160

const (
	typeScript = "application/javascript; charset=utf-8"
	typeMap    = "application/json"
	typeFlash  = "application/x-shockwave-flash"
)

// flashNames are the paths of the Flash files that 0.6 and 0.7 to 0.9 gave out.
var flashNames = map[string]bool{
	"WebSocketMain.swf":                            true,
	"WebSocketMainInsecure.swf":                    true,
	"lib/vendor/web-socket-js/WebSocketMain.swf":   true,
	"static/flashsocket/WebSocketMain.swf":         true,
	"static/flashsocket/WebSocketMainInsecure.swf": true,
}

// name is a request for a client file, understood.
type name struct {
	// path is what was asked for, as a path in the file system.
	path string
	// release is the one that the name pins, empty if it pins none.
	release string
	// other is where a pinned file may be instead of at path; empty for nowhere.
	other string
	// contentType is the value of the header.
	contentType string
}

// Match reports whether the part of a path behind the resource, with its
// leading slash, names a client file. It looks at the name alone: the file need
// not be there.
func Match(rest string) bool {
	_, ok := parse(rest)
	return ok
}

// parse understands a name. What it accepts consists of lower-case letters,
// digits, and the signs . - + in fixed places, so it is always a valid path of
// package fs without any element that leads upwards.
func parse(rest string) (name, bool) {
	path, ok := strings.CutPrefix(rest, "/")
	if !ok || len(path) > maxName {
		return name{}, false
	}
	if flashNames[path] {
		return name{path: path, contentType: typeFlash}, true
	}
	n := name{path: path}
	file := path
	if dir, below, found := strings.Cut(path, "/"); found {
		release, tail := scanRelease(dir)
		if release == "" || tail != "" {
			return name{}, false
		}
		n.release, file = release, below
	}
	release, plain, contentType, ok := parseFile(file)
	if !ok || release != "" && n.release != "" {
		return name{}, false
	}
	if release != "" {
		n.release, n.other = release, release+"/"+plain
	}
	n.contentType = contentType
	return n, true
}

// parseFile takes the name of a script apart:
//
//	socket.io[+transport...][.vRELEASE | -RELEASE][.word...].js[.map]
//
// in which the parts between may stand in any order. plain is the name without
// the release.
func parseFile(file string) (release, plain, contentType string, ok bool) {
	rest, ok := strings.CutPrefix(file, "socket.io")
	if !ok {
		return "", "", "", false
	}
	contentType = typeScript
	end := ".js"
	if strings.HasSuffix(rest, ".map") {
		contentType, end = typeMap, ".js.map"
	}
	rest, ok = strings.CutSuffix(rest, end)
	if !ok {
		return "", "", "", false
	}
	plain = "socket.io"
	for rest != "" {
		if found, tail := scanMark(rest); found != "" {
			if release != "" {
				return "", "", "", false
			}
			release, rest = found, tail
			continue
		}
		n := scanPart(rest)
		if n == 0 {
			return "", "", "", false
		}
		plain += rest[:n]
		rest = rest[n:]
	}
	return release, plain + end, contentType, true
}

// scanMark reads a release with what introduces it: ".v" in 0.9, "-" since.
func scanMark(s string) (release, tail string) {
	after, ok := strings.CutPrefix(s, ".v")
	if !ok {
		after, ok = strings.CutPrefix(s, "-")
	}
	if !ok {
		return "", s
	}
	return scanRelease(after)
}

// scanRelease reads 2.5.0, or 4.0.0-alpha.1, from the head of s. The release is
// empty if there is none.
func scanRelease(s string) (release, tail string) {
	i := 0
	for part := range 3 {
		if part > 0 {
			if i == len(s) || s[i] != '.' {
				return "", s
			}
			i++
		}
		n := run(s[i:], digit)
		if n == 0 || n > 5 {
			return "", s
		}
		i += n
	}
	if i < len(s) && s[i] == '-' {
		n := run(s[i+1:], letter)
		if n == 0 {
			return s[:i], s[i:]
		}
		i += 1 + n
		i += run(s[i:], digit)
		for i < len(s) && s[i] == '.' {
			n := run(s[i+1:], digit)
			if n == 0 {
				break
			}
			i += 1 + n
		}
	}
	return s[:i], s[i:]
}

// scanPart returns the length of a word such as ".min", or of a transport such
// as "+xhr-polling", at the head of s; 0 for neither.
func scanPart(s string) int {
	n := 0
	switch s[0] {
	case '.':
		n = run(s[1:], func(c byte) bool { return letter(c) || digit(c) })
	case '+':
		n = run(s[1:], func(c byte) bool { return letter(c) || c == '-' })
	}
	if n == 0 {
		return 0
	}
	return 1 + n
}

func run(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func digit(c byte) bool  { return '0' <= c && c <= '9' }
func letter(c byte) bool { return 'a' <= c && c <= 'z' }
