// Package hardware is the room of the devices on the counter. It holds no code
// of its own; each device has a folder with its interface, its real driver and
// its simulator, and one conformance suite that runs against both.
//
//   - serialport: opening a serial port, losing it and finding it again
//   - scanner: bytes from a barcode scanner to whole codes
//   - scale: bytes from a counter scale to whole grams that have settled
//   - printer: receipts on ESC/POS printers, and the queue that no sale waits for
//   - drawer: the cash drawer, at a printer or at a port of its own
//   - display: amounts on the customer's display
//
// A device package may touch services and serialport, never another device, the
// screens or the database. Drivers report what they saw; what a code or a
// weight means for a sale is decided in services.
package hardware
