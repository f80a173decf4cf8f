-- How the characters of a file are written, as its vendor has said it; NULL: its bytes say. A node of the version before says nothing and reads
-- by the bytes.
ALTER TABLE catalog.import_job ADD COLUMN encoding smallint CHECK (encoding BETWEEN 0 AND 3); -- enum encoding
