// Package faulttest breaks what a till stands on, on the real thing: disks that
// fill up at every page, files with damaged bytes, and a wall clock that jumps by
// years at every step of a sale. It then compares the till's books with the
// gateway's own list. It holds tests only; `make faulttest` runs them in full,
// `make test` a few of each. The fourth of its kind, power cuts, needs to see
// what SQLite asks of the disk and lives in localdb.
package faulttest
