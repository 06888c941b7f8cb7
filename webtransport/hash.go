package webtransport

import "crypto/sha256"

// Hash returns the SHA-256 hash of a certificate in DER, which a page gives to its
// client so that the browser takes a certificate that nobody known has signed:
//
//	io(url, {transportOptions: {webtransport: {
//	  serverCertificateHashes: [{algorithm: "sha-256", value: hash}]
//	}}})
func Hash(der []byte) [sha256.Size]byte { return sha256.Sum256(der) }
