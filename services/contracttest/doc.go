// Package contracttest proves the clients of HQ, Liantuofu and zvcms against
// servers that none of their authors wrote. It holds tests only.
//
// The strangers (stranger_*_test.go) are three small servers made from the
// vendors' pages alone: the HQ help pages weixin, shopproduct and shopupload, Liantuofu's
// pages at showdoc.com.cn, zvcms page 620 and the pages of its V3. They share
// no code with the clients, with services/wire or with the stand-ins, and sign
// with implementations of their own. They tell the truth in whatever manner a
// quirk asks for; each quirk is tried on each action, and what the client says
// is held against what the server really holds and really did.
//
// The network between client and stranger is spoilt by Toxiproxy, in process:
// replies cut at every byte, resets, slowness, nobody there, and deliveries
// that come twice.
//
// The contract suite (suite_test.go) runs one set of checks against the
// strangers, the stand-ins and, when these are set, real services:
//
//	CASHIER_CONTRACT_URL_HQ         base address of HQ
//	CASHIER_CONTRACT_HQ_TENANT      企业标识
//	CASHIER_CONTRACT_HQ_LOGIN       login name
//	CASHIER_CONTRACT_HQ_PASSWORD    password
//	CASHIER_CONTRACT_HQ_SHOP        shop id
//
//	CASHIER_CONTRACT_URL_LIANTUOFU        base address, such as https://api.liantuofu.com/open/
//	CASHIER_CONTRACT_LIANTUOFU_APP_ID     核心商户编号
//	CASHIER_CONTRACT_LIANTUOFU_MERCHANT   门店编号
//	CASHIER_CONTRACT_LIANTUOFU_KEY        signing key
//	CASHIER_CONTRACT_LIANTUOFU_CARD       a times card to look at; may be missing
//	CASHIER_CONTRACT_LIANTUOFU_AUTH_CODE  a payment code for one fen; deeds only, may be missing
//
//	CASHIER_CONTRACT_URL_ZVCMS        base address
//	CASHIER_CONTRACT_ZVCMS_VERSION    v2 or v3
//	CASHIER_CONTRACT_ZVCMS_OPEN_ID    密钥Id
//	CASHIER_CONTRACT_ZVCMS_GRANT      授权code
//	CASHIER_CONTRACT_ZVCMS_KEY        signing key
//	CASHIER_CONTRACT_ZVCMS_SHOP       门店编码
//	CASHIER_CONTRACT_ZVCMS_CUSTOMER   a member to look at
//	CASHIER_CONTRACT_ZVCMS_REVERSE    name of the reversal's action; deeds only
//	CASHIER_CONTRACT_ZVCMS_UPPER      1 when the token's names begin with capitals
//
// A real service is only asked, unless CASHIER_CONTRACT_DEEDS=1: then a price is
// written back as it is, one fen is paid and given back, and a few fen are taken
// from the member and reversed. Use a test shop. Where an address is not set,
// its half of the suite does not exist; it is not counted as passed.
//
// It may import the clients, the stand-ins and the network.
package contracttest
