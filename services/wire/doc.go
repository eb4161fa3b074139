// Package wire is how the till speaks to other people's servers: the two
// transports, the discipline of reading what comes back, and the one place
// where secrets are taken out of text.
//
// A ReadClient asks questions: it keeps connections, and asks again when a
// server stumbles, because a question changes nothing. A MoneyTransport does
// things: each call has a connection of its own, is sent at most once, and
// reports whether a single byte of it left.
//
// It may touch services/fault, the network and nothing else of ours. It knows
// no gateway, no amount and no rule of the shop; the clients in services/hq,
// services/liantuofu and services/zvcms are built on it.
package wire
