//go:build !crashtest || !unix

package main

import "cashier/app/cli"

func options() cli.Options { return cli.Options{} }
