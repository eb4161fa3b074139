-- The first shape of ledger.db. Times are unix milliseconds, money is integer
-- fen, weight integer grams. Names end in _ms where they hold a time.

-- +goose Up
-- +goose StatementBegin

-- Which till this is. copied_ms is set in backups only: a till that finds it
-- has been restored and starts a new epoch.
CREATE TABLE meta (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    till_id    TEXT    NOT NULL CHECK (length(till_id) = 6),
    epoch      INTEGER NOT NULL CHECK (epoch >= 1),
    created_ms INTEGER NOT NULL,
    copied_ms  INTEGER
) STRICT;

CREATE TABLE carts (
    id       TEXT    PRIMARY KEY NOT NULL,
    member   INTEGER NOT NULL CHECK (member IN (0, 1)),
    saved_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE cart_lines (
    cart_id      TEXT    NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
    no           INTEGER NOT NULL,
    product_id   INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    pricing      INTEGER NOT NULL,
    list_price   INTEGER NOT NULL,
    member_price INTEGER NOT NULL,
    price        INTEGER NOT NULL,
    qty          INTEGER NOT NULL,
    grams        INTEGER NOT NULL,
    unit_grams   INTEGER NOT NULL,
    amount       INTEGER NOT NULL,
    times        INTEGER NOT NULL,
    PRIMARY KEY (cart_id, no)
) STRICT, WITHOUT ROWID;

CREATE TABLE sales (
    id            TEXT    PRIMARY KEY NOT NULL CHECK (id <> ''),
    kind          TEXT    NOT NULL,
    till_id       TEXT    NOT NULL,
    epoch         INTEGER NOT NULL,
    shift_id      TEXT    NOT NULL,
    business_date TEXT    NOT NULL CHECK (business_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    actor_id      TEXT    NOT NULL,
    actor_name    TEXT    NOT NULL,
    actor_role    TEXT    NOT NULL,
    actor_program TEXT    NOT NULL,
    cart_id       TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('TENDERING', 'UNSETTLED', 'COMPENSATING', 'COMPLETE', 'VOIDED')),
    total         INTEGER NOT NULL CHECK (total >= 0),
    opened_ms     INTEGER NOT NULL,
    closed_ms     INTEGER CHECK ((closed_ms IS NOT NULL) = (state IN ('COMPLETE', 'VOIDED'))),
    reason        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sales_opened ON sales (opened_ms);
CREATE INDEX sales_open ON sales (opened_ms) WHERE state IN ('TENDERING', 'UNSETTLED', 'COMPENSATING');
-- One cart is sold once, whatever is asked.
CREATE UNIQUE INDEX sales_cart ON sales (cart_id) WHERE state <> 'VOIDED' AND cart_id <> '';

CREATE TABLE sale_lines (
    sale_id      TEXT    NOT NULL REFERENCES sales (id),
    no           INTEGER NOT NULL,
    product_id   INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    unit         TEXT    NOT NULL,
    pricing      INTEGER NOT NULL,
    list_price   INTEGER NOT NULL,
    member_price INTEGER NOT NULL,
    price        INTEGER NOT NULL,
    qty          INTEGER NOT NULL,
    grams        INTEGER NOT NULL,
    unit_grams   INTEGER NOT NULL,
    amount       INTEGER NOT NULL,
    times        INTEGER NOT NULL,
    PRIMARY KEY (sale_id, no)
) STRICT, WITHOUT ROWID;

-- state, seq and sent repeat what the events say, for the indexes only.
CREATE TABLE legs (
    id           TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    sale_id      TEXT    NOT NULL REFERENCES sales (id),
    no           INTEGER NOT NULL CHECK (no >= 1),
    key          TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    class        TEXT    NOT NULL,
    method       TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount >= 0),
    tendered     INTEGER NOT NULL CHECK (tendered >= 0),
    times        INTEGER NOT NULL CHECK (times >= 0),
    code_digest  TEXT    NOT NULL,
    sealed_card  TEXT    NOT NULL,
    card_last4   TEXT    NOT NULL,
    times_before INTEGER NOT NULL,
    request_hash TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq >= 1),
    sent         INTEGER NOT NULL CHECK (sent IN (0, 1)),
    PRIMARY KEY (sale_id, no)
) STRICT, WITHOUT ROWID;

CREATE INDEX legs_digest ON legs (code_digest) WHERE sent = 1 AND code_digest <> '';

