// Package drawer opens the cash drawer: at the printer it is plugged into, or at
// a serial port of its own.
//
// A drawer opens now or not at all. A command that waited would open it minutes
// later, for whoever stands there then: nothing here queues or repeats one.
//
// The package may touch hardware/serialport and services/fault.
package drawer
