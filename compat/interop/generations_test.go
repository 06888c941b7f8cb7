package interop

import (
	"io"
	"net/http"
	"testing"
)

// TestContractGenerations switches generations off at the contract server's
// command line. Genuine clients of those are refused in their own dialect: 0.9
// shows its application the words of the answer, 1.x the status. All others are
// served as ever.
func TestContractGenerations(t *testing.T) {
	t.Parallel()
	need(t, needNode, needClients)
	const (
		colonWords  = "Protocol version not supported."
		engineWords = `{"code":5,"message":"Unsupported protocol version"}`
	)
	servers := []struct {
		name, allowed string
		refused       map[string]string // error by release; none for those that are served
		path          string            // of a handshake that is refused
		status        int
		body          string
	}{
		{
			name: "without 0.7-0.9", allowed: ">= 1.0, < 3", refused: map[string]string{"0.9.17": colonWords, "0.8.7": colonWords},
			path: "/socket.io/1/?t=1795195938441", status: 500, body: colonWords,
		},
		{
			name: "0.7-0.9 alone", allowed: ">= 0.7, < 1.0", refused: map[string]string{"1.7.4": "400", "2.5.0": "400"},
			path: "/socket.io/?EIO=3&transport=polling&t=Q7w5LR8", status: 400, body: engineWords,
		},
	}
	modes := map[string][]string{colonEra: {xhrPolling, websocket}, eventEra: {polling}}
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			_, addr := startContract(t, "-generations", server.allowed)
			for _, r := range suite {
				switch r.release {
				case "0.8.7", "0.9.17", "1.7.4", "2.5.0":
				default:
					continue
				}
				for _, mode := range modes[r.era] {
					_, results := startNode(t, task{
						Release: r.release, Era: r.era, Program: "hold", Mode: mode, URL: "http://" + addr, Tag: "generations", Generation: r.generation,
					})
					want, event := server.refused[r.release], "ready"
					if want != "" {
						event = "error"
					}
					got, err := await(results, event, clientLimit)
					if err != nil || got.Detail != want {
						t.Errorf("%s, %s: %s %q, %v, want %q", r.release, mode, event, got.Detail, err, want)
					}
				}
			}
			resp, err := http.Get("http://" + addr + server.path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != server.status || string(body) != server.body {
				t.Errorf("%s: status %d, body %q, %v, want %d and %q", server.path, resp.StatusCode, body, err, server.status, server.body)
			}
		})
	}
}
