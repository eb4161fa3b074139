// Package scalesim is a scale without hardware: somebody puts things on it, and
// it speaks any of the protocols of package scale from a serial port that any
// program can open. Its frames are written from the makers' manuals and share
// no code with the decoders. It serves tests, training and demonstrations, and
// may touch serialport/pty and services/money only. New works where pty does, on
// Linux; Device everywhere.
package scalesim
