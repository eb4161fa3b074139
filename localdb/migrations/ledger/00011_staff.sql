-- Who works here. pin is argon2id with its parameters and salt, badge a keyed
-- digest; the key of both is in the vault.

-- +goose Up
-- +goose StatementBegin

-- wrong counts wrong PINs in a row. uptime_ms is how long the machine had been
-- running at the last of them, wrong_ms when that was by the clock.
CREATE TABLE staff (
    id        INTEGER PRIMARY KEY CHECK (id >= 1),
    name      TEXT    NOT NULL CHECK (name <> ''),
    role      TEXT    NOT NULL CHECK (role IN ('staff', 'cashier', 'manager', 'owner')),
    active    INTEGER NOT NULL CHECK (active IN (0, 1)),
    pin       TEXT    NOT NULL CHECK (pin = '' OR (active = 1 AND pin GLOB '$argon2id$*')),
    badge     TEXT    NOT NULL CHECK (badge = '' OR (active = 1 AND length(badge) = 64)),
    since_ms  INTEGER NOT NULL,
    wrong     INTEGER NOT NULL CHECK (wrong >= 0),
    uptime_ms INTEGER NOT NULL CHECK (uptime_ms >= 0),
    wrong_ms  INTEGER
) STRICT;

CREATE UNIQUE INDEX staff_badges ON staff (badge) WHERE badge <> '';

CREATE TRIGGER staff_kept BEFORE DELETE ON staff BEGIN SELECT RAISE(ABORT, 'staff are never deleted'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER staff_once BEFORE INSERT ON staff
WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM staff)
BEGIN SELECT RAISE(ABORT, 'staff are numbered in order'); END;

CREATE TRIGGER staff_fixed BEFORE UPDATE ON staff
WHEN NEW.id <> OLD.id OR NEW.since_ms <> OLD.since_ms OR NEW.active > OLD.active
BEGIN SELECT RAISE(ABORT, 'a person keeps the number, and does not come back under it'); END;

CREATE TRIGGER staff_first_owner BEFORE INSERT ON staff
WHEN NOT (NEW.role = 'owner' AND NEW.active = 1) AND NOT EXISTS (SELECT 1 FROM staff WHERE role = 'owner' AND active = 1)
BEGIN SELECT RAISE(ABORT, 'no owner is left'); END;

CREATE TRIGGER staff_last_owner BEFORE UPDATE OF role, active ON staff
WHEN OLD.role = 'owner' AND OLD.active = 1 AND NOT (NEW.role = 'owner' AND NEW.active = 1)
     AND NOT EXISTS (SELECT 1 FROM staff WHERE role = 'owner' AND active = 1 AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'no owner is left'); END;

-- +goose StatementEnd
