-- Methods proven by an attempt, names joined by commas: a later attempt for the same payment may build on them.
ALTER TABLE authentications ADD COLUMN proven TEXT NOT NULL DEFAULT '';
-- All methods that a payment was made with; `method` is the one of the last attempt.
ALTER TABLE receipts ADD COLUMN methods TEXT NOT NULL DEFAULT '';
