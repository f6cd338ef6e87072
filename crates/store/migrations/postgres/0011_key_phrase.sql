-- The payer's own key phrase of a voice, sealed; gone with the template.
ALTER TABLE templates ADD COLUMN key_phrase BYTEA;
