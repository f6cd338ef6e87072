-- What narrows a kiosk's search to a few wallets: a keyed hash of the last four digits of a phone number. Nothing else of the
-- number is kept.
CREATE TABLE phones (
  account BLOB PRIMARY KEY REFERENCES payers (id),
  tag BLOB NOT NULL CHECK (length(tag) = 32),
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX phones_tag ON phones (tag);

-- A capture at a shop's kiosk. Its payer is known when a challenge stands in it, not before.
CREATE TABLE kiosk_attempts (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL REFERENCES intents (id),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  kiosk BLOB NOT NULL REFERENCES api_keys (id),
  tag BLOB NOT NULL CHECK (length(tag) = 32),
  steps TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  state TEXT NOT NULL CHECK (state IN ('issued', 'taken', 'known', 'done', 'replaced')),
  challenge BLOB REFERENCES challenges (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  CHECK ((state = 'known') = (challenge IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX kiosk_attempts_intent ON kiosk_attempts (intent);

-- The attempt at a kiosk that it was made for, once its payer was known.
ALTER TABLE challenges ADD COLUMN kiosk BLOB;

-- Where they live: crates/store/src/shard.rs.
ALTER TABLE phones ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(account), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(account), 32, 1)) - 1) VIRTUAL;
ALTER TABLE kiosk_attempts ADD COLUMN shard INTEGER GENERATED ALWAYS AS
  ((instr('0123456789ABCDEF', substr(hex(merchant), 31, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(merchant), 32, 1)) - 1) VIRTUAL;
