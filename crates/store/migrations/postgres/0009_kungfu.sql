-- What was chosen to pay with by kungfu: a tattoo or a pet. Other methods have no kind.
ALTER TABLE enrolments ADD COLUMN kind TEXT CHECK (kind IS NULL OR kind IN ('tattoo', 'pet'));
ALTER TABLE templates ADD COLUMN kind TEXT CHECK (kind IS NULL OR kind IN ('tattoo', 'pet'));
-- Every new object is compared with these.
CREATE INDEX templates_objects ON templates (kind, created_at) WHERE kind IS NOT NULL AND state = 'active';
