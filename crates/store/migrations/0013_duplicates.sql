-- Two wallets whose faces look the same, found among payers who agreed to be searched. Nothing is blocked by it.
CREATE TABLE duplicate_reviews (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account BLOB NOT NULL REFERENCES payers (id),
  other BLOB NOT NULL REFERENCES payers (id),
  found_at INTEGER NOT NULL,
  resolved_at INTEGER,
  resolution TEXT,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL)),
  UNIQUE (account, other)
) WITHOUT ROWID;
