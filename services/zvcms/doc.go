// Package zvcms is the client of the zvcms (智迈, now 企迈) member gateway:
// balance, points and coupons taken in one call, its reversal, and the two
// questions around it, who a member is and which coupons there are.
//
// It sends, signs and reads; it judges no money. A Reply says what was sent and
// what came back, and nothing in it means "paid": that is for the payment
// machine in services/checkout. A consume or a reversal is never sent twice by
// itself; a question is asked once more when the gateway found fault with its
// signature or its time.
//
// The gateway has two envelopes around the same actions, version 2 and 3, and
// this package speaks both behind one internal interface. Wire facts come from
// the vendor pages open.zmcms.cn doc2/article 620 (consume), 726 (member) and
// 492 (coupons), and for version 3 from the doc3 pages; what those leave open is
// a switch in Params or is called assumed where it stands, and is gathered in
// docs/contracts.md.
//
// It may touch services/money, services/fault, services/wire and the network.
package zvcms
