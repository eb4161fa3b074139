// Package staff is how people say who they are: their names as large buttons,
// then a pad for the PIN, and how long one has to wait after wrong ones. The
// lock screen and the approval of an act use the same panel. It says who was
// chosen and what was typed; the shell asks the services.
package staff
