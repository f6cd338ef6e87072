-- What narrows a kiosk's search to a few wallets: a keyed hash of the last four digits of a phone number. Nothing else of the
-- number is kept.
CREATE TABLE phones (
  account BYTEA PRIMARY KEY REFERENCES payers (id),
  tag BYTEA NOT NULL CHECK (length(tag) = 32),
  changed_at BIGINT NOT NULL
);
CREATE INDEX phones_tag ON phones (tag);

-- A capture at a shop's kiosk. Its payer is known when a challenge stands in it, not before.
CREATE TABLE kiosk_attempts (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  intent BYTEA NOT NULL REFERENCES intents (id),
  merchant BYTEA NOT NULL REFERENCES merchants (id),
  kiosk BYTEA NOT NULL REFERENCES api_keys (id),
  tag BYTEA NOT NULL CHECK (length(tag) = 32),
  steps TEXT NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  state TEXT NOT NULL CHECK (state IN ('issued', 'taken', 'known', 'done', 'replaced')),
  challenge BYTEA REFERENCES challenges (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  CHECK ((state = 'known') = (challenge IS NOT NULL))
);
CREATE INDEX kiosk_attempts_intent ON kiosk_attempts (intent);

-- The attempt at a kiosk that it was made for, once its payer was known.
ALTER TABLE challenges ADD COLUMN kiosk BYTEA;

-- Where they live: crates/store/src/shard.rs.
ALTER TABLE phones ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(account, 15)) STORED;
ALTER TABLE kiosk_attempts ADD COLUMN shard INTEGER GENERATED ALWAYS AS (get_byte(merchant, 15)) STORED;
