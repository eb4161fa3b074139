// Package liantuofutest is a stand-in for the Liantuofu payment gateway: its
// addresses below /open/, its signature, its orders, bills, members and times
// cards, with customers' wallets behind them.
//
// It checks signatures with code of its own and imports no client, so that a
// client that agrees with it has proven something. It may touch net/http,
// services/money, services/shopdata and services/shopdata/standin. Requests and
// replies follow the vendor pages 651360832965895 (pay), 658025876912528
// (query), 658043997851596 (cancel), 658047849212386 (close), 633518936832858
// (precreate), 658055638128508 and 658056893477643 (refund), 664141832203351
// (bill), 1573818719557973 (member), 673453270295568 (signature) and
// 1903991122669748 (times cards). What those pages leave open is decided here
// and said at the place, or is a switch in Params.
package liantuofutest
