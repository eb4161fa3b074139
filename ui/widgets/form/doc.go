// Package form is rows of things to set, for screens that ask a person for
// more than one: each row says what it is for, is checked as it is typed, and
// can be reached with the arrow keys alone. It may touch ui/{theme,widgets}.
package form
