// Package access knows who acts: people, their roles, and the right each act
// needs. Until staff are set up the machine's user is the owner and the only
// person; every record of money already names its actor, so that nothing has
// to be guessed when staff arrive.
//
// It touches no other room.
package access
