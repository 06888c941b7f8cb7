package compat

import (
	"strings"

	"github.com/heirloom-io/socketio/packet"
)

const (
	sinceColon  = packet.FeatureEvents | packet.FeatureAcks | packet.FeatureNamespaces
	sinceBinary = sinceColon | packet.FeatureBinary
	// Until 2.x an error in a namespace did not end it, since 1.0.
	family      = sinceBinary | packet.FeatureEventErrors
	sinceOwnIDs = sinceBinary | packet.FeatureOwnIDs
)

// catalogue is the list of generations, indexed by ID. The releases are those
// of the server packages; client releases that no server release accompanied
// stand in the list too. The client of 0.1 to 0.4 counted for itself (0.1 to
// 0.2.4): a constraint means the server release it came with.
var catalogue = [Count]Generation{
	V01: {
		ID:   V01,
		Name: "0.1-0.4",
		Releases: strings.Fields(`0.1.0
			0.2.0 0.2.1 0.2.2 0.2.3
			0.3.0 0.3.1 0.3.2 0.3.3 0.3.4 0.3.5 0.3.6 0.3.7 0.3.8 0.3.9
			0.4.0 0.4.1`),
		Mark:   "path /<transport>; messages in a JSON envelope",
		Served: true,
	},
	V05: {
		ID:   V05,
		Name: "0.5-0.6",
		Releases: strings.Fields(`0.5.0 0.5.1 0.5.2 0.5.3
			0.6.0 0.6.1 0.6.2 0.6.3 0.6.4 0.6.5 0.6.6 0.6.7 0.6.8 0.6.9
			0.6.10 0.6.11 0.6.12 0.6.13 0.6.14 0.6.15 0.6.16 0.6.17 0.6.18`),
		Mark:   "path /<transport>; messages in ~m~ frames",
		Served: true,
	},
	V07: {
		ID:   V07,
		Name: "0.7-0.9",
		Releases: strings.Fields(`0.7.0 0.7.1 0.7.2 0.7.3 0.7.4 0.7.5 0.7.6 0.7.7
			0.7.8 0.7.9 0.7.10 0.7.11
			0.8.0 0.8.1 0.8.2 0.8.3 0.8.4 0.8.5 0.8.6 0.8.7
			0.9.0 0.9.1 0.9.2 0.9.3 0.9.4 0.9.5 0.9.6 0.9.7 0.9.8 0.9.9
			0.9.10 0.9.11 0.9.12 0.9.13 0.9.14 0.9.15 0.9.16 0.9.17 0.9.18 0.9.19`),
		Mark:     "path /1/",
		Features: sinceColon,
		Served:   true,
	},
	V1: {
		ID:   V1,
		Name: "1.x",
		Releases: strings.Fields(`1.0.0 1.0.1 1.0.2 1.0.3 1.0.4 1.0.5 1.0.6
			1.1.0 1.2.0 1.2.1
			1.3.0 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7
			1.4.0 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.6 1.4.7 1.4.8
			1.5.0 1.5.1 1.6.0
			1.7.0 1.7.1 1.7.2 1.7.3 1.7.4`),
		Mark:     "query EIO=2, EIO=3 or no EIO; told from 2.x by its habits",
		Features: family,
		Served:   true,
	},
	V2: {
		ID:   V2,
		Name: "2.x",
		Releases: strings.Fields(`2.0.0 2.0.1 2.0.2 2.0.3 2.0.4
			2.1.0 2.1.1 2.2.0 2.3.0 2.3.1 2.4.0 2.4.1 2.5.0 2.5.1`),
		Mark:     "query EIO=3 or no EIO",
		Features: family,
		Served:   true,
	},
	V4: {
		ID:   V4,
		Name: "3.x-4.x",
		Releases: strings.Fields(`3.0.0 3.0.1 3.0.2 3.0.3 3.0.4 3.0.5
			3.1.0 3.1.1 3.1.2 3.1.3
			4.0.0 4.0.1 4.0.2 4.1.0 4.1.1 4.1.2 4.1.3 4.2.0
			4.3.0 4.3.1 4.3.2 4.4.0 4.4.1
			4.5.0 4.5.1 4.5.2 4.5.3 4.5.4 4.6.0 4.6.1 4.6.2
			4.7.0 4.7.1 4.7.2 4.7.3 4.7.4 4.7.5
			4.8.0 4.8.1 4.8.2 4.8.3 4.8.4`),
		Mark:     "query EIO=4",
		Features: sinceOwnIDs,
		Served:   true,
	},
}
