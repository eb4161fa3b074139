// Package displaysim is a customer display without hardware, at the end of a
// serial port that any program can open. It reads the stream by code of its own.
// It serves tests, training and demonstrations, and may touch serialport/pty
// only. New works where pty does, on Linux; Screen everywhere.
package displaysim
