-- Named changes of many prices: what is planned, what is on its way to HQ, what
-- came of it. And which columns of a list mean what.

-- +goose Up
-- +goose StatementBegin

-- A batch is not begun before due_ms. undo_of is the batch whose prices this one
-- brings back.
CREATE TABLE price_batches (
    id            TEXT    PRIMARY KEY NOT NULL,
    name          TEXT    NOT NULL CHECK (name <> ''),
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'open', 'done', 'cancelled')),
    actor_id      TEXT    NOT NULL,
    actor_name    TEXT    NOT NULL,
    actor_role    TEXT    NOT NULL,
    actor_program TEXT    NOT NULL,
    made_ms       INTEGER NOT NULL,
    due_ms        INTEGER NOT NULL,
    begun_ms      INTEGER,
    ended_ms      INTEGER,
    undo_of       TEXT    REFERENCES price_batches (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX price_batches_open ON price_batches (due_ms) WHERE state IN ('waiting', 'open');
CREATE INDEX price_batches_undo ON price_batches (undo_of) WHERE undo_of IS NOT NULL;

-- was_… and now_… are HQ's decimals in yuan, as HQ wrote them; NULL where it gave
-- none. price and member are fen. sends counts how often a row has left for HQ;
-- 'sent' is written before it does.
CREATE TABLE price_batch_rows (
    batch_id   TEXT    NOT NULL REFERENCES price_batches (id),
    no         INTEGER NOT NULL CHECK (no >= 1),
    shop_id    INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    code       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    was_price  TEXT,
    was_member TEXT,
    price      INTEGER NOT NULL CHECK (price >= 0),
    member     INTEGER NOT NULL CHECK (member >= 0),
    state      TEXT    NOT NULL CHECK (state IN ('planned', 'sent', 'changed', 'same', 'unchanged', 'unknown', 'conflict', 'kept', 'blocked', 'cancelled', 'undone')),
    sends      INTEGER NOT NULL CHECK (sends >= 0),
    now_price  TEXT,
    now_member TEXT,
    why        TEXT, -- JSON: code, kind, sentence, values; NULL where there is nothing to say
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (batch_id, no)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX price_batch_rows_once ON price_batch_rows (batch_id, shop_id, product_id) WHERE state <> 'blocked';
CREATE INDEX price_batch_rows_state ON price_batch_rows (batch_id, state, no);

CREATE TRIGGER price_batches_kept     BEFORE DELETE ON price_batches    BEGIN SELECT RAISE(ABORT, 'a batch is never deleted'); END;
CREATE TRIGGER price_batch_rows_kept  BEFORE DELETE ON price_batch_rows BEGIN SELECT RAISE(ABORT, 'a batch is never deleted'); END;

-- These stop INSERT OR REPLACE, which deletes without asking the triggers above.
CREATE TRIGGER price_batches_new BEFORE INSERT ON price_batches
WHEN EXISTS (SELECT 1 FROM price_batches WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a batch is never replaced'); END;

CREATE TRIGGER price_batch_rows_new BEFORE INSERT ON price_batch_rows
WHEN EXISTS (SELECT 1 FROM price_batch_rows WHERE batch_id = NEW.batch_id AND no = NEW.no)
     OR NEW.state <> 'blocked' AND EXISTS (SELECT 1 FROM price_batch_rows
        WHERE batch_id = NEW.batch_id AND shop_id = NEW.shop_id AND product_id = NEW.product_id AND state <> 'blocked')
BEGIN SELECT RAISE(ABORT, 'a batch is never replaced'); END;

CREATE TRIGGER price_batches_fixed BEFORE UPDATE ON price_batches
WHEN NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.actor_id <> OLD.actor_id OR NEW.made_ms <> OLD.made_ms
     OR NEW.due_ms <> OLD.due_ms OR NEW.undo_of IS NOT OLD.undo_of
     OR OLD.state = 'cancelled' OR OLD.state <> 'waiting' AND NEW.state IN ('waiting', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'a batch is begun once'); END;

-- A row that has left is never planned again by itself: only where HQ has
-- provably not heard of it (sends goes back), or where a person has it applied.
CREATE TRIGGER price_batch_rows_fixed BEFORE UPDATE ON price_batch_rows
WHEN NEW.batch_id <> OLD.batch_id OR NEW.no <> OLD.no OR NEW.shop_id <> OLD.shop_id OR NEW.product_id <> OLD.product_id
     OR NEW.code <> OLD.code OR NEW.name <> OLD.name OR NEW.price <> OLD.price OR NEW.member <> OLD.member
     OR OLD.state IN ('same', 'kept', 'blocked', 'cancelled', 'undone')
     OR OLD.state = 'changed' AND NEW.state <> 'undone'
     OR NEW.state = 'sent' AND (OLD.state <> 'planned' OR NEW.sends <> OLD.sends + 1)
     OR OLD.state = 'sent' AND NEW.state = 'planned' AND NEW.sends <> OLD.sends - 1
BEGIN SELECT RAISE(ABORT, 'a row of a batch is sent once'); END;

-- header is the set of a list's column names, doc what each means (JSON).
CREATE TABLE price_columns (
    header TEXT PRIMARY KEY NOT NULL,
    doc    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a price was changed for: the name of a batch, '' where there was none.
ALTER TABLE price_syncs ADD COLUMN why TEXT NOT NULL DEFAULT '';

CREATE TRIGGER price_syncs_why_fixed BEFORE UPDATE OF why ON price_syncs
WHEN NEW.why <> OLD.why
BEGIN SELECT RAISE(ABORT, 'a sync is recorded once'); END;

-- +goose StatementEnd
