-- Two wallets whose faces look the same, found among payers who agreed to be searched. Nothing is blocked by it.
CREATE TABLE duplicate_reviews (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  account BYTEA NOT NULL REFERENCES payers (id),
  other BYTEA NOT NULL REFERENCES payers (id),
  found_at BIGINT NOT NULL,
  resolved_at BIGINT,
  resolution TEXT,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
  UNIQUE (account, other)
);
