-- What is reported to HQ of each complete sale, in the order of completion.

-- +goose Up
-- +goose StatementBegin

-- body is what was last sent and hash its SHA-256; both are NULL before the
-- first request. While open, a request may have arrived whose answer nobody
-- knows, and only the same body may be sent again. due_ms is 0 or the earliest
-- time of the next request.
CREATE TABLE uploads (
    seq        INTEGER PRIMARY KEY,
    sale_id    TEXT    NOT NULL REFERENCES sales (id),
    part       TEXT    NOT NULL CHECK (part IN ('payment', 'sale')),
    state      TEXT    NOT NULL CHECK (state IN ('WAITING', 'DONE', 'PARKED')),
    open       INTEGER NOT NULL CHECK (open IN (0, 1) AND (open = 0 OR state <> 'DONE')),
    tries      INTEGER NOT NULL CHECK (tries >= 0),
    unclear    INTEGER NOT NULL CHECK (unclear >= 0),
    body       BLOB    CHECK (body IS NULL OR hash IS NOT NULL),
    hash       BLOB    CHECK (length(hash) = 32),
    due_ms     INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    words      TEXT    NOT NULL,
    changed_ms INTEGER NOT NULL,
    UNIQUE (sale_id, part)
) STRICT;

CREATE INDEX uploads_waiting ON uploads (seq) WHERE state = 'WAITING';
CREATE INDEX uploads_parked ON uploads (seq) WHERE state = 'PARKED';

-- Sales from before there was a queue.
INSERT INTO uploads (sale_id, part, state, open, tries, unclear, due_ms, status, words, changed_ms)
    SELECT s.id, p.part, 'WAITING', 0, 0, 0, 0, 0, '', s.closed_ms
    FROM sales s LEFT JOIN receipts r ON r.sale_id = s.id, (SELECT 0 AS n, 'payment' AS part UNION ALL SELECT 1, 'sale') p
    WHERE s.state = 'COMPLETE' ORDER BY r.epoch, r.counter, s.closed_ms, s.id, p.n;

CREATE TRIGGER uploads_complete BEFORE INSERT ON uploads
WHEN (SELECT state FROM sales WHERE id = NEW.sale_id) IS NOT 'COMPLETE'
BEGIN SELECT RAISE(ABORT, 'only a complete sale is reported'); END;

CREATE TRIGGER uploads_once  BEFORE INSERT ON uploads WHEN EXISTS (SELECT 1 FROM uploads WHERE seq = NEW.seq OR (sale_id = NEW.sale_id AND part = NEW.part)) BEGIN SELECT RAISE(ABORT, 'a sale is reported once'); END;
CREATE TRIGGER uploads_kept  BEFORE DELETE ON uploads BEGIN SELECT RAISE(ABORT, 'uploads are never deleted'); END;
CREATE TRIGGER uploads_fixed BEFORE UPDATE OF seq, sale_id, part ON uploads BEGIN SELECT RAISE(ABORT, 'an upload is of one sale'); END;
CREATE TRIGGER uploads_done  BEFORE UPDATE ON uploads WHEN OLD.state = 'DONE' BEGIN SELECT RAISE(ABORT, 'what HQ has stays done'); END;

CREATE TRIGGER uploads_same BEFORE UPDATE OF body, hash ON uploads
WHEN OLD.open = 1 AND OLD.hash IS NOT NULL AND NEW.hash IS NOT OLD.hash
BEGIN SELECT RAISE(ABORT, 'what may have arrived is sent again as it was'); END;

-- +goose StatementEnd
