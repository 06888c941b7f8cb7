package negotiate

import "strings"

// isFileName recognises the first segment of the paths under which servers of
// any generation gave out their clients: socket.io.js, socket.io.js.map,
// socket.io.v0.9.17.js, socket.io+websocket.js, socket.io.min.js, and the Flash
// files of 0.6 and 0.7-0.9. A release, as in 2.5.0/socket.io.js, is a folder of
// files, too: several releases side by side.
func isFileName(first string) bool {
	switch first {
	case "static", "lib", "WebSocketMain.swf", "WebSocketMainInsecure.swf":
		return true
	}
	if isRelease(first) {
		return true
	}
	rest, ok := strings.CutPrefix(first, "socket.io")
	if !ok || rest == "" || rest[0] != '.' && rest[0] != '+' && rest[0] != '-' {
		return false
	}
	return strings.HasSuffix(rest, ".js") || strings.HasSuffix(rest, ".map")
}

// isRelease recognises three numbers with points between them.
func isRelease(first string) bool {
	parts := strings.Split(first, ".")
	return len(parts) == 3 && isNumber(parts[0]) && isNumber(parts[1]) && isNumber(parts[2])
}

func fileVerdict(_ *Request, _ *query, _ string, _ *string) Verdict {
	return Verdict{Kind: KindFile, Reason: "path names a client file"}
}
