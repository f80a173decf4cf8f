-- Changes of published products that wait for staff: one row per product, which stays when the change has ended until the next one begins.
-- Statuses are numbers: enum catalog_change_status, by its place. `content_before` and `content_after` are a catalog.product_content of the
-- contract each; `fields` has a bit for each field in which they differ. `id` is in the order of time.
CREATE TABLE catalog.product_change (
    product_id     uuid PRIMARY KEY REFERENCES catalog.product,
    id             uuid NOT NULL,
    vendor_id      uuid NOT NULL,
    status         smallint NOT NULL CHECK (status BETWEEN 0 AND 3),
    fields         bigint NOT NULL CHECK (fields > 0),
    content_before bytea NOT NULL,
    content_after  bytea NOT NULL,
    reason         text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
    version        bigint NOT NULL CHECK (version > 0),
    opened_at      bigint NOT NULL,
    changed_at     bigint NOT NULL,
    ended_at       bigint,
    CONSTRAINT product_change_ends_once CHECK ((ended_at IS NOT NULL) = (status > 0)),
    CONSTRAINT product_change_is_rejected_for_a_reason CHECK ((reason <> '') = (status = 2))
);
CREATE INDEX product_change_open ON catalog.product_change (id) WHERE status = 0;
CREATE INDEX product_change_open_by_vendor ON catalog.product_change (vendor_id, id) WHERE status = 0;

-- Uploads that an open change needs. The reference keeps their files from being forgotten.
CREATE TABLE catalog.change_picture (
    product_id uuid NOT NULL REFERENCES catalog.product_change,
    digest     bytea NOT NULL REFERENCES catalog.picture_file,
    PRIMARY KEY (product_id, digest)
);
CREATE INDEX change_picture_by_digest ON catalog.change_picture (digest);

-- Who needs the files of a picture.
CREATE VIEW catalog.picture_use AS
    SELECT digest FROM catalog.product_picture UNION ALL SELECT digest FROM catalog.change_picture;
