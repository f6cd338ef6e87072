-- A template may grow older with its payer, or be made anew with another recogniser, under the same keys.
ALTER TABLE templates ADD COLUMN changed_at BIGINT;
ALTER TABLE templates ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
