// Package redeem is the screen for times cards: scan, look, count, one confirm,
// and what remains; beside it what was redeemed today.
//
// It takes nothing off a card itself: the shell does, through services/redeem.
// It may touch services/{redeem,checkout} and ui/{text,theme,widgets}.
package redeem
