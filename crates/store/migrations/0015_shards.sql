-- Where a row lives: with its owner, whose id's last byte is the shard (the rule: crates/store/src/shard.rs).
-- Worked out when it is read; takes no room.
ALTER TABLE payers ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(id), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(id), 32, 1)) - 1) VIRTUAL;
ALTER TABLE sessions ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE consents ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE enrolments ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE templates ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE notices ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE failures ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE fingerprints ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE passkeys ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE otp ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE abilities ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE challenges ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE authentications ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE receipts ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE duplicate_reviews ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE merchants ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(id), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(id), 32, 1)) - 1) VIRTUAL;
ALTER TABLE api_keys ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE webhook_endpoints ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE restricted_keys ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE intents ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE refunds ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE disputes ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE events ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
ALTER TABLE ledger_accounts ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(owner), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(owner), 32, 1)) - 1) VIRTUAL;
ALTER TABLE movements ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(owner), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(owner), 32, 1)) - 1) VIRTUAL;
ALTER TABLE collections ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(id), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(id), 32, 1)) - 1) VIRTUAL;
ALTER TABLE persons ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(collection), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(collection), 32, 1)) - 1) VIRTUAL;
ALTER TABLE face_reviews ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(collection), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(collection), 32, 1)) - 1) VIRTUAL;
-- The scope begins with the id of who asks.
ALTER TABLE idempotency ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  (max(instr('0123456789abcdef', substr(scope, instr(scope, ' ') - 2, 1)) - 1, 0) * 16
   + max(instr('0123456789abcdef', substr(scope, instr(scope, ' ') - 1, 1)) - 1, 0)) VIRTUAL;

-- These rows have no owner's id; the writer knows it.
ALTER TABLE transfers ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER transfers_settle_once;
DROP TRIGGER entries_stay;
UPDATE transfers SET shard = (SELECT a.shard FROM ledger_accounts a WHERE a.id = transfers.payer);
UPDATE entries SET shard = (SELECT a.shard FROM ledger_accounts a WHERE a.id = entries.account);
UPDATE deliveries SET shard = (SELECT e.shard FROM events e WHERE e.seq = deliveries.event);
CREATE TRIGGER transfers_settle_once BEFORE UPDATE ON transfers
WHEN OLD.state <> 0 OR NEW.amount <> OLD.amount OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee
BEGIN SELECT RAISE(ABORT, 'a settled transfer never changes'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries never change'); END;

-- A chain for each eight shards; `place` counts in its chain. Entries from before have neither: they are the first chain.
ALTER TABLE audit ADD COLUMN shard INTEGER;
ALTER TABLE audit ADD COLUMN place INTEGER;
-- Where every chain ends, place and hash of each; the root of these is what `hash` says and what is signed.
ALTER TABLE audit_head ADD COLUMN heads BLOB;
ALTER TABLE audit_checkpoints ADD COLUMN heads BLOB;
