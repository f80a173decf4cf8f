-- Pictures that were uploaded. Their files are kept by gateways, outside of this database; here is which there are and who uses them.

-- A picture whose files have been written, or are about to be. The lock of its row decides between whoever begins to use it and
-- whoever is about to delete its files.
CREATE TABLE catalog.picture_file (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    touched_at bigint NOT NULL,          -- when somebody last said that he would use it
    is_going   boolean NOT NULL DEFAULT false,
    told_at    bigint CHECK (told_at IS NULL OR is_going) -- when a gateway was last told to delete its files
);
CREATE INDEX picture_file_by_age ON catalog.picture_file (touched_at);

-- In the order of their places. The reference keeps a picture in use from being forgotten.
CREATE TABLE catalog.product_picture (
    product_id uuid NOT NULL REFERENCES catalog.product,
    id         uuid NOT NULL,
    place      smallint NOT NULL CHECK (place BETWEEN 1 AND 20),
    digest     bytea NOT NULL REFERENCES catalog.picture_file,
    width      integer NOT NULL CHECK (width BETWEEN 1 AND 65535),
    height     integer NOT NULL CHECK (height BETWEEN 1 AND 65535),
    alt        text NOT NULL CHECK (char_length(alt) <= 500),
    PRIMARY KEY (product_id, id)
);
CREATE INDEX product_picture_by_digest ON catalog.product_picture (digest);

-- Address of the first of them, below the market's own; NULL: the product has none.
ALTER TABLE catalog.product ADD COLUMN picture text CHECK (picture LIKE '/media/%');
