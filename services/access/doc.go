// Package access knows who acts: people, their roles, the right each act needs,
// and the PIN or badge that proves who somebody is. The rights are one table
// (rights.go). Until staff are set up the machine's user is the owner and the
// only person; from then on whoever acts signs in, and a locked-out PIN, an
// approval and every change of staff stand in the audit trail.
//
// A PIN is kept as argon2id of what the vault's pepper makes of it, a badge as
// a keyed digest. The package keeps neither in clear, reads no clock and no
// disk of its own: both are given. It touches no other room.
package access
