//nolint:staticcheck // SA1019: net/http's own client refuses to send an extended CONNECT
package transports

//lint:file-ignore SA1019 net/http's own client refuses to send an extended CONNECT

import (
	"crypto/tls"
	"net/http"

	"golang.org/x/net/http2"
)

// http2Client is a client that can open websockets over HTTP/2.
type http2Client interface {
	http.RoundTripper
	CloseIdleConnections()
}

func newHTTP2Client(config *tls.Config) http2Client {
	return &http2.Transport{TLSClientConfig: config.Clone()}
}
