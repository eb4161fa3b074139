-- The second journal, and what a restored backup must know of itself.

-- +goose Up
-- +goose StatementBegin

-- Set while nobody has compared these books with the providers' since they were
-- restored.
ALTER TABLE meta ADD COLUMN unreconciled_ms INTEGER;

-- When each epoch began: audit_seq is the audit row that began it, 0 for a new
-- till. Audit rows of an earlier epoch from there on were lost with the books.
CREATE TABLE epochs (
    epoch     INTEGER PRIMARY KEY CHECK (epoch >= 1),
    audit_seq INTEGER NOT NULL CHECK (audit_seq >= 0)
) STRICT;

-- What belongs in the second journal, in the order in which it happened: a sale
-- that ended or whose money is not known, or, without a sale, a new epoch. How
-- far the journal has come stands in the journal alone.
CREATE TABLE journal_steps (
    epoch     INTEGER NOT NULL REFERENCES epochs (epoch),
    no        INTEGER NOT NULL CHECK (no >= 1),
    sale_id   TEXT    REFERENCES sales (id),
    audit_seq INTEGER NOT NULL CHECK (audit_seq >= 0),
    PRIMARY KEY (epoch, no)
) STRICT, WITHOUT ROWID;

CREATE INDEX journal_steps_sale ON journal_steps (sale_id);

-- Books from before there was a journal: all that is in them belongs in it.
INSERT INTO epochs SELECT 1, 0 FROM meta;
INSERT INTO epochs SELECT n + 1, seq FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM audit WHERE what = 'till.restored')
    WHERE n < (SELECT epoch FROM meta);
INSERT OR IGNORE INTO epochs SELECT epoch, 0 FROM meta;
INSERT INTO journal_steps SELECT epoch, 1, NULL, (SELECT seq FROM audit_head) FROM meta;
INSERT INTO journal_steps
    SELECT (SELECT epoch FROM meta), row_number() OVER (ORDER BY r.epoch, r.counter, s.opened_ms, s.id) + 1, s.id, (SELECT seq FROM audit_head)
    FROM sales s LEFT JOIN receipts r ON r.sale_id = s.id;

CREATE TRIGGER epochs_fixed        BEFORE UPDATE ON epochs        BEGIN SELECT RAISE(ABORT, 'epochs are never changed'); END;
CREATE TRIGGER epochs_kept         BEFORE DELETE ON epochs        BEGIN SELECT RAISE(ABORT, 'epochs are never deleted'); END;
CREATE TRIGGER epochs_once         BEFORE INSERT ON epochs        WHEN EXISTS (SELECT 1 FROM epochs WHERE epoch = NEW.epoch) BEGIN SELECT RAISE(ABORT, 'an epoch begins once'); END;
CREATE TRIGGER journal_steps_fixed BEFORE UPDATE ON journal_steps BEGIN SELECT RAISE(ABORT, 'journal steps are never changed'); END;
CREATE TRIGGER journal_steps_kept  BEFORE DELETE ON journal_steps BEGIN SELECT RAISE(ABORT, 'journal steps are never deleted'); END;
CREATE TRIGGER journal_steps_once  BEFORE INSERT ON journal_steps WHEN EXISTS (SELECT 1 FROM journal_steps WHERE epoch = NEW.epoch AND no = NEW.no) BEGIN SELECT RAISE(ABORT, 'a journal step is recorded once'); END;

-- +goose StatementEnd
