// Package services is the room of what the shop does, said in the shop's own
// words; its packages do the work and this file is only its door plate.
//
// Nothing in this room imports another room of the program, nor Fyne, SQL or a
// serial port: what a service needs of them it declares as an interface, and
// app ties the two together. Clients of remote systems know only money, fault,
// wire and their own wire types; the stand-in servers know none of these
// clients, so that agreement between them proves something.
package services
