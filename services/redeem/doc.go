// Package redeem takes times off a customer's card: look at the card, check
// what can be checked, and hand the one irreversible call to the checkout,
// where it is journalled and recovered like any other money.
//
// It touches services/checkout, services/access and services/fault.
package redeem
