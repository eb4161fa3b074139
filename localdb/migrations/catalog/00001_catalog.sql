-- The first shape of catalog.db, HQ's product list as last synced. Prices are
-- integer fen, times unix milliseconds. Nothing here is worth a backup.

-- +goose Up
-- +goose StatementBegin

CREATE TABLE products (
    product_id   INTEGER PRIMARY KEY, -- HQ's product id
    row_id       INTEGER NOT NULL,    -- HQ's row id
    shop_id      INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    price        INTEGER NOT NULL CHECK (price >= 0),
    member_price INTEGER NOT NULL CHECK (member_price >= 0),
    pricing      INTEGER NOT NULL CHECK (pricing IN (0, 1, 2)),
    sort         INTEGER NOT NULL,
    images       TEXT    NOT NULL,    -- JSON array of strings
    removed_ms   INTEGER              -- HQ no longer lists it
) STRICT;

CREATE TABLE sync_state (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    synced_ms INTEGER NOT NULL
) STRICT;

-- +goose StatementEnd
