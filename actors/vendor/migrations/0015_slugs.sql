-- Slugs lead to one vendor each, and those that a vendor had before lead to it, too (actors/host/slug_book.h).
CREATE TABLE vendor.slug (
    slug       text COLLATE "C" PRIMARY KEY,
    subject_id uuid NOT NULL,
    is_current boolean NOT NULL,
    given_at   bigint NOT NULL
);
-- The last ten of the 26 characters of an id in Crockford's base32.
CREATE FUNCTION vendor.id_tail(id uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        (('x' || right(replace(id::text, '-', ''), 13))::bit(52)::bigint >> 5 * g & 31)::integer + 1, 1), '' ORDER BY g DESC)
    FROM generate_series(0, 9) g
$$;
-- Of several that have one slug the oldest keeps it.
UPDATE vendor.vendor v SET slug = CASE WHEN octet_length(v.slug) > 189 THEN left(v.slug, 45) ELSE v.slug END || '-' || vendor.id_tail(v.id)
    FROM (SELECT id, row_number() OVER (PARTITION BY slug ORDER BY created_at, id) AS place FROM vendor.vendor) o
    WHERE o.id = v.id AND (o.place > 1 OR v.slug = '');
INSERT INTO vendor.slug SELECT slug, id, true, created_at FROM vendor.vendor ON CONFLICT DO NOTHING;
CREATE UNIQUE INDEX slug_current ON vendor.slug (subject_id) WHERE is_current;
CREATE INDEX slug_former ON vendor.slug (subject_id) WHERE NOT is_current;
DROP FUNCTION vendor.id_tail(uuid);

-- What search engines are told, where it is not the name and the description.
ALTER TABLE vendor.vendor ADD COLUMN seo_title text, ADD COLUMN seo_description text,
    ADD CONSTRAINT vendor_seo_is_short CHECK (length(seo_title) BETWEEN 1 AND 200 AND length(seo_description) BETWEEN 1 AND 500);
