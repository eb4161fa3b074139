// Package memport is a serial port in memory: a device to plug in, unplug and
// stall, for tests of drivers in virtual time. It goes through the same bounds
// as a real port (serialport.NewConn) and may touch serialport, services/fault
// and the standard library.
package memport
