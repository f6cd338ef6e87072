-- A consent is for one purpose and method, and keeps the digest of the text that was read.
ALTER TABLE consents ADD COLUMN purpose TEXT NOT NULL DEFAULT 'payment';
ALTER TABLE consents ADD COLUMN text_digest BLOB CHECK (text_digest IS NULL OR length(text_digest) = 32);
-- The payer who agreed for somebody under 14.
ALTER TABLE consents ADD COLUMN guardian BLOB REFERENCES payers (id);
-- When a newer consent for the same purpose and method took its place.
ALTER TABLE consents ADD COLUMN replaced_at INTEGER;
CREATE INDEX consents_guardian ON consents (guardian) WHERE guardian IS NOT NULL;

-- Until their 14th birthday a payer needs a guardian's consent. Nothing else of the birthday is kept.
ALTER TABLE payers ADD COLUMN minor_until INTEGER;

-- What the payer was given: signed by this installation, its digest in the audit chain.
ALTER TABLE templates ADD COLUMN receipt TEXT;
