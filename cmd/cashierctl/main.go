// Command cashierctl is the till without a window.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"cashier/app/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, options())
	stop()
	os.Exit(code)
}
