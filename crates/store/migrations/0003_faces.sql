-- Keys that may do only what they are for, and faces that merchants keep with their people's consent.

CREATE TABLE restricted_keys (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  key_hash BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  per_minute INTEGER NOT NULL CHECK (per_minute > 0),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;
CREATE INDEX restricted_keys_merchant ON restricted_keys (merchant);

CREATE TABLE collections (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  merchant BLOB NOT NULL REFERENCES merchants (id),
  name TEXT NOT NULL,
  purpose TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX collections_merchant ON collections (merchant);

-- A person's id is also the id of the template's keys in the vault. Erased people stay as tombstones with their proof.
CREATE TABLE persons (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  collection BLOB NOT NULL REFERENCES collections (id),
  reference TEXT,
  digits_tag BLOB,
  consent_text_version TEXT NOT NULL,
  model TEXT NOT NULL,
  views INTEGER NOT NULL,
  sealed BLOB,
  created_at INTEGER NOT NULL,
  erased_at INTEGER,
  proof TEXT,
  CHECK ((erased_at IS NULL) = (sealed IS NOT NULL)),
  CHECK ((erased_at IS NULL) = (reference IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX persons_collection ON persons (collection);

CREATE TABLE face_reviews (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  collection BLOB NOT NULL REFERENCES collections (id),
  person BLOB NOT NULL REFERENCES persons (id),
  other BLOB NOT NULL REFERENCES persons (id),
  found_at INTEGER NOT NULL,
  resolved_at INTEGER,
  resolution TEXT,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL))
) WITHOUT ROWID;
CREATE INDEX face_reviews_open ON face_reviews (collection) WHERE resolved_at IS NULL;
