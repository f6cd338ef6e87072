-- What a payer switched off for the camera. No row: everything is asked for.
CREATE TABLE abilities (
    account    BYTEA PRIMARY KEY REFERENCES payers (id),
    smiles     BIGINT NOT NULL CHECK (smiles IN (0, 1)),
    turns      BIGINT NOT NULL CHECK (turns IN (0, 1)),
    colours    BIGINT NOT NULL CHECK (colours IN (0, 1)),
    changed_at BIGINT NOT NULL
);
