// Package demoshop is a small shop to try the till with, and a generator of
// large ones to measure it with.
//
// FS holds the shop that ships inside the program: shop.json and the pictures
// it names. Generate writes a shop of any size in the same format. The stand-in
// servers read that format from an fs.FS; the till itself never does, it meets
// these goods only through HQ's interface.
//
// # Format of shop.json
//
// One object: shopId, shopName, tenant, and the lists branches (other shops of
// the tenant), staff, classes, products, timesCards, members and wallets. Every amount and quantity is a decimal
// string: yuan with at most two decimals in price, memberPrice, recharge, gift,
// balance and a coupon's amount; four decimals in costPrice and stockQty.
// memberPrice "0.00" means none. pricingType is 0 by count, 1 by weight, 2
// counted and weighed. barCode is an EAN-13 or empty. images are paths beside
// shop.json. endDate is "2006-01-02 15:04:05" in the shop's time. useStatus is
// 0 for a coupon that can be used and 1 for one that has been.
//
// The package may touch nothing of ours but its own files; its tests ask
// services/money whether what is weighed can be sold.
package demoshop
