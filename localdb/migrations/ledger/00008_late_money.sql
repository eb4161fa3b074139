-- Late money that its provider does not give back is left to a person. A CHECK
-- cannot be changed in place, so the table is made anew.

-- +goose Up
-- +goose StatementBegin

CREATE TABLE watches_next (
    leg_id   TEXT    PRIMARY KEY NOT NULL REFERENCES legs (id),
    sale_id  TEXT    NOT NULL REFERENCES sales (id),
    state    TEXT    NOT NULL CHECK (state IN ('WATCHING', 'LATE_MONEY', 'HELD', 'KEPT', 'SQUARED', 'OVER')),
    step     INTEGER NOT NULL CHECK (step >= 0),
    due_ms   INTEGER NOT NULL,
    booked   INTEGER NOT NULL CHECK (booked >= 0),
    since_ms INTEGER -- when late money was found
) STRICT, WITHOUT ROWID;

INSERT INTO watches_next (leg_id, sale_id, state, step, due_ms, booked)
    SELECT leg_id, sale_id, state, step, due_ms, booked FROM watches;

DROP TABLE watches;
ALTER TABLE watches_next RENAME TO watches;

CREATE INDEX watches_open ON watches (due_ms) WHERE state <> 'OVER';

CREATE TRIGGER watches_kept BEFORE DELETE ON watches BEGIN SELECT RAISE(ABORT, 'watches are never deleted'); END;

CREATE TRIGGER watches_own_leg BEFORE INSERT ON watches
WHEN NOT EXISTS (SELECT 1 FROM legs WHERE id = NEW.leg_id AND sale_id = NEW.sale_id)
BEGIN SELECT RAISE(ABORT, 'a watch of a leg that is not in its sale'); END;

CREATE TRIGGER watches_fixed BEFORE UPDATE OF leg_id, sale_id ON watches
BEGIN SELECT RAISE(ABORT, 'a watch keeps its leg'); END;

-- +goose StatementEnd
