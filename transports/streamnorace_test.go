//go:build !race

package transports

const raceFactor = 1
