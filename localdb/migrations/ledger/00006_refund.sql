-- Refunds: sales that give back another one, line by line and payment by payment.

-- +goose Up
-- +goose StatementBegin

ALTER TABLE sales ADD COLUMN of_sale TEXT REFERENCES sales (id) CHECK ((of_sale IS NOT NULL) = (kind = 'refund'));

-- The line of that sale, from 1; 0 where no goods are named, and in every other sale.
ALTER TABLE sale_lines ADD COLUMN of_line INTEGER NOT NULL DEFAULT 0 CHECK (of_line >= 0);

-- The key of the payment given back; '' for what a customer pays.
ALTER TABLE legs ADD COLUMN of_key TEXT NOT NULL DEFAULT '' CHECK (of_key <> '' OR class <> 'R1');

CREATE INDEX sales_of ON sales (of_sale) WHERE of_sale IS NOT NULL;
CREATE INDEX legs_of ON legs (of_key) WHERE of_key <> '';

CREATE TRIGGER sales_of_fixed BEFORE UPDATE OF of_sale ON sales BEGIN SELECT RAISE(ABORT, 'a frozen sale is never changed'); END;
CREATE TRIGGER legs_of_fixed  BEFORE UPDATE OF of_key ON legs   BEGIN SELECT RAISE(ABORT, 'a leg is never changed'); END;

CREATE TRIGGER sales_of_complete BEFORE INSERT ON sales
WHEN NEW.of_sale IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sales WHERE id = NEW.of_sale AND state = 'COMPLETE' AND kind = 'sale')
BEGIN SELECT RAISE(ABORT, 'only a complete sale is given back'); END;

-- A leg gives back if and only if its sale is a refund, and then a payment of the
-- sale that the refund is of.
CREATE TRIGGER legs_of_payment BEFORE INSERT ON legs
WHEN (NEW.of_key <> '') IS NOT (SELECT of_sale IS NOT NULL FROM sales WHERE id = NEW.sale_id)
     OR NEW.of_key <> '' AND NOT EXISTS (SELECT 1 FROM legs p JOIN sales s ON s.of_sale = p.sale_id WHERE p.key = NEW.of_key AND s.id = NEW.sale_id)
BEGIN SELECT RAISE(ABORT, 'a refund gives back the payments of its sale'); END;

CREATE TRIGGER legs_of_enough BEFORE INSERT ON legs
WHEN NEW.of_key <> '' AND NEW.state NOT IN ('REJECTED', 'REVERSED')
     AND NEW.amount + (SELECT coalesce(sum(amount), 0) FROM legs WHERE of_key = NEW.of_key AND state NOT IN ('REJECTED', 'REVERSED'))
         > (SELECT coalesce(sum(amount), 0) FROM legs WHERE key = NEW.of_key AND state = 'PAID')
BEGIN SELECT RAISE(ABORT, 'no payment gives back more than it took'); END;

-- +goose StatementEnd
