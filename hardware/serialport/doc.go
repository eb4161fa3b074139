// Package serialport opens serial ports, bounds what can be waited for on them,
// and keeps a device connected: a Supervisor finds the port, serves it, notices
// that it is gone and finds it again.
//
// Three properties of the driver beneath (go.bug.st/serial 1.8) shape it. Write
// waits for ever on a device that stopped reading, and Close does not free it:
// so a write runs on its own goroutine against a deadline. Close frees the
// descriptor while a Read may be using it, and by then the number can belong to
// a database file: so Close here first waits for the Read, and a Read never
// lasts longer than its timeout. An unplugged device answers with whatever
// error the system has at hand: so any error of a Read or a Write means gone.
//
// The package may touch services/fault and the operating system. memport and
// pty below it are the two stand-ins for a cable: one in memory for tests in
// virtual time, one a real terminal pair.
package serialport
