-- Manual capture: the money is held first; `captured` is what was taken of it, `disputed` what the payer disputes.
ALTER TABLE intents ADD COLUMN capture_method TEXT NOT NULL DEFAULT 'automatic';
ALTER TABLE intents ADD COLUMN hold BLOB;
ALTER TABLE intents ADD COLUMN captured INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intents ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;
UPDATE intents SET captured = amount WHERE status = 'succeeded';
CREATE INDEX intents_merchant ON intents (merchant, created_at, id);
CREATE INDEX intents_hold ON intents (hold) WHERE hold IS NOT NULL;

-- Why a transfer was made, and the id of what it was made for.
ALTER TABLE transfers ADD COLUMN kind TEXT NOT NULL DEFAULT 'other';
ALTER TABLE transfers ADD COLUMN source BLOB;
DROP TRIGGER transfers_settle_once;
UPDATE transfers SET kind = 'payment', source = (SELECT i.id FROM intents i WHERE i.transfer = transfers.id)
WHERE id IN (SELECT transfer FROM intents WHERE transfer IS NOT NULL);
UPDATE transfers SET kind = 'refund', source = (SELECT r.id FROM refunds r WHERE r.transfer = transfers.id)
WHERE id IN (SELECT transfer FROM refunds);
UPDATE transfers SET kind = 'top_up'
WHERE kind = 'other' AND payer IN (SELECT id FROM ledger_accounts WHERE kind = 'funding');
CREATE TRIGGER transfers_settle_once BEFORE UPDATE ON transfers
WHEN OLD.state <> 0 OR NEW.amount <> OLD.amount OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee
BEGIN SELECT RAISE(ABORT, 'a settled transfer never changes'); END;

-- When a line was booked; lines from before have the time of their transfer.
ALTER TABLE entries ADD COLUMN at INTEGER;
CREATE INDEX entries_account ON entries (account, seq);

ALTER TABLE refunds ADD COLUMN merchant BLOB;
UPDATE refunds SET merchant = (SELECT i.merchant FROM intents i WHERE i.id = refunds.intent);
CREATE INDEX refunds_merchant ON refunds (merchant, created_at, id);
CREATE INDEX events_merchant ON events (merchant, seq);

-- Money into, out of and between wallets, and out of a merchant's balance.
CREATE TABLE movements (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  owner BLOB NOT NULL,
  counterparty BLOB,
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
  rail TEXT NOT NULL,
  note TEXT NOT NULL,
  failure TEXT,
  transfer BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  settles_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX movements_owner ON movements (owner, created_at, id);
CREATE INDEX movements_pending ON movements (settles_at) WHERE status = 'pending';

-- A payment is disputed once.
CREATE TABLE disputes (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL UNIQUE REFERENCES intents (id),
  merchant BLOB NOT NULL,
  payer BLOB NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL,
  evidence TEXT,
  transfer BLOB,
  due_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX disputes_merchant ON disputes (merchant, created_at, id);
CREATE INDEX disputes_due ON disputes (due_at) WHERE status = 'needs_response';
