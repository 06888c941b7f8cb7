package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	socketio "github.com/heirloom-io/socketio"
)

// options are what the command line says.
type options struct {
	addr   string
	pprof  string
	flash  bool
	config socketio.Config
}

// parseOptions reads the command line. It writes its complaints and the usage
// to out.
func parseOptions(args []string, out io.Writer) (options, error) {
	var (
		o          options
		transports string
		serve      string
	)
	flags := flag.NewFlagSet("contract", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:3000", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.pprof, "pprof", "", "`address` to serve profiles on, none by default")
	flags.BoolVar(&o.flash, "flash-policy", false, "answer Flash's request for the policy on the same port")
	flags.StringVar(&serve, "serve", "", "`directory` of client files to serve below the path")
	flags.StringVar(&o.config.Path, "path", "", "path under which clients connect (default \"/socket.io\")")
	flags.DurationVar(&o.config.PingInterval, "ping-interval", 0, "time between heartbeats (default 25s)")
	flags.DurationVar(&o.config.PingTimeout, "ping-timeout", 0, "time to answer a heartbeat (default 5s, since 3.0 20s)")
	flags.IntVar(&o.config.MaxPayload, "max-payload", 0, "largest body or message in `bytes` (default 100000000, since 3.0 1000000)")
	flags.StringVar(&o.config.Generations, "generations", "", "`constraint` on the releases to admit, such as \">= 1.0, < 3\"")
	flags.StringVar(&transports, "transports", "", "comma `list` of transports, each for all generations or for one: \"polling,v1:websocket\"")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("contract: unexpected argument %q", flags.Arg(0))
	}
	o.config.V4.PingTimeout, o.config.V4.MaxPayload = o.config.PingTimeout, o.config.MaxPayload
	if serve != "" {
		o.config.ClientFiles = os.DirFS(serve)
	}
	return o, setTransports(&o.config, transports)
}

// legacyTransports are the names that clients of 0.7 to 0.9 have.
var legacyTransports = []string{"websocket", "flashsocket", "htmlfile", "xhr-polling", "jsonp-polling"}

// setTransports admits the transports of a comma list. A generation that the
// list names has only those named for it and those for all; one that it does
// not name has those for all. If any is named, names for all that are none of
// v0's, or none but v0's, mean nothing to the others.
func setTransports(c *socketio.Config, list string) error {
	if list == "" {
		return nil
	}
	own := map[string]*[]string{
		"v0": &c.V0.Transports, "v1": &c.V1.Transports, "v2": &c.V2.Transports, "v4": &c.V4.Transports,
	}
	var all []string
	limited := false
	for entry := range strings.SplitSeq(list, ",") {
		generation, name, ok := strings.Cut(entry, ":")
		if !ok {
			all = append(all, entry)
			continue
		}
		names, ok := own[generation]
		if !ok {
			return fmt.Errorf("contract: -transports: no generation %q", generation)
		}
		*names = append(*names, name)
		limited = true
	}
	if !limited {
		c.Transports = all
		return nil
	}
	for generation, names := range own {
		for _, name := range all {
			legacy := slices.Contains(legacyTransports, name)
			if name == "websocket" || legacy == (generation == "v0") {
				*names = append(*names, name)
			}
		}
	}
	return nil
}
