// Package text holds the words of the screens: two languages, one flat table
// each, and the sentence a fault becomes in the language in force.
//
// A text is found by its key; {name} in it is replaced by a value, and
// {name:item|items} by the words that go with that value: the first for 1, the
// second for any other. A fault with code c is the text "error.c", with the
// fault's own values; where that is missing, the fault's English sentence
// stands. The package may touch cashier/assets and services/fault.
package text
