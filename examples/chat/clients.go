package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// install is the command that brings the genuine clients.
const install = "make demo-clients"

// bundles are the places of the browser build in a client's package; it moved in
// the course of the releases. Before 0.7 that package is the server's, which the
// client came with.
var bundles = []string{
	"dist/socket.io.js",
	"socket.io.js",
	"support/socket.io-client/socket.io.js", // 0.6
	"example/client/socket.io.js",           // 0.5
	"test/client/socket.io.js",              // 0.2
}

// release is an installed client.
type release struct {
	Version string `json:"version"`
	file    string
}

// serveClients serves the list of installed clients at /clients.json and their
// browser builds at /clients/VERSION/socket.io.js. The directory is read for
// each list, so that clients installed later need no restart.
func serveClients(mux *http.ServeMux, dir string) {
	mux.Handle("GET /clients.json", secure(policy, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"clients": installed(dir), "install": install})
	})))
	mux.Handle("GET /clients/{version}/socket.io.js", secure(policy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The version is looked up, never made part of a path.
		all := installed(dir)
		i := slices.IndexFunc(all, func(c release) bool { return c.Version == r.PathValue("version") })
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		http.ServeFile(w, r, all[i].file)
	})))
}

// installed lists the clients in a node_modules directory, oldest first. Each
// is there under an alias that ends in its version.
func installed(dir string) []release {
	const alias = "sio-client-"
	found := []release{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return found // nothing is installed
	}
	for _, entry := range entries {
		version, ok := strings.CutPrefix(entry.Name(), alias)
		if !ok {
			continue
		}
		for _, bundle := range bundles {
			file := filepath.Join(dir, entry.Name(), filepath.FromSlash(bundle))
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				found = append(found, release{version, file})
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b release) int { return slices.Compare(numbers(a.Version), numbers(b.Version)) })
	return found
}

// numbers splits a version for comparison: "1.10.2" is [1 10 2].
func numbers(version string) []int {
	var n [3]int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &n[0], &n[1], &n[2])
	return n[:]
}
