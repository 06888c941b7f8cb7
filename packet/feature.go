package packet

// Feature is an ability that some dialects have and others lack.
type Feature uint8

// The features that change what a packet becomes for a client; they combine as
// bits.
const (
	// FeatureEvents: named events, not only messages (since 0.7).
	FeatureEvents Feature = 1 << iota
	// FeatureAcks: acknowledgements with data (since 0.7).
	FeatureAcks
	// FeatureNamespaces: several namespaces on a connection (since 0.7).
	FeatureNamespaces
	// FeatureBinary: binary values in arguments (since 1.0).
	FeatureBinary
	// FeatureEventErrors: error packets in a namespace that stays joined, for an
	// event that was refused (1.x and 2.x; other clients would leave it).
	FeatureEventErrors
	// FeatureOwnIDs: namespaces that are joined one by one and do not depend on
	// "/", with a socket id and a payload for each (since 3.0).
	FeatureOwnIDs
	// FeatureRecovery: sessions that survive the loss of a connection, if the server
	// keeps them (since 4.6).
	FeatureRecovery
)

// Has reports whether the set f contains all of the features in g.
func (f Feature) Has(g Feature) bool {
	return f&g == g
}
