// Command upload takes files in parts, with progress, and no faster than it writes
// them.
//
//	$ go run ./examples/upload
//
// A client asks begin({name, size}); the answer is {part}, the size in bytes of the
// parts it is to send. Each part(data) is answered with {received}, the bytes there
// are, when it has been written: a client sends the next one then, so that no more
// than one is under way. Whoever has asked watch() gets progress(name, received,
// size). finish() is answered with {size, sha256}. In 0.7 to 0.9, which have no binary
// values, data is {"base64":true,"data":"..."}.
//
// A file that is not finished is removed when its client goes. The goroutines are the
// HTTP server's; all of them have ended when run returns.
package main
