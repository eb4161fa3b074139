// Package vault keeps secrets: gateway keys, the HQ password, and the till's
// own key that seals card numbers. They go to the operating system's keyring
// or, where there is none, into a file encrypted with a passphrase (age,
// scrypt). Nothing is ever written in clear.
//
// It touches the keyring and one file, and nothing else of ours but
// services/fault and the atomic file writer of settings.
package vault
