// Package upload reports every complete sale to HQ, once: which rows a sale
// becomes, what an answer of HQ's means for them, and when they are sent again.
//
// The queue itself is the store's: it writes a sale's items in the transaction
// that completes the sale, whether or not anything is ever sent. Nothing here
// can hold up or change a sale.
//
// It may touch services/checkout, services/fault, services/money and the retry
// library; HQ and the store are interfaces that app ties.
package upload
