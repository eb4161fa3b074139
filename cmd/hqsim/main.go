// Command hqsim runs HQ and both gateways as stand-ins on this machine.
//
// It prints one line of JSON with the addresses and credentials and serves
// until SIGTERM or SIGINT. Exit codes: 0 stopped, 1 could not start or save,
// 2 wrong usage.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"cashier/app/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `hqsim runs HQ and both payment gateways as stand-ins on this machine, prints
one JSON line with their addresses and credentials, and serves until stopped.

  hqsim [--listen 127.0.0.1:0] [--shop DIR] [--faults SPEC] [--seed N] [--state FILE]

`

// run is main without the process: it serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("hqsim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	listen := flags.String("listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 picks a free one")
	shop := flags.String("shop", "", "`folder` with shop.json and pictures/ (default: the built-in demo shop)")
	faults := flags.String("faults", "", "what goes wrong, such as pay=lost-reply,getlist=500#3")
	seed := flags.Uint64("seed", 1, "makes faults with a probability repeatable")
	state := flags.String("state", "", "`file` in which prices, cards and charges survive a restart")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		return complain(stderr, 2, fmt.Errorf("hqsim takes no arguments, only options: %q", flags.Arg(0)))
	}
	s, err := demo.Start(ctx, demo.Params{
		Listen: *listen, Shop: shopFS(*shop), Faults: *faults, Seed: *seed, StatePath: *state,
		Log: slog.New(slog.NewTextHandler(stderr, nil)),
	})
	if err != nil {
		if demo.IsUsage(err) {
			return complain(stderr, 2, err)
		}
		return complain(stderr, 1, err)
	}
	if err := json.NewEncoder(stdout).Encode(s.Endpoints()); err != nil {
		_ = s.Close() // nobody knows the address, so nothing has happened
		return complain(stderr, 1, err)
	}
	<-ctx.Done()
	if err := s.Close(); err != nil {
		return complain(stderr, 1, fmt.Errorf("the state was not saved to %s: %w", *state, err))
	}
	return 0
}

func shopFS(dir string) fs.FS {
	if dir == "" {
		return nil // the built-in shop
	}
	return os.DirFS(dir)
}

func complain(stderr io.Writer, code int, err error) int {
	fmt.Fprintln(stderr, "hqsim:", err)
	return code
}
