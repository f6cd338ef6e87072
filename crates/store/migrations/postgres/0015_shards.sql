-- Where a row lives: with its owner, whose id's last byte is the shard (the rule: crates/store/src/shard.rs).
ALTER TABLE payers ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(id, 15)) STORED;
ALTER TABLE sessions ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE consents ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE enrolments ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE templates ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE notices ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE failures ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE fingerprints ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE passkeys ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE otp ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE abilities ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE challenges ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE authentications ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE receipts ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE duplicate_reviews ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE merchants ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(id, 15)) STORED;
ALTER TABLE api_keys ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE webhook_endpoints ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE restricted_keys ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE intents ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE refunds ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE disputes ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE events ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
ALTER TABLE ledger_accounts ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(owner, 15)) STORED;
ALTER TABLE movements ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(owner, 15)) STORED;
ALTER TABLE collections ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(id, 15)) STORED;
ALTER TABLE persons ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(collection, 15)) STORED;
ALTER TABLE face_reviews ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(collection, 15)) STORED;
-- The scope begins with the id of who asks.
ALTER TABLE idempotency ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  (greatest(strpos('0123456789abcdef', substr(scope, strpos(scope, ' ') - 2, 1)) - 1, 0) * 16
   + greatest(strpos('0123456789abcdef', substr(scope, strpos(scope, ' ') - 1, 1)) - 1, 0)) STORED;

-- These rows have no owner's id; the writer knows it.
ALTER TABLE transfers ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER transfers_settle_once ON transfers;
DROP TRIGGER entries_stay ON entries;
UPDATE transfers SET shard = (SELECT a.shard FROM ledger_accounts a WHERE a.id = transfers.payer);
UPDATE entries SET shard = (SELECT a.shard FROM ledger_accounts a WHERE a.id = entries.account);
UPDATE deliveries SET shard = (SELECT e.shard FROM events e WHERE e.seq = deliveries.event);
CREATE TRIGGER transfers_settle_once BEFORE UPDATE ON transfers FOR EACH ROW
WHEN (OLD.state <> 0 OR NEW.amount <> OLD.amount OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee)
EXECUTE FUNCTION refuse_change('a settled transfer never changes');
CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW
EXECUTE FUNCTION refuse_change('entries never change and never go');

-- A chain for each eight shards; `place` counts in its chain. Entries from before have neither: they are the first chain.
ALTER TABLE audit ADD COLUMN shard INTEGER;
ALTER TABLE audit ADD COLUMN place BIGINT;
-- Where every chain ends, place and hash of each; the root of these is what `hash` says and what is signed.
ALTER TABLE audit_head ADD COLUMN heads BYTEA;
ALTER TABLE audit_checkpoints ADD COLUMN heads BYTEA;
