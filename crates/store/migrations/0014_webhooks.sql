-- Webhook endpoints: a second secret while the first is being changed, the kinds of events that are wanted, deleted ones.
ALTER TABLE webhook_endpoints ADD COLUMN old_secret BLOB;
ALTER TABLE webhook_endpoints ADD COLUMN old_secret_until INTEGER;
ALTER TABLE webhook_endpoints ADD COLUMN kinds TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_endpoints ADD COLUMN deleted_at INTEGER;

-- Tries of a delivery end three days after this; a replay sets it anew.
ALTER TABLE deliveries ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN tried_at INTEGER;
UPDATE deliveries SET since = (SELECT e.created_at FROM events e WHERE e.seq = deliveries.event);
CREATE INDEX deliveries_endpoint ON deliveries (endpoint, event);
