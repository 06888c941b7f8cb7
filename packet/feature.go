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
)

// Has reports whether the set f contains all of the features in g.
func (f Feature) Has(g Feature) bool {
	return f&g == g
}
