-- Keys that may do only what they are for, and faces that merchants keep with their people's consent.

CREATE TABLE restricted_keys (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  key_hash BYTEA NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  merchant BYTEA NOT NULL REFERENCES merchants (id),
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  per_minute BIGINT NOT NULL CHECK (per_minute > 0),
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX restricted_keys_merchant ON restricted_keys (merchant);

CREATE TABLE collections (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  merchant BYTEA NOT NULL REFERENCES merchants (id),
  name TEXT NOT NULL,
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX collections_merchant ON collections (merchant);

-- A person's id is also the id of the template's keys in the vault. Erased people stay as tombstones with their proof.
CREATE TABLE persons (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  collection BYTEA NOT NULL REFERENCES collections (id),
  reference TEXT,
  digits_tag BYTEA,
  consent_text_version TEXT NOT NULL,
  model TEXT NOT NULL,
  views BIGINT NOT NULL,
  sealed BYTEA,
  created_at BIGINT NOT NULL,
  erased_at BIGINT,
  proof TEXT,
  CHECK ((erased_at IS NULL) = (sealed IS NOT NULL)),
  CHECK ((erased_at IS NULL) = (reference IS NOT NULL))
);
CREATE INDEX persons_collection ON persons (collection);

CREATE TABLE face_reviews (
  id BYTEA PRIMARY KEY CHECK (length(id) = 16),
  collection BYTEA NOT NULL REFERENCES collections (id),
  person BYTEA NOT NULL REFERENCES persons (id),
  other BYTEA NOT NULL REFERENCES persons (id),
  found_at BIGINT NOT NULL,
  resolved_at BIGINT,
  resolution TEXT,
  CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX face_reviews_open ON face_reviews (collection) WHERE resolved_at IS NULL;
