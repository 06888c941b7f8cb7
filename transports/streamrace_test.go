//go:build race

package transports

// raceFactor is by how much the race detector lets memory grow.
const raceFactor = 2
