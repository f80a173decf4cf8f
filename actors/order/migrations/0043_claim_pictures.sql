-- Pictures that buyers show of what they claim. Their files are kept by gateways; here is which there are and who uses them, as in
-- catalog.picture_file.
CREATE TABLE "order".picture_file (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    touched_at bigint NOT NULL,
    is_going   boolean NOT NULL DEFAULT false,
    told_at    bigint CHECK (told_at IS NULL OR is_going)
);
CREATE INDEX picture_file_by_age ON "order".picture_file (touched_at);

CREATE TABLE "order".claim_picture (
    claim_id uuid NOT NULL REFERENCES "order".order_claim,
    place    bigint NOT NULL CHECK (place BETWEEN 1 AND 5),
    id       uuid NOT NULL,
    digest   bytea NOT NULL REFERENCES "order".picture_file,
    width    integer NOT NULL CHECK (width BETWEEN 1 AND 65535),
    height   integer NOT NULL CHECK (height BETWEEN 1 AND 65535),
    PRIMARY KEY (claim_id, place)
);
CREATE INDEX claim_picture_by_digest ON "order".claim_picture (digest);
