-- All keys of a merchant in one table: what kind, what they may do, how often, since when, until when.
ALTER TABLE api_keys ADD COLUMN id BLOB;
ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'secret';
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN per_minute INTEGER NOT NULL DEFAULT 6000;
ALTER TABLE api_keys ADD COLUMN version TEXT NOT NULL DEFAULT '2026-11-24';
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
UPDATE api_keys SET id = randomblob(16);
INSERT INTO api_keys (key_hash, merchant, label, created_at, revoked_at, id, kind, scopes, per_minute)
SELECT key_hash, merchant, label, created_at, revoked_at, id, 'faces', scopes, per_minute FROM restricted_keys;
DROP TABLE restricted_keys;
CREATE UNIQUE INDEX api_keys_id ON api_keys (id);
CREATE INDEX api_keys_merchant ON api_keys (merchant, created_at, id);
