-- Who runs the installation: decides disputes, reads the books. Lives in no owner's shard.
CREATE TABLE operators (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  shard INTEGER NOT NULL DEFAULT 0,
  key_hash BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;

-- Where an order is. `late_at`: when it was noticed that the promise was broken; 0: an order from before, which nobody watches.
ALTER TABLE intents ADD COLUMN shipped_at INTEGER;
ALTER TABLE intents ADD COLUMN delivered_at INTEGER;
ALTER TABLE intents ADD COLUMN tracking TEXT;
ALTER TABLE intents ADD COLUMN late_at INTEGER;
UPDATE intents SET late_at = 0 WHERE order_status = 'confirmed';
CREATE INDEX intents_awaited ON intents (promised_at) WHERE late_at IS NULL AND order_status IN ('confirmed', 'shipped');
