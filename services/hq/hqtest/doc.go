// Package hqtest is a stand-in for HQ, the shops' head office: login, the
// product and price pages, the mini-program's configuration, the bills that tills
// upload, and the pictures.
//
// It imports no client, so that a client that agrees with it has proven
// something. It may touch net/http, services/money, services/shopdata and
// services/shopdata/standin. Addresses and fields follow HQ help pages
// shopproduct, weixin and shopupload. The pages do not say how a session works,
// which routes the weixin actions have, where paging starts, what an error looks
// like or what becomes of an upload that repeats itself in part; that is decided
// here, said at the place, and where another answer is as likely, Quirks gives
// it.
package hqtest
