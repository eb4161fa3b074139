// Package printer prints documents of services/receipt on ESC/POS printers at a
// serial port, a USB device file or a network address, and keeps what is to be
// printed in a queue that no sale waits for.
//
// What reaches the paper is proven by nothing but paper: a job of which a byte
// may have left is never sent again by itself. A person who asks for it once
// more gets a paper that says so.
//
// The package may touch hardware/serialport, services/receipt and
// services/fault. printersim below it is a printer without hardware that reads
// the stream by code of its own.
package printer
