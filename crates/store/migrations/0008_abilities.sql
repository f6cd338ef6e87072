-- What a payer switched off for the camera. No row: everything is asked for.
CREATE TABLE abilities (
    account    BLOB PRIMARY KEY REFERENCES payers (id),
    smiles     INTEGER NOT NULL CHECK (smiles IN (0, 1)),
    turns      INTEGER NOT NULL CHECK (turns IN (0, 1)),
    colours    INTEGER NOT NULL CHECK (colours IN (0, 1)),
    changed_at INTEGER NOT NULL
);
