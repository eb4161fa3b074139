-- What the price history says can be held against a digest of it: a damaged disk
-- changes a name or a price as silently as it changes anything.

-- +goose Up
-- +goose StatementBegin

-- SHA-256, in hex, of a sync and its entries; set together with changes. NULL of
-- what was recorded before.
ALTER TABLE price_syncs ADD COLUMN digest TEXT;

CREATE TRIGGER price_syncs_digest_fixed BEFORE UPDATE OF digest ON price_syncs
WHEN OLD.digest IS NOT NULL OR OLD.changes IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a sync is recorded once'); END;

-- +goose StatementEnd
