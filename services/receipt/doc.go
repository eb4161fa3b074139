// Package receipt says what stands on a receipt: from a finished sale to a
// document of texts, rules and codes, and from a document to the rows of a
// paper 32 or 48 columns wide. A printer prints the rows, a screen may draw
// them; neither decides what they say.
//
// The package is pure: no clock, no device, no file. It may touch
// services/checkout, services/money and services/fault.
package receipt
