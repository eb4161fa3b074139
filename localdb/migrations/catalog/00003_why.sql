-- What the newest change was made for, for the price history to follow.

-- +goose Up
-- +goose StatementBegin

ALTER TABLE sync_state ADD COLUMN changed_why TEXT NOT NULL DEFAULT '';

-- +goose StatementEnd
