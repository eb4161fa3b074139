-- Legs that ended without their provider's proof are looked at again.

-- +goose Up
-- +goose StatementBegin

CREATE TABLE watches (
    leg_id  TEXT    PRIMARY KEY NOT NULL REFERENCES legs (id),
    sale_id TEXT    NOT NULL REFERENCES sales (id),
    state   TEXT    NOT NULL CHECK (state IN ('WATCHING', 'LATE_MONEY', 'OVER')),
    step    INTEGER NOT NULL CHECK (step >= 0),
    due_ms  INTEGER NOT NULL,
    booked  INTEGER NOT NULL CHECK (booked >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX watches_open ON watches (due_ms) WHERE state <> 'OVER';

CREATE TRIGGER watches_kept BEFORE DELETE ON watches BEGIN SELECT RAISE(ABORT, 'watches are never deleted'); END;

-- +goose StatementEnd
