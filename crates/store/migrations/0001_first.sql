-- Ids are 16-byte UUIDs, times are milliseconds since 1970 (UTC), amounts are minor units, hashes are SHA-256.

CREATE TABLE ledger_accounts (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  owner BLOB NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  posted INTEGER NOT NULL DEFAULT 0,
  pending_out INTEGER NOT NULL DEFAULT 0 CHECK (pending_out >= 0),
  pending_in INTEGER NOT NULL DEFAULT 0 CHECK (pending_in >= 0),
  CHECK (kind = 'funding' OR posted - pending_out >= 0)
) WITHOUT ROWID;
CREATE INDEX ledger_accounts_owner ON ledger_accounts (owner);

-- A transfer's accounts and amount never change; its state leaves 0 (pending) once.
CREATE TABLE transfers (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  payer BLOB NOT NULL REFERENCES ledger_accounts (id),
  payee BLOB NOT NULL REFERENCES ledger_accounts (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)),
  posted INTEGER CHECK ((state = 1) = (posted IS NOT NULL) AND posted BETWEEN 1 AND amount),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX transfers_pending ON transfers (expires_at) WHERE state = 0;
CREATE TRIGGER transfers_settle_once BEFORE UPDATE ON transfers
WHEN OLD.state <> 0 OR NEW.amount <> OLD.amount OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee
BEGIN SELECT RAISE(ABORT, 'a settled transfer never changes'); END;

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  transfer BLOB NOT NULL,
  account BLOB NOT NULL,
  minor INTEGER NOT NULL CHECK (minor <> 0)
);
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries never go'); END;

CREATE TABLE payers (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL,
  passphrase_hash TEXT NOT NULL,
  audit_salt BLOB NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  id BLOB NOT NULL,
  account BLOB NOT NULL REFERENCES payers (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE consents (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account BLOB NOT NULL REFERENCES payers (id),
  method TEXT NOT NULL,
  text_version TEXT NOT NULL,
  locale TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  withdrawn_at INTEGER
) WITHOUT ROWID;
CREATE INDEX consents_account ON consents (account);

CREATE TABLE enrolments (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account BLOB NOT NULL REFERENCES payers (id),
  method TEXT NOT NULL,
  consent BLOB NOT NULL REFERENCES consents (id),
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  state TEXT NOT NULL CHECK (state IN ('open', 'capturing', 'completed', 'failed')),
  tries INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE templates (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account BLOB NOT NULL REFERENCES payers (id),
  method TEXT NOT NULL,
  model TEXT NOT NULL,
  views INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'superseded', 'erased')),
  sealed BLOB,
  created_at INTEGER NOT NULL,
  small_amounts_until INTEGER NOT NULL,
  last_used_at INTEGER,
  erased_at INTEGER,
  proof TEXT,
  CHECK ((state = 'erased') = (sealed IS NULL))
) WITHOUT ROWID;
CREATE INDEX templates_account ON templates (account, method);
CREATE UNIQUE INDEX templates_one_active ON templates (account, method) WHERE state = 'active';

CREATE TABLE notices (
  seq INTEGER PRIMARY KEY,
  account BLOB NOT NULL REFERENCES payers (id),
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX notices_account ON notices (account, seq);

CREATE TABLE merchants (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
  key_hash BLOB PRIMARY KEY CHECK (length(key_hash) = 32),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;

CREATE TABLE webhook_endpoints (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  url TEXT NOT NULL,
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) WITHOUT ROWID;
CREATE INDEX webhook_endpoints_merchant ON webhook_endpoints (merchant);

-- An intent and its order are one row: they are born together and confirmed together.
CREATE TABLE intents (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
  success_url TEXT,
  payer BLOB REFERENCES payers (id),
  receipt BLOB,
  transfer BLOB,
  refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
  last_error TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  order_id BLOB NOT NULL UNIQUE,
  order_status TEXT NOT NULL,
  item TEXT NOT NULL,
  ship_to TEXT NOT NULL,
  delivery_days INTEGER NOT NULL,
  promised_at INTEGER,
  CHECK ((status = 'succeeded') = (transfer IS NOT NULL))
) WITHOUT ROWID;
CREATE TRIGGER intents_terms_stay BEFORE UPDATE OF amount, currency, merchant ON intents
BEGIN SELECT RAISE(ABORT, 'the terms of an intent never change'); END;

CREATE TABLE challenges (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL REFERENCES intents (id),
  account BLOB NOT NULL REFERENCES payers (id),
  method TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  merchant BLOB NOT NULL,
  steps TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  state TEXT NOT NULL CHECK (state IN ('issued', 'taken', 'done', 'replaced')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX challenges_intent ON challenges (intent);

-- One row for each judged attempt. No scores: outcome and reason codes only.
CREATE TABLE authentications (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL REFERENCES intents (id),
  account BLOB NOT NULL REFERENCES payers (id),
  challenge BLOB UNIQUE REFERENCES challenges (id),
  method TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('allow', 'step_up', 'deny', 'retake')),
  reasons TEXT NOT NULL,
  decided_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX authentications_intent ON authentications (intent);

CREATE TABLE failures (
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  failures INTEGER NOT NULL,
  locked_until INTEGER,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (account, device)
) WITHOUT ROWID;

CREATE TABLE fingerprints (
  seq INTEGER PRIMARY KEY,
  account BLOB NOT NULL,
  hashes BLOB NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX fingerprints_account ON fingerprints (account, seq);

CREATE TABLE receipts (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL,
  account BLOB NOT NULL,
  method TEXT NOT NULL,
  transfer BLOB NOT NULL,
  paid_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX receipts_account ON receipts (account, paid_at);

CREATE TABLE refunds (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  intent BLOB NOT NULL REFERENCES intents (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  transfer BLOB NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX refunds_intent ON refunds (intent);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  merchant BLOB NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE deliveries (
  event INTEGER NOT NULL REFERENCES events (seq),
  endpoint BLOB NOT NULL REFERENCES webhook_endpoints (id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  last_error TEXT,
  PRIMARY KEY (event, endpoint)
) WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';

CREATE TABLE idempotency (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
  status INTEGER,
  reply TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Hash chain: each hash covers the one before it. The head is signed at every commit that extends it.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject BLOB NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE audit_checkpoints (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64)
);
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32)
);
