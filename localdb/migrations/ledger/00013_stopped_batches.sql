-- A person can stop a batch of prices in the middle. It waits again then, and
-- begun_ms tells it from one that was never begun: it goes on when a person says
-- so, and no start of the till does.

-- +goose Up
-- +goose StatementBegin

DROP TRIGGER price_batches_fixed;

CREATE TRIGGER price_batches_fixed BEFORE UPDATE ON price_batches
WHEN NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.actor_id <> OLD.actor_id OR NEW.made_ms <> OLD.made_ms
     OR NEW.due_ms <> OLD.due_ms OR NEW.undo_of IS NOT OLD.undo_of
     OR OLD.begun_ms IS NOT NULL AND NEW.begun_ms IS NOT OLD.begun_ms
     OR OLD.state = 'cancelled' OR OLD.state <> 'waiting' AND NEW.state = 'cancelled'
     OR NEW.state = 'cancelled' AND OLD.begun_ms IS NOT NULL
     OR OLD.state = 'done' AND NEW.state = 'waiting'
BEGIN SELECT RAISE(ABORT, 'a batch is begun once'); END;

-- +goose StatementEnd
