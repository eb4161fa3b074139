// Package zvcmstest is a stand-in for the zvcms member gateway: version 2 at one
// address, /api/v2, version 3 with a route for each action below /v3/, and
// behind both the same members with balance, points and coupons.
//
// It checks tokens with code of its own and imports no client, so that a client
// that agrees with it has proven something. It may touch net/http,
// services/money, services/shopdata and services/shopdata/standin. Requests and
// replies follow the vendor pages doc2/article 620 (consume), 726 (member) and
// 492 (coupons); the routes of version 3 and the fields of its reading actions
// are those of public clients, its consume is assumed to have page 620's. Where
// the pages contradict themselves (true or "true", 0 or "0", the case of names
// in the signature, whether a bizId may come twice) a switch chooses; what they
// leave open is decided here and said at the place.
package zvcmstest