CREATE TABLE leg_events (
    leg_id      TEXT    NOT NULL REFERENCES legs (id),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    state       TEXT    NOT NULL,
    at_ms       INTEGER NOT NULL,
    reason_code TEXT    NOT NULL,
    raw_code    TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    provider_no TEXT    NOT NULL,
    paid_at     TEXT    NOT NULL,
    PRIMARY KEY (leg_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    sale_id TEXT    NOT NULL REFERENCES sales (id),
    no      INTEGER NOT NULL CHECK (no >= 1),
    leg_id  TEXT    REFERENCES legs (id),
    kind    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (sale_id, no)
) STRICT, WITHOUT ROWID;

-- Postings are written before their entry, which is why this reference is
-- checked at commit: the entry can then refuse to exist unless they balance.
CREATE TABLE postings (
    sale_id  TEXT    NOT NULL,
    entry_no INTEGER NOT NULL,
    no       INTEGER NOT NULL,
    account  TEXT    NOT NULL CHECK (account <> ''),
    amount   INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (sale_id, entry_no, no),
    FOREIGN KEY (sale_id, entry_no) REFERENCES entries (sale_id, no) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

-- no repeats its key in the form that is printed.
CREATE TABLE receipts (
    till_id TEXT    NOT NULL,
    epoch   INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    no      TEXT    NOT NULL CHECK (no = till_id || '-' || epoch || '-' || printf('%06d', counter)),
    sale_id TEXT    NOT NULL UNIQUE REFERENCES sales (id),
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (till_id, epoch, counter)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq           INTEGER PRIMARY KEY,
    at_ms         INTEGER NOT NULL,
    actor_id      TEXT    NOT NULL,
    actor_name    TEXT    NOT NULL,
    actor_role    TEXT    NOT NULL,
    actor_program TEXT    NOT NULL,
    what          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    prev_hash     BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash          BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The end of the chain, so that rows cut off its tail are missed.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- What is posted stays posted.
CREATE TRIGGER sale_lines_fixed  BEFORE UPDATE ON sale_lines BEGIN SELECT RAISE(ABORT, 'sale lines are never changed'); END;
CREATE TRIGGER sale_lines_kept   BEFORE DELETE ON sale_lines BEGIN SELECT RAISE(ABORT, 'sale lines are never deleted'); END;
CREATE TRIGGER leg_events_fixed  BEFORE UPDATE ON leg_events BEGIN SELECT RAISE(ABORT, 'leg events are never changed'); END;
CREATE TRIGGER leg_events_kept   BEFORE DELETE ON leg_events BEGIN SELECT RAISE(ABORT, 'leg events are never deleted'); END;
CREATE TRIGGER entries_fixed     BEFORE UPDATE ON entries    BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_kept      BEFORE DELETE ON entries    BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER postings_fixed    BEFORE UPDATE ON postings   BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TRIGGER postings_kept     BEFORE DELETE ON postings   BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;
CREATE TRIGGER receipts_fixed    BEFORE UPDATE ON receipts   BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END;
CREATE TRIGGER receipts_kept     BEFORE DELETE ON receipts   BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END;
CREATE TRIGGER audit_fixed       BEFORE UPDATE ON audit      BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_kept        BEFORE DELETE ON audit      BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER sales_kept        BEFORE DELETE ON sales      BEGIN SELECT RAISE(ABORT, 'sales are never deleted'); END;
CREATE TRIGGER legs_kept         BEFORE DELETE ON legs       BEGIN SELECT RAISE(ABORT, 'legs are never deleted'); END;
CREATE TRIGGER meta_kept         BEFORE DELETE ON meta       BEGIN SELECT RAISE(ABORT, 'the till keeps its name'); END;
CREATE TRIGGER audit_head_kept   BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, 'the audit chain keeps its end'); END;

CREATE TRIGGER meta_fixed BEFORE UPDATE ON meta
WHEN NEW.till_id <> OLD.till_id OR NEW.created_ms <> OLD.created_ms OR NEW.epoch < OLD.epoch
BEGIN SELECT RAISE(ABORT, 'the till keeps its name and its epoch never falls'); END;

CREATE TRIGGER sales_fixed
BEFORE UPDATE OF id, kind, till_id, epoch, shift_id, business_date, actor_id, actor_name, actor_role, actor_program, cart_id, total, opened_ms ON sales
BEGIN SELECT RAISE(ABORT, 'a frozen sale is never changed'); END;

CREATE TRIGGER sales_closed BEFORE UPDATE ON sales
WHEN OLD.state IN ('COMPLETE', 'VOIDED') OR (OLD.state <> 'TENDERING' AND NEW.state = 'TENDERING')
BEGIN SELECT RAISE(ABORT, 'a sale never goes back'); END;

CREATE TRIGGER legs_fixed
BEFORE UPDATE OF id, sale_id, no, key, class, method, provider, amount, tendered, times, code_digest, sealed_card, card_last4, times_before, request_hash ON legs
BEGIN SELECT RAISE(ABORT, 'a leg is never changed'); END;

CREATE TRIGGER legs_follow_events BEFORE UPDATE OF state, seq, sent ON legs
WHEN NOT EXISTS (SELECT 1 FROM leg_events e WHERE e.leg_id = NEW.id AND e.seq = NEW.seq AND e.state = NEW.state)
     OR EXISTS (SELECT 1 FROM leg_events e WHERE e.leg_id = NEW.id AND e.seq > NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a leg changes only by an event'); END;

CREATE TRIGGER leg_events_in_order BEFORE INSERT ON leg_events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM leg_events WHERE leg_id = NEW.leg_id)
BEGIN SELECT RAISE(ABORT, 'a leg event out of order'); END;

CREATE TRIGGER entries_balance BEFORE INSERT ON entries
WHEN (SELECT count(*) < 2 OR sum(amount) <> 0 FROM postings WHERE sale_id = NEW.sale_id AND entry_no = NEW.no)
BEGIN SELECT RAISE(ABORT, 'an entry whose postings do not balance'); END;

CREATE TRIGGER postings_sealed BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM entries WHERE sale_id = NEW.sale_id AND no = NEW.entry_no)
BEGIN SELECT RAISE(ABORT, 'a posting for an entry already made'); END;

CREATE TRIGGER receipts_in_order BEFORE INSERT ON receipts
WHEN NEW.counter <> (SELECT coalesce(max(counter), 0) + 1 FROM receipts WHERE till_id = NEW.till_id AND epoch = NEW.epoch)
     OR (SELECT state FROM sales WHERE id = NEW.sale_id) IS NOT 'COMPLETE'
BEGIN SELECT RAISE(ABORT, 'a receipt number out of order, or for a sale that is not complete'); END;

CREATE TRIGGER audit_head_follows BEFORE UPDATE ON audit_head
WHEN NOT EXISTS (SELECT 1 FROM audit a WHERE a.seq = NEW.seq AND a.hash = NEW.hash) OR NEW.seq <> OLD.seq + 1
BEGIN SELECT RAISE(ABORT, 'the audit chain moves by one row'); END;

-- INSERT OR REPLACE deletes without asking the triggers above.
CREATE TRIGGER sales_once      BEFORE INSERT ON sales      WHEN EXISTS (SELECT 1 FROM sales WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'a sale is recorded once'); END;
CREATE TRIGGER sale_lines_once BEFORE INSERT ON sale_lines WHEN EXISTS (SELECT 1 FROM sale_lines WHERE sale_id = NEW.sale_id AND no = NEW.no) BEGIN SELECT RAISE(ABORT, 'a line is recorded once'); END;
CREATE TRIGGER legs_once       BEFORE INSERT ON legs       WHEN EXISTS (SELECT 1 FROM legs WHERE id = NEW.id OR key = NEW.key OR (sale_id = NEW.sale_id AND no = NEW.no)) BEGIN SELECT RAISE(ABORT, 'a leg is recorded once'); END;
CREATE TRIGGER receipts_once   BEFORE INSERT ON receipts   WHEN EXISTS (SELECT 1 FROM receipts WHERE sale_id = NEW.sale_id) BEGIN SELECT RAISE(ABORT, 'a sale has one receipt number'); END;
CREATE TRIGGER entries_once    BEFORE INSERT ON entries    WHEN EXISTS (SELECT 1 FROM entries WHERE sale_id = NEW.sale_id AND no = NEW.no) BEGIN SELECT RAISE(ABORT, 'an entry is made once'); END;
CREATE TRIGGER meta_once       BEFORE INSERT ON meta       WHEN EXISTS (SELECT 1 FROM meta) BEGIN SELECT RAISE(ABORT, 'the till keeps its name'); END;
CREATE TRIGGER audit_head_once BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head) BEGIN SELECT RAISE(ABORT, 'the audit chain has one end'); END;
CREATE TRIGGER audit_once      BEFORE INSERT ON audit      WHEN NEW.seq <> (SELECT seq + 1 FROM audit_head) BEGIN SELECT RAISE(ABORT, 'audit rows are appended'); END;

-- +goose StatementEnd
