-- Manual capture: the money is held first; `captured` is what was taken of it, `disputed` what the payer disputes.
ALTER TABLE intents ADD COLUMN capture_method TEXT NOT NULL DEFAULT 'automatic';
ALTER TABLE intents ADD COLUMN hold BYTEA;
ALTER TABLE intents ADD COLUMN captured BIGINT NOT NULL DEFAULT 0;
ALTER TABLE intents ADD COLUMN disputed BIGINT NOT NULL DEFAULT 0;
UPDATE intents SET captured = amount WHERE status = 'succeeded';
CREATE INDEX intents_merchant ON intents (merchant, created_at, id);
CREATE INDEX intents_hold ON intents (hold) WHERE hold IS NOT NULL;

-- Why a transfer was made, and the id of what it was made for.
ALTER TABLE transfers ADD COLUMN kind TEXT NOT NULL DEFAULT 'other';
ALTER TABLE transfers ADD COLUMN source BYTEA;
DROP TRIGGER transfers_settle_once ON transfers;
UPDATE transfers SET kind = 'payment', source = (SELECT i.id FROM intents i WHERE i.transfer = transfers.id)
WHERE id IN (SELECT transfer FROM intents WHERE transfer IS NOT NULL);
UPDATE transfers SET kind = 'refund', source = (SELECT r.id FROM refunds r WHERE r.transfer = transfers.id)
WHERE id IN (SELECT transfer FROM refunds);
UPDATE transfers SET kind = 'top_up'
WHERE kind = 'other' AND payer IN (SELECT id FROM ledger_accounts WHERE kind = 'funding');
CREATE TRIGGER transfers_settle_once BEFORE UPDATE ON transfers FOR EACH ROW
WHEN (OLD.state <> 0 OR NEW.amount <> OLD.amount OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee)
EXECUTE FUNCTION refuse_change('a settled transfer never changes');

-- When a line was booked; lines from before have the time of their transfer.
ALTER TABLE entries ADD COLUMN at BIGINT;
CREATE INDEX entries_account ON entries (account, seq);

ALTER TABLE refunds ADD COLUMN merchant BYTEA;
UPDATE refunds SET merchant = (SELECT i.merchant FROM intents i WHERE i.id = refunds.intent);
CREATE INDEX refunds_merchant ON refunds (merchant, created_at, id);
CREATE INDEX events_merchant ON events (merchant, seq);

-- Money into, out of and between wallets, and out of a merchant's balance.
CREATE TABLE movements (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  owner BYTEA NOT NULL,
  counterparty BYTEA,
  amount BIGINT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  rail TEXT NOT NULL,
  note TEXT NOT NULL,
  failure TEXT,
  transfer BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  settles_at BIGINT NOT NULL
);
CREATE INDEX movements_owner ON movements (owner, created_at, id);
CREATE INDEX movements_pending ON movements (settles_at) WHERE status = 'pending';

-- A payment is disputed once.
CREATE TABLE disputes (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  intent BYTEA NOT NULL UNIQUE REFERENCES intents (id),
  merchant BYTEA NOT NULL,
  payer BYTEA NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL,
  evidence TEXT,
  transfer BYTEA,
  due_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX disputes_merchant ON disputes (merchant, created_at, id);
CREATE INDEX disputes_due ON disputes (due_at) WHERE status = 'needs_response';
