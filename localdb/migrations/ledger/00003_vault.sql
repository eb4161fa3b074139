-- The fingerprint of the till's own key, by which the vault that belongs to
-- these books is known: digests and card numbers are unreadable without it.

-- +goose Up
-- +goose StatementBegin

ALTER TABLE meta ADD COLUMN vault_mark TEXT CHECK (vault_mark <> '');

-- +goose StatementEnd
