package versions

// Info tells what is known of a client and how it was recognised.
type Info struct {
	// Generation names the row of the catalogue in package compat: "1.x".
	Generation string `json:"generation"`
	// Dialect names the wire dialect within it, for example "1.0.3-1.0.6".
	Dialect string `json:"dialect"`
	// Transport is the registered name of the carrier in use: "polling".
	Transport string `json:"transport"`
	// Evidence lists what led to this answer, oldest first.
	Evidence []string `json:"evidence"`
}
