// Package settings is the page on which a manager sets the till up: sections on
// the left, what belongs to one on the right. What there is to set comes from a
// table it is given, each value is checked as it is typed, and nothing is kept
// before it is saved. It may touch services and ui/{text,theme,widgets}.
package settings
