package clientfiles

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// minGzip is the smallest file in bytes that is compressed: below it hardly a
// network packet is saved.
const minGzip = 1 << 10

// compress returns the gzip form of a file, or nil if it is not worth it.
func compress(data []byte) ([]byte, error) {
	if len(data) < minGzip {
		return nil, nil
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if out.Len() >= len(data) {
		return nil, nil
	}
	return bytes.Clone(out.Bytes()), nil
}

// acceptsGzip reads Accept-Encoding as RFC 9110, section 12.5.3, says: what is
// said of gzip itself counts before what is said of all codings.
func acceptsGzip(h http.Header) bool {
	other := false
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip", "x-gzip":
				return wanted(params)
			case "*":
				other = wanted(params)
			}
		}
	}
	return other
}

// wanted reports whether a coding's parameters leave it a weight above 0. A
// weight that is no number counts as a refusal: plain is always understood.
func wanted(params string) bool {
	key, value, found := strings.Cut(params, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(key), "q") {
		return strings.TrimSpace(params) == ""
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q > 0
}
