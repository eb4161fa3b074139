// Package settings keeps what a shop decides about its till in one TOML file:
// known keys only, checked as they are set, written atomically. Secrets are
// not settings; they live in the vault.
//
// It touches the file system and nothing else of ours but services/fault.
package settings
