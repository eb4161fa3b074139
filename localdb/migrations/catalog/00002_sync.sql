-- What a sync leaves besides the products: its number, what it set aside, a
-- delivery it held, pages it was cut off after, and the stock.

-- +goose Up
-- +goose StatementBegin

-- no is that of the newest sync that changed a product, by which the price
-- history in the ledger knows how far it has come.
ALTER TABLE sync_state ADD COLUMN no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_state ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_state ADD COLUMN changed_by TEXT NOT NULL DEFAULT '';

-- Prices from before there was a history are its first entries.
UPDATE sync_state SET no = 1, changed_ms = synced_ms;

CREATE TABLE set_aside (
    no  INTEGER PRIMARY KEY,
    doc TEXT    NOT NULL -- JSON: product id, code, name, reason
) STRICT;

CREATE TABLE held (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    at_ms     INTEGER NOT NULL,
    known     INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    removed   INTEGER NOT NULL
) STRICT;

CREATE TABLE staged (
    page     INTEGER PRIMARY KEY,
    began_ms INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    doc      TEXT    NOT NULL -- JSON: the page's rows, those of the cache by their id
) STRICT;

CREATE TABLE stock (
    product_id INTEGER PRIMARY KEY,
    qty        INTEGER NOT NULL -- ten-thousandths of the product's unit
) STRICT;

CREATE TABLE stock_state (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    at_ms INTEGER NOT NULL
) STRICT;

-- +goose StatementEnd
