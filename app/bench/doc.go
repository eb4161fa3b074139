// Package bench measures the till over growing shops: what `cashierctl bench`
// runs. Every figure stands beside a floor or a peer measured in the same run,
// because machines are noisy and ratios hold.
//
// It runs stand-in servers in this process and a till in a folder of its own,
// and starts the window as a program beside this one: it knows neither Fyne nor
// SQL, and nothing of it is part of a till at work. It reads the clock, which
// is its business, and decides nothing about money.
package bench
