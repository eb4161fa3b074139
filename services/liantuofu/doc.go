// Package liantuofu is the client of the Liantuofu (联拓富) payment gateway:
// payment codes and QR codes, queries, cancels, refunds, the bill, members and
// times cards.
//
// It sends, signs and reads; it judges no money. A Reply says what was sent and
// what came back, and nothing in it means "paid": that is for the payment
// machine in services/checkout. Nothing here is ever sent twice by itself.
//
// The whole contract is one table, Actions; the typed methods and Call draw
// their routes, effects and fields from it.
//
// Wire facts come from the vendor's pages at showdoc.com.cn/liantuofu, cited
// by page number, and are gathered in docs/contracts.md with what is assumed.
//
// It may touch services/money, services/fault, services/wire and the network.
package liantuofu
