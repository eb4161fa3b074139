// Command cashier is the till's window.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cashier/app/window"
)

func main() { os.Exit(run()) }

// run reads the flags; 2 is wrong usage.
func run() int {
	var p window.Params
	f := flag.NewFlagSet("cashier", flag.ContinueOnError)
	f.StringVar(&p.Dir, "data", "", "folder that holds everything of one till")
	f.BoolVar(&p.Demo, "demo", false, "demo shop on stand-in servers, in a folder of its own; nothing leaves the machine")
	f.StringVar(&p.Scanner, "scanner", "", "serial port or pty of the scanner, instead of the setting")
	f.StringVar(&p.Lang, "lang", "", "language of the screens: zh or en")
	f.Float64Var(&p.Scale, "scale", 0, "size of everything on the screen: 1.0 to 2.0")
	f.StringVar(&p.Screen, "screen", "", "size of the window such as 1366x768, or full")
	f.StringVar(&p.Script, "script", "", "with --demo: play one sale by itself and leave pictures in this folder")
	f.StringVar(&p.Measure, "measure", "", "of use to `cashierctl bench` only: tell on standard output what is painted, take commands on standard input: till, plain or bare")
	if err := f.Parse(os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if f.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "cashier: what is %q? See cashier --help.\n", f.Arg(0))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return window.Run(ctx, p)
}
