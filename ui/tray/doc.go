// Package tray lists the payments whose outcome is not known yet, in plain
// words, and lets one be asked about now or, by a person with the right, be
// settled by hand. It may touch services/{checkout,money} and
// ui/{text,theme,widgets}.
package tray
