-- A payer's registered devices. Public keys only; a revoked row stays, so that its id is never registered again.
CREATE TABLE passkeys (
  id BYTEA PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 1023),
  account BYTEA NOT NULL REFERENCES payers (id),
  name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  counter BIGINT NOT NULL DEFAULT 0 CHECK (counter BETWEEN 0 AND 4294967295),
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT,
  -- 'payer' or 'cloned'
  revoked_by TEXT,
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX passkeys_account ON passkeys (account);

-- The shared secret of a payer's authenticator app, sealed; `last_step` is the newest 30-s step that paid or signed.
CREATE TABLE otp (
  account BYTEA PRIMARY KEY REFERENCES payers (id),
  sealed BYTEA NOT NULL,
  confirmed BIGINT NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
  last_step BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
