// Package demo serves HQ and both gateways as stand-ins on one loopback
// address, with a shop behind them: for the demo and rehearsal modes of the
// till, and for hqsim.
//
// It ties the three stand-ins together and keeps their state in a file. It may
// touch the stand-ins, services/shopdata, services/fault, assets/demoshop, the network's
// loopback and the state file; it holds no rule of its own.
package demo
