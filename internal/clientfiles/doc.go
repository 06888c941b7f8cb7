// Package clientfiles serves the scripts of the browser's clients from a file
// system that the user of the server gives.
//
//	GET /socket.io/socket.io.js          -> socket.io.js
//	GET /socket.io/socket.io-2.5.0.js    -> socket.io-2.5.0.js, else 2.5.0/socket.io.js
//	GET /socket.io/2.5.0/socket.io.js    -> 2.5.0/socket.io.js
//
// It knows how genuine servers of all generations called these files, so that
// a page written for any of them finds its script, and it knows HTTP: entity
// tags, ranges, gzip, source maps. It must not know what is in the scripts, nor
// anything else of this module; and only a request that names a client file in
// one of the known ways gets as far as the file system.
//
// The package starts no goroutine that outlives a request.
package clientfiles
