-- What is recorded of a leg belongs to the leg's own sale: an entry of another's
-- would hide from both, and a watch of another's could never be read again.

-- +goose Up
-- +goose StatementBegin

CREATE TRIGGER entries_own_leg BEFORE INSERT ON entries
WHEN NEW.leg_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legs WHERE id = NEW.leg_id AND sale_id = NEW.sale_id)
BEGIN SELECT RAISE(ABORT, 'an entry of a leg that is not in its sale'); END;

CREATE TRIGGER watches_own_leg BEFORE INSERT ON watches
WHEN NOT EXISTS (SELECT 1 FROM legs WHERE id = NEW.leg_id AND sale_id = NEW.sale_id)
BEGIN SELECT RAISE(ABORT, 'a watch of a leg that is not in its sale'); END;

CREATE TRIGGER watches_fixed BEFORE UPDATE OF leg_id, sale_id ON watches
BEGIN SELECT RAISE(ABORT, 'a watch keeps its leg'); END;

-- +goose StatementEnd
