-- E-mail addresses are looked up in lower case, in words that every engine understands.
CREATE UNIQUE INDEX payers_email_lower ON payers (lower(email));
