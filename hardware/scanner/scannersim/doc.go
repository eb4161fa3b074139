// Package scannersim is a barcode scanner without hardware: a serial port that
// any program can open, with somebody on the other end who scans. It serves
// tests, training and demonstrations, and may touch serialport/pty only. It
// exists where pty does, on Linux; elsewhere New says so.
package scannersim
