-- A template may grow older with its payer, or be made anew with another recogniser, under the same keys.
ALTER TABLE templates ADD COLUMN changed_at INTEGER;
ALTER TABLE templates ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
