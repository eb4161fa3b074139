-- What every product cost at this till, and since when. The price cache is
-- disposable and cannot say.

-- +goose Up
-- +goose StatementBegin

-- A sync that changed prices here. changes is how many, NULL until all of them
-- are in price_history. by_whom is who had it accept what was held, '' for nobody.
CREATE TABLE price_syncs (
    no      INTEGER PRIMARY KEY CHECK (no >= 1),
    at_ms   INTEGER NOT NULL,
    by_whom TEXT    NOT NULL,
    changes INTEGER CHECK (changes >= 0)
) STRICT;

-- was_… is NULL where the product was not sold before, now_… where it is no
-- longer. A sync changes a product at most once.
CREATE TABLE price_history (
    product_id INTEGER NOT NULL,
    sync_no    INTEGER NOT NULL REFERENCES price_syncs (no),
    at_ms      INTEGER NOT NULL,
    code       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    was_price  INTEGER CHECK (was_price >= 0),
    was_member INTEGER CHECK (was_member >= 0),
    now_price  INTEGER CHECK (now_price >= 0),
    now_member INTEGER CHECK (now_member >= 0),
    PRIMARY KEY (product_id, sync_no),
    CHECK ((was_price IS NULL) = (was_member IS NULL) AND (now_price IS NULL) = (now_member IS NULL)),
    CHECK (was_price IS NOT now_price OR was_member IS NOT now_member)
) STRICT, WITHOUT ROWID;

CREATE INDEX price_history_at ON price_history (at_ms);

CREATE TRIGGER price_history_fixed BEFORE UPDATE ON price_history BEGIN SELECT RAISE(ABORT, 'the price history is never changed'); END;
CREATE TRIGGER price_history_kept  BEFORE DELETE ON price_history BEGIN SELECT RAISE(ABORT, 'the price history is never deleted'); END;
CREATE TRIGGER price_syncs_kept    BEFORE DELETE ON price_syncs   BEGIN SELECT RAISE(ABORT, 'the price history is never deleted'); END;

CREATE TRIGGER price_syncs_fixed BEFORE UPDATE ON price_syncs
WHEN OLD.changes IS NOT NULL OR NEW.no <> OLD.no OR NEW.at_ms <> OLD.at_ms OR NEW.by_whom <> OLD.by_whom
BEGIN SELECT RAISE(ABORT, 'a sync is recorded once'); END;

-- These also stop INSERT OR REPLACE, which deletes without asking the triggers
-- above. Only the newest sync takes entries, and only until it is whole.
CREATE TRIGGER price_syncs_appended BEFORE INSERT ON price_syncs
WHEN NEW.no <= (SELECT coalesce(max(no), 0) FROM price_syncs)
BEGIN SELECT RAISE(ABORT, 'the price history is appended'); END;

CREATE TRIGGER price_history_appended BEFORE INSERT ON price_history
WHEN NEW.sync_no IS NOT (SELECT max(no) FROM price_syncs)
     OR (SELECT changes FROM price_syncs WHERE no = NEW.sync_no) IS NOT NULL
     OR EXISTS (SELECT 1 FROM price_history WHERE product_id = NEW.product_id AND sync_no >= NEW.sync_no)
BEGIN SELECT RAISE(ABORT, 'the price history is appended'); END;

-- +goose StatementEnd
