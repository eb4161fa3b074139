-- Which list of products this is, for the snapshot beside the file.

-- +goose Up
-- +goose StatementBegin

-- Drawn at random by every transaction that changes a product, '' before the
-- first of them. A migration that changes products draws another.
ALTER TABLE sync_state ADD COLUMN revision TEXT NOT NULL DEFAULT '';
UPDATE sync_state SET revision = lower(hex(randomblob(16)));

-- +goose StatementEnd
